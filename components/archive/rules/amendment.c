#include "components/archive/rules/amendment.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "components/archive/rules/ruling.h"
#include "shared/arena.h"
#include "shared/content.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"

#define NS_XHTML_IM "http://jabber.org/protocol/xhtml-im"

/* What is about a message; name NULL: anything in the namespace.  What is in
   it may be anything, and stays in a thread alone, which is an id. */
static const struct {
	const char *ns, *name;
} kept[] = {
	{ NS_CLIENT, "thread" },
	{ NS_CHATSTATES, NULL },
	{ NS_HINTS, NULL },
	{ NS_SID, NULL },
	{ NS_DELAY, NULL },
	{ NS_RECEIPTS, NULL },
	{ NS_CHAT_MARKERS, NULL },
	{ NS_CARBONS, "private" },
	{ NS_CORRECT, "replace" },
};

static bool
is_kept(const struct xml *el)
{
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (str_same(el->ns, kept[i].ns) &&
		    (kept[i].name == NULL ||
		     str_same(el->name, kept[i].name)))
			return true;
	return false;
}

static void
drop(struct xml *message, bool (*drops)(const struct xml *el))
{
	struct xml *el = message->first, *next;

	for (; el != NULL; el = next) {
		next = el->next;
		if (el->name == NULL || drops(el))
			xml_remove(el);
	}
}

static void
empty(struct xml *message)
{
	for (struct xml *el = message->first; el != NULL; el = el->next)
		while (!xml_is(el, NS_CLIENT, "thread") && el->first != NULL)
			xml_remove(el->first);
}

static bool
is_not_kept(const struct xml *el)
{
	return !is_kept(el);
}

static bool
is_formatted(const struct xml *el)
{
	return str_same(el->ns, NS_XHTML_IM);
}

static void
replace(struct arena *arena, struct xml *message, const char *body)
{
	drop(message, is_not_kept);
	empty(message);
	xml_add_text(arena, message, NS_CLIENT, "body", body);
}

static bool
ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* What is judged at several places, as a private message in a room, has it
   already. */
static void
append(struct arena *arena, struct xml *message, const char *text)
{
	const char *end = arena_printf(arena, "\n%s", text);
	struct xml *body = xml_child(message, NS_CLIENT, "body");

	drop(message, is_formatted);
	for (; body != NULL; body = xml_next(body, NS_CLIENT, "body"))
		if (!ends_in(xml_text(arena, body), end))
			xml_put_text(arena, body, end);
}

/* With what rules add to it. */
static const char *
appended(struct arena *arena, const struct ruling *ruling)
{
	return ruling->besides == NULL ? ruling->append :
	       arena_printf(arena, "%s\n%s", ruling->append, ruling->besides);
}

int
amendment_make(struct arena *arena, const struct xml *message,
	       const struct ruling *ruling, struct xml **message_r,
	       struct error *err)
{
	if (!str_same(message->name, "message"))
		return error_set(err, ERROR_NOT_ACCEPTABLE, "only messages "
				 "are modified");
	if (ruling->append != NULL &&
	    xml_child(message, NS_CLIENT, "body") == NULL)
		return error_set(err, ERROR_NOT_ACCEPTABLE, "there is no body "
				 "to be added to");
	if (ruling->append != NULL && content_is_encrypted(message))
		return error_set(err, ERROR_NOT_ACCEPTABLE, "nothing can be "
				 "added to what is encrypted");
	*message_r = xml_copy(arena, message);
	if (ruling->append != NULL) {
		append(arena, *message_r, appended(arena, ruling));
		return 0;
	}
	replace(arena, *message_r, ruling->body);
	if (ruling->besides != NULL)
		append(arena, *message_r, ruling->besides);
	return 0;
}
