#include "components/offline/keep.h"

#include <stdbool.h>
#include <stddef.h>

#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/stanza.h"
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

static bool
has_content(const struct xml *message)
{
	for (const struct xml *el = message->first; el; el = el->next)
		if (el->name != NULL && !is_passing(el))
			return true;
	return false;
}

/* Answers to a query of an archive (XEP-0313 section 4.2): the session that
   asked is gone.  What has no address is for its own sender's account. */
static bool
is_archived(const struct stanza *message)
{
	return xml_child(message->el, NS_MAM, "result") != NULL &&
	       message->from != NULL &&
	       (message->to == NULL ||
		jid_equal_bare(message->from, message->to));
}

static bool
is_hinted(const struct stanza *message, const char *hint)
{
	return xml_child(message->el, NS_HINTS, hint) != NULL;
}

/* Somebody wrote it, and would take it for delivered. */
static bool
is_written(const struct stanza *message)
{
	return xml_child(message->el, NS_CLIENT, "body") != NULL ||
	       xml_child(message->el, NS_EME, "encryption") != NULL;
}

enum keep
keep_rule(const struct stanza *message)
{
	if (str_same(message->type, "error") ||
	    str_same(message->type, "headline"))
		return KEEP_DISCARD;
	if (str_same(message->type, "groupchat"))
		return KEEP_BOUNCE;
	if (is_archived(message))
		return KEEP_DISCARD;
	if (is_hinted(message, "no-store"))
		return is_written(message) ? KEEP_BOUNCE : KEEP_DISCARD;
	if (is_hinted(message, "store") || has_content(message->el))
		return KEEP_STORE;
	return KEEP_DISCARD;
}
