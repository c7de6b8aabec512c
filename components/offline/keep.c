#include "components/offline/keep.h"

#include <stdbool.h>
#include <stddef.h>

#include "shared/content.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

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
	if (content_hints(message->el, "no-store"))
		return is_written(message) ? KEEP_BOUNCE : KEEP_DISCARD;
	if (content_hints(message->el, "store") || content_lasts(message->el))
		return KEEP_STORE;
	return KEEP_DISCARD;
}
