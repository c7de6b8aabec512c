#include "shared/content.h"

#include <stddef.h>

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

bool
content_hints(const struct xml *message, const char *hint)
{
	return xml_child(message, NS_HINTS, hint) != NULL;
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

bool
content_is_encrypted(const struct xml *message)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (xml_child(message, signs[i].ns, signs[i].name) != NULL)
			return true;
	return false;
}
