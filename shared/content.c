#include "shared/content.h"

#include <stddef.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"

/* What is about a message or about the moment, and nothing that somebody
   would want to read later; name NULL: anything in the namespace. */
static const struct {
	const char *ns, *name;
} passing[] = {
	{ NS_CHATSTATES, NULL },
	{ NS_HINTS, NULL },
	{ NS_CLIENT, "thread" },
	{ NS_SID, NULL },
	{ NS_DELAY, NULL },
	{ NS_DELAY_OLD, NULL },
	{ NS_RECEIPTS, "request" },
	{ NS_CHAT_MARKERS, "markable" },
	{ NS_CARBONS, NULL },
	{ NS_NICK, NULL },
	{ NS_SHIM, NULL },
};

static bool
is_passing(const struct xml *el)
{
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (str_same(el->ns, passing[i].ns) &&
		    (passing[i].name == NULL ||
		     str_same(el->name, passing[i].name)))
			return true;
	return false;
}

bool
content_lasts_beside(const struct xml *message, const struct xml *child)
{
	for (const struct xml *el = message->first; el; el = el->next)
		if (el != child && el->name != NULL && !is_passing(el))
			return true;
	return false;
}

bool
content_lasts(const struct xml *message)
{
	return content_lasts_beside(message, NULL);
}

/* Of XEP-0380, which is there for that; and of XEP-0384, XEP-0373 and XEP-0027
   by themselves. */
static const struct {
	const char *ns, *name;
} signs[] = {
	{ NS_EME, "encryption" },
	{ "eu.siacs.conversations.axolotl", "encrypted" },
	{ "urn:xmpp:omemo:0", "encrypted" },
	{ "urn:xmpp:omemo:1", "encrypted" },
	{ "urn:xmpp:omemo:2", "encrypted" },
	{ "urn:xmpp:openpgp:0", "openpgp" },
	{ "jabber:x:encrypted", "x" },
};

static bool
is_sign(const struct xml *el)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (xml_is(el, signs[i].ns, signs[i].name))
			return true;
	return false;
}

bool
content_is_encrypted(const struct xml *message)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (xml_child(message, signs[i].ns, signs[i].name) != NULL)
			return true;
	return false;
}

/* How deep elements are in each other is a limit of the parser. */
static void
add_text(struct str *out, const struct xml *el)
{
	for (el = el->first; el != NULL; el = el->next)
		if (el->text != NULL)
			str_addz(out, el->text);
		else
			add_text(out, el);
}

static void
add_line(struct str *out, const char *line)
{
	str_addf(out, "%s%s", out->len > 0 ? "\n" : "", line);
}

/* NULL when there is none. */
static const char *
take(struct arena *arena, struct str *text)
{
	const char *copy = text->len == 0 ? NULL :
			   arena_dup(arena, text->data, text->len);

	str_fini(text);
	return copy;
}

const char *
content_bodies(struct arena *arena, const struct xml *message)
{
	const struct xml *el = xml_child(message, NS_CLIENT, "body");
	struct str all = { 0 }, one = { 0 };
	const char *text;

	if (el == NULL)
		return NULL;
	for (; el != NULL; el = xml_next(el, NS_CLIENT, "body")) {
		str_clear(&one);
		add_text(&one, el);
		if (one.len > 0)
			add_line(&all, one.data);
	}
	str_fini(&one);
	text = take(arena, &all);
	return text != NULL ? text : "";
}

/* Formatted text follows the body that it is another form of. */
static bool
is_last(const struct str *all, const struct str *one)
{
	return all->len >= one->len &&
	       memcmp(all->data + all->len - one->len, one->data,
		      one->len) == 0;
}

const char *
content_written(struct arena *arena, const struct xml *message)
{
	struct str all = { 0 }, one = { 0 };
	const struct xml *el;

	for (el = xml_child(message, NULL, NULL); el != NULL;
	     el = xml_next(el, NULL, NULL)) {
		str_clear(&one);
		if (!is_passing(el) && !is_sign(el))
			add_text(&one, el);
		if (one.len > 0 && !is_last(&all, &one))
			add_line(&all, one.data);
	}
	str_fini(&one);
	return take(arena, &all);
}

bool
content_hints(const struct xml *message, const char *hint)
{
	return xml_child(message, NS_HINTS, hint) != NULL;
}
