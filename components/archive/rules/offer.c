#include "components/archive/rules/offer.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "components/archive/rules/hostname.h"
#include "components/archive/rules/pattern.h"
#include "components/archive/rules/plain.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"

#define NS_OOB_IQ "jabber:iq:oob"
#define NS_BOB "urn:xmpp:bob"

#define BLANKS " \t\r\n"

/* Of the host of a URL, as it is written: some forms of a name are long. */
#define HOST_MAX 4096

struct finder {
	struct arena *arena;
	uint64_t until_ns;
	struct offer *first;
	size_t count;
	int ret;		/* -1 with err: nothing more is looked for */
	struct error *err;
};

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* The next element in the order of their start tags. */
static const struct xml *
next_element(const struct xml *root, const struct xml *el)
{
	const struct xml *next = xml_child(el, NULL, NULL);

	for (; next == NULL && el != root; el = el->parent)
		next = xml_next(el, NULL, NULL);
	return next;
}

static bool
is_file(const struct xml *el)
{
	/* The digit grows with their versions. */
	if (begins(el->ns, NS_JINGLE_FILE))
		return str_same(el->name, "file") ||
		       (str_same(el->name, "description") &&
			xml_child(el, el->ns, "file") == NULL);
	return (str_same(el->name, "file") &&
		(begins(el->ns, NS_FILE) || str_same(el->ns, NS_SI_FILE))) ||
	       (str_same(el->name, "data") && str_same(el->ns, NS_BOB));
}

static bool
is_source(const struct xml *el)
{
	return xml_is(el, NS_OOB, "url") || xml_is(el, NS_OOB_IQ, "url") ||
	       xml_is(el, NS_URL_DATA, "url-data") ||
	       (xml_is(el, NS_REFERENCE, "reference") &&
		xml_is(el->parent, NULL, "sources"));
}

/* NULL where it has none. */
static const char *
source_url(struct arena *arena, const struct xml *el)
{
	if (str_same(el->name, "url"))
		return xml_text(arena, el);
	return xml_attr(el, str_same(el->name, "reference") ? "uri" :
							      "target");
}

static void
be_late(struct finder *finder)
{
	finder->ret = error_set(finder->err, ERROR_RESOURCE_CONSTRAINT,
				"it takes too long to look for files and "
				"links");
}

static struct offer *
add(struct finder *finder, bool attached)
{
	struct offer *offer = arena_alloc(finder->arena, sizeof(*offer));

	offer->attached = attached;
	offer->next = finder->first;
	finder->first = offer;
	if (++finder->count > OFFER_MAX)
		finder->ret = error_set(finder->err, ERROR_POLICY_VIOLATION,
					"it has more than %d files and links",
					OFFER_MAX);
	else if (pattern_clock_ns() >= finder->until_ns)
		be_late(finder);
	return offer;
}

/* What those get who fetch it: without folders, and without what some systems
   leave out at the end. */
static const char *
file_name(struct finder *finder, const char *text)
{
	const char *name, *at;
	size_t len;

	if (text == NULL)
		return NULL;
	name = plain_fold_until(finder->arena, text, finder->until_ns);
	if (name == NULL) {
		be_late(finder);
		return NULL;
	}
	for (at = name; *at != '\0'; at++)
		if ((*at == '/' || *at == '\\') && at[1] != '\0')
			name = at + 1;
	len = strlen(name);
	while (len > 0 && strchr("." BLANKS, name[len - 1]) != NULL)
		len--;
	return arena_dup(finder->arena, name, len);
}

/* Without its parameters. */
static const char *
media_type(struct arena *arena, const char *text)
{
	size_t len;

	if (text == NULL)
		return NULL;
	text += strspn(text, BLANKS);
	len = strcspn(text, ";" BLANKS);
	return arena_dup(arena, text, len);
}

/* The last part of its path, when it looks like a file's name. */
static const char *
url_name_of(struct finder *finder, const char *url)
{
	const char *start = strstr(url, "://");
	char *slash;

	start = start == NULL ? url : start + 3;
	slash = strrchr(arena_dup(finder->arena, start,
				  strcspn(start, "?#")), '/');
	if (slash == NULL ||
	    strchr(hostname_unescape(slash + 1), '.') == NULL)
		return NULL;
	return file_name(finder, slash + 1);
}

static void
add_url(struct finder *finder, const char *url, bool attached)
{
	struct offer *offer = add(finder, attached);

	if (url == NULL || finder->ret < 0)
		return;
	if (hostname_length(url) > HOST_MAX) {
		finder->ret = error_set(finder->err, ERROR_POLICY_VIOLATION,
					"the host of a link has more than %d "
					"bytes", HOST_MAX);
		return;
	}
	offer->url = url;
	offer->host = hostname_of(finder->arena, url, &offer->plain_url);
	if (offer->host != NULL)
		offer->ascii_host = hostname_ascii(finder->arena,
						   offer->host);
	offer->url_name = url_name_of(finder, url);
}

static void
add_file(struct finder *finder, const struct xml *el)
{
	struct arena *arena = finder->arena;
	struct offer *offer = add(finder, true);
	const char *name = xml_child_text(arena, el, el->ns, "name");
	const char *type = xml_child_text(arena, el, el->ns, "media-type");

	if (str_same(el->ns, NS_BOB))
		type = xml_attr(el, "type");
	else if (str_same(el->ns, NS_SI_FILE))
		type = xml_attr(el->parent, "mime-type");
	offer->name = file_name(finder, name != NULL ? name :
				xml_attr(el, "name"));
	offer->media_type = media_type(arena, type);
}

/* Where a link in a text ends, as programs see it that show it. */
static size_t
link_length(const char *text)
{
	size_t len = 0;

	while (text[len] != '\0' && (unsigned char)text[len] > ' ' &&
	       strchr("<>\"`{}|^", text[len]) == NULL)
		len++;
	while (len > 0 && strchr(".,;:!?'()[]", text[len - 1]) != NULL)
		len--;
	return len;
}

static bool
is_of_scheme(char c)
{
	return isalnum((unsigned char)c) || c == '+' || c == '-' || c == '.';
}

static const char *
scheme_start(const char *text, const char *colon)
{
	while (colon > text && is_of_scheme(colon[-1]))
		colon--;
	return colon;
}

static bool
begins_word(const char *text, const char *at)
{
	return at == text || (!is_of_scheme(at[-1]) && at[-1] != '/' &&
			      at[-1] != '@');
}

/* Returns what is behind it. */
static const char *
add_link(struct finder *finder, const char *start, const char *prefix)
{
	size_t len = link_length(start);

	add_url(finder, arena_printf(finder->arena, "%s%.*s", prefix,
				     (int)len, start), false);
	return start + len;
}

static void
add_links(struct finder *finder, const char *text)
{
	const char *at = text, *start;

	while (finder->ret == 0 && *at != '\0') {
		at += strcspn(at, ":wW");
		if (begins(at, "://")) {
			start = scheme_start(text, at);
			text = at += 3;
			if (start < at - 3 && link_length(start) >
			    (size_t)(at - start))
				text = at = add_link(finder, start, "");
		} else if (strncasecmp(at, "www.", 4) == 0 &&
			   begins_word(text, at)) {
			text = at = add_link(finder, at, "http://");
		} else if (*at != '\0') {
			at++;
		}
	}
}

static void
add_linked(struct finder *finder, const struct xml *el)
{
	static const char *const names[] = { "href", "src", "uri", "target" };
	const char *url;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		url = xml_attr(el, names[i]);
		if (url != NULL && strstr(url, "://") != NULL)
			add_url(finder, url, false);
	}
	add_links(finder, xml_text(finder->arena, el));
}

int
offer_find_all(struct arena *arena, const struct xml *stanza,
	       uint64_t until_ns, const struct offer **offers_r,
	       struct error *err)
{
	struct finder finder = {
		.arena = arena, .until_ns = until_ns, .err = err,
	};
	const struct xml *el = stanza;

	for (; el != NULL && finder.ret == 0; el = next_element(stanza, el)) {
		if (is_file(el))
			add_file(&finder, el);
		else if (is_source(el))
			add_url(&finder, source_url(arena, el), true);
		else
			add_linked(&finder, el);
	}
	*offers_r = finder.first;
	return finder.ret;
}

bool
offer_is_attached(const struct xml *stanza)
{
	const struct xml *el = stanza;

	for (; el != NULL; el = next_element(stanza, el))
		if (is_file(el) || is_source(el))
			return true;
	return false;
}
