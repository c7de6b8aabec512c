#include "components/archive/keep/rule.h"

#include <stddef.h>

#include "shared/content.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Rooms have archives of their own; the others tell of the moment. */
static bool
is_passing(const char *type, unsigned overrides)
{
	return ((overrides & RULE_ROOMS) == 0 && str_same(type, "groupchat")) ||
	       ((overrides & RULE_TYPES) == 0 &&
		(str_same(type, "headline") || str_same(type, "error")));
}

/* What somebody's account tells those who want to know what is published there
   (XEP-0060, XEP-0163), as avatars and keys: at every login, to every session.
   No user's session can send it: it has a resource. */
static bool
is_notification(const struct stanza *message)
{
	return str_same(message->type, "headline") && message->from != NULL &&
	       *message->from->resource == '\0' &&
	       xml_child(message->el, NS_PUBSUB_EVENT, "event") != NULL &&
	       xml_child(message->el, NS_CLIENT, "body") == NULL &&
	       xml_child(message->el, NS_CLIENT, "subject") == NULL;
}

/* What an archive, of an account or of a room, answers to a query (XEP-0313
   section 4.2), with nothing beside it that somebody might have said.  No
   user's session can send such a message: it has a resource. */
static bool
is_archived(const struct stanza *message)
{
	const struct xml *result = xml_child(message->el, NS_MAM, "result");

	return result != NULL &&
	       !content_lasts_beside(message->el, result) &&
	       message->from != NULL && *message->from->resource == '\0';
}

/* Whoever was away meanwhile must learn of a retraction (XEP-0424 section
   5). */
static bool
is_unwanted(const struct xml *message, unsigned overrides)
{
	return (overrides & RULE_HINTS) == 0 &&
	       xml_child(message, NS_RETRACT, "retract") == NULL &&
	       (content_hints(message, "no-store") ||
		content_hints(message, "no-permanent-store"));
}

bool
rule_may_keep(const struct stanza *message, unsigned overrides)
{
	return !is_passing(message->type, overrides) &&
	       ((overrides & RULE_NOTIFICATIONS) != 0 ||
		!is_notification(message)) &&
	       !is_archived(message) && !is_unwanted(message->el, overrides);
}

bool
rule_keeps(const struct stanza *message, unsigned overrides)
{
	return rule_may_keep(message, overrides) &&
	       (content_hints(message->el, "store") ||
		content_lasts(message->el));
}
