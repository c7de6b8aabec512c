#include "components/archive/rules/exhibit.h"

#include <stddef.h>
#include <string.h>

#include "components/archive/rules/offer.h"
#include "components/archive/rules/plain.h"
#include "shared/arena.h"
#include "shared/content.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/jid_routed.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define NS_XHTML "http://www.w3.org/1999/xhtml"

static const char *const blocks[] = {
	"blockquote", "body", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3",
	"h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre", "table", "td",
	"th", "tr", "ul",
};

/* What people are shown, or follow. */
static const char *const shown[] = {
	"alt", "href", "label", "reason", "src", "target", "title", "uri",
};

static const struct {
	const char *name;
	unsigned kind;
} kinds[] = {
	{ "message", EXHIBIT_MESSAGE },
	{ "subscription", EXHIBIT_SUBSCRIPTION },
	{ "iq", EXHIBIT_IQ },
	{ "file", EXHIBIT_FILE },
};

static const unsigned kind_of[] = {
	[STANZA_MESSAGE] = EXHIBIT_MESSAGE,
	[STANZA_PRESENCE] = EXHIBIT_SUBSCRIPTION,
	[STANZA_IQ] = EXHIBIT_IQ,
};

static bool
is_at(const char *domain, const char *host)
{
	size_t len = strlen(domain), host_len = strlen(host);

	return len >= host_len &&
	       strcmp(domain + len - host_len, host) == 0 &&
	       (len == host_len || domain[len - host_len - 1] == '.');
}

static bool
is_outside(const struct hook *hook, const struct jid *jid)
{
	const char *host;

	if (jid == NULL)
		return false;
	for (size_t i = 0; (host = hook_host_named(hook, i)) != NULL; i++)
		if (is_at(jid->domain, host))
			return false;
	return true;
}

/* A service goes by the value. */
static bool
is_delivered(const struct xml *address)
{
	const char *text = xml_attr(address, "delivered");

	return text != NULL && (str_same(text, "true") || str_same(text, "1"));
}

static bool
is_sent_on(const struct xml *address)
{
	const char *type = xml_attr(address, "type");

	return type != NULL && !is_delivered(address) &&
	       (str_same(type, "to") || str_same(type, "cc") ||
		str_same(type, "bcc"));
}

/* What is no address is sent to nobody. */
static void
add_addressee(struct exhibit *exhibit, const struct hook *hook,
	      const struct xml *address)
{
	const char *text = xml_attr(address, "jid");
	struct exhibit_addressee *one;
	const struct jid *jid;
	struct error err;

	if (text == NULL || !is_sent_on(address) ||
	    jid_routed(exhibit->arena, text, &jid, &err) < 0)
		return;
	one = arena_alloc(exhibit->arena, sizeof(*one));
	*one = (struct exhibit_addressee){
		jid->bare, is_outside(hook, jid), exhibit->addressees,
	};
	exhibit->addressees = one;
}

/* Services have no local part; to people such addresses only say who else has
   it. */
static void
find_addressees(struct exhibit *exhibit, const struct hook *hook)
{
	const struct stanza *stanza = exhibit->stanza;
	const struct xml *list, *el;
	size_t count = 0;

	if (stanza->to == NULL || *stanza->to->local != '\0' ||
	    stanza->kind != STANZA_MESSAGE)
		return;
	list = xml_child(stanza->el, NS_ADDRESS, "addresses");
	for (; list != NULL; list = xml_next(list, NS_ADDRESS, "addresses")) {
		el = xml_child(list, NS_ADDRESS, "address");
		for (; el != NULL && count < EXHIBIT_ADDRESSEES_MAX;
		     el = xml_next(el, NS_ADDRESS, "address")) {
			add_addressee(exhibit, hook, el);
			count++;
		}
		exhibit->crowded = exhibit->crowded || el != NULL;
	}
}

/* No recipient is the sender's own account (RFC 6120 section 8.1.1). */
struct exhibit
exhibit_of(struct arena *arena, const struct hook *hook,
	   const struct stanza *stanza, int64_t stamp)
{
	const struct jid *from = stanza->from;
	const struct jid *to = stanza->to != NULL ? stanza->to : from;

	struct exhibit exhibit = {
		.arena = arena, .stanza = stanza, .stamp = stamp,
		.sender = from == NULL ? "" : from->bare,
		.recipient = to == NULL ? "" : to->bare,
		.sender_outside = is_outside(hook, from),
		.recipient_outside = is_outside(hook, to),
	};

	find_addressees(&exhibit, hook);
	return exhibit;
}

bool
exhibit_any(const struct exhibit *exhibit, exhibit_fn *fn, const void *ctx)
{
	const struct exhibit_addressee first = {
		exhibit->recipient, exhibit->recipient_outside,
		exhibit->addressees,
	};
	const struct exhibit_addressee *one = &first;

	while (one != NULL && !fn(ctx, exhibit, one))
		one = one->next;
	return one != NULL;
}

bool
exhibit_is(const struct exhibit *exhibit, unsigned wanted)
{
	if ((kind_of[exhibit->stanza->kind] & wanted) != 0)
		return true;
	return (wanted & EXHIBIT_FILE) != 0 &&
	       (exhibit->unclear || offer_is_attached(exhibit->stanza->el));
}

int
exhibit_offers(struct exhibit *exhibit, const struct offer **offers_r,
	       struct error *err)
{
	if (!exhibit->searched &&
	    offer_find_all(exhibit->arena, exhibit->stanza->el,
			   exhibit->until_ns, &exhibit->offers, err) < 0)
		return -1;
	exhibit->searched = true;
	*offers_r = exhibit->offers;
	return 0;
}

bool
exhibit_is_encrypted(const struct exhibit *exhibit)
{
	return exhibit->stanza->kind == STANZA_MESSAGE &&
	       content_is_encrypted(exhibit->stanza->el);
}

bool
exhibit_takes_more(const struct exhibit *exhibit)
{
	return exhibit->stanza->kind == STANZA_MESSAGE &&
	       xml_child(exhibit->stanza->el, NS_CLIENT, "body") != NULL &&
	       !exhibit_is_encrypted(exhibit);
}

/* Whether words end where it begins and ends.  Of XHTML that is known; others
   may be anything. */
static bool
parts_words(const struct xml *el)
{
	if (!str_same(el->ns, NS_XHTML))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++)
		if (str_same(el->name, blocks[i]))
			return true;
	return false;
}

/* How deep elements are in each other is a limit of the parser. */
static void
add_text(struct str *out, const struct xml *el, bool parted)
{
	for (el = el->first; el != NULL; el = el->next) {
		bool parts = parted && el->text == NULL && parts_words(el);

		if (parts)
			str_addc(out, ' ');
		if (el->text != NULL)
			str_addz(out, el->text);
		else
			add_text(out, el, parted);
		if (parts)
			str_addc(out, ' ');
	}
}

static void
add_attributes(struct str *out, const struct xml *el)
{
	for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
		const char *value = xml_attr(el, shown[i]);

		if (value != NULL)
			str_addf(out, "%s%s", out->len > 0 ? "\n" : "",
				 value);
	}
	for (el = el->first; el != NULL; el = el->next)
		if (el->text == NULL)
			add_attributes(out, el);
}

/* Copies it, and empties it. */
static const char *
take(struct arena *arena, struct str *text)
{
	const char *copy = arena_dup(arena, text->data, text->len);

	str_clear(text);
	return copy;
}

#define TEXTS_OF_PART 3

/* Returns how many there are. */
static size_t
add_part(struct arena *arena, const struct xml *el, const char **texts)
{
	struct str text = { 0 };
	size_t count = 0;

	add_text(&text, el, false);
	texts[count++] = take(arena, &text);
	if (xml_child(el, NULL, NULL) != NULL) {
		add_text(&text, el, true);
		texts[count++] = take(arena, &text);
	}
	add_attributes(&text, el);
	if (text.len > 0)
		texts[count++] = take(arena, &text);
	str_fini(&text);
	return count;
}

static bool
is_ciphertext(const struct xml *el)
{
	return str_same(el->name, "encrypted") ||
	       str_same(el->name, "openpgp") ||
	       str_same(el->ns, "jabber:x:encrypted");
}

static const char *const *
parts_of(struct exhibit *exhibit)
{
	const struct xml *el = xml_child(exhibit->stanza->el, NULL, NULL);
	bool encrypted = exhibit_is_encrypted(exhibit);
	const char **parts;
	size_t count = 0;

	if (exhibit->parts != NULL)
		return exhibit->parts;
	for (const struct xml *next = el; next != NULL;
	     next = xml_next(next, NULL, NULL))
		count++;
	parts = arena_alloc(exhibit->arena, (TEXTS_OF_PART * count + 1) *
			    sizeof(*parts));
	for (count = 0; el != NULL; el = xml_next(el, NULL, NULL))
		if (!encrypted || !is_ciphertext(el))
			count += add_part(exhibit->arena, el, parts + count);
	exhibit->parts = parts;
	return parts;
}

typedef const char *form_fn(struct arena *arena, const char *text,
			    uint64_t until_ns);

/* Those as they are, and in another form. */
static int
with_form(struct exhibit *exhibit, form_fn *fn, const char *const **texts_r,
	  struct error *err)
{
	const char *const *parts = parts_of(exhibit);
	const char **all;
	size_t count = 0, sum;

	while (parts[count] != NULL)
		count++;
	all = arena_alloc(exhibit->arena, (2 * count + 1) * sizeof(*all));
	memcpy(all, parts, count * sizeof(*all));
	sum = count;
	for (size_t i = 0; i < count; i++) {
		const char *form = fn(exhibit->arena, parts[i],
				      exhibit->until_ns);

		if (form == NULL)
			return error_set(err, ERROR_RESOURCE_CONSTRAINT,
					 "it takes too long to read");
		if (!str_same(form, parts[i]))
			all[sum++] = form;
	}
	*texts_r = all;
	return 0;
}

int
exhibit_texts(struct exhibit *exhibit, const char *const **texts_r,
	      struct error *err)
{
	if (exhibit->texts == NULL &&
	    with_form(exhibit, plain_text_until, &exhibit->texts, err) < 0)
		return -1;
	*texts_r = exhibit->texts;
	return 0;
}

int
exhibit_folded(struct exhibit *exhibit, const char *const **texts_r,
	       struct error *err)
{
	if (exhibit->folded == NULL &&
	    with_form(exhibit, plain_fold_until, &exhibit->folded, err) < 0)
		return -1;
	*texts_r = exhibit->folded;
	return 0;
}

static unsigned
find_kind(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].kind;
	return 0;
}

int
exhibit_read_kinds(const char *const *names, unsigned *kinds_r,
		   struct error *err)
{
	*kinds_r = names[0] == NULL ? ~0u : 0;
	for (; *names != NULL; names++) {
		unsigned kind = find_kind(*names);

		if (kind == 0)
			return error_set(err, ERROR_BAD_REQUEST, "%.40s is "
					 "none of message, subscription, iq "
					 "and file", *names);
		*kinds_r |= kind;
	}
	return 0;
}
