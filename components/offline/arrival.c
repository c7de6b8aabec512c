#include "components/offline/arrival.h"

#include <stdbool.h>
#include <string.h>

#include "components/offline/delivery.h"
#include "components/offline/mailbox.h"
#include "components/offline/resource.h"
#include "shared/arena.h"
#include "shared/hook_event.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/request.h"
#include "shared/xml.h"

/* RFC 6121 section 4.7.2.3: 0 when there is none. */
static bool
is_negative(struct arena *arena, const struct xml *presence)
{
	const char *text = xml_child_text(arena, presence, NS_CLIENT,
					  "priority");

	return text != NULL && text[strspn(text, " \t\r\n")] == '-' &&
	       strpbrk(text, "123456789") != NULL;
}

/* Most presence makes no difference to what is delivered: only whose turn it is
   does. */
int
arrival_on_online(struct hook_event *event, void *ctx, struct error *err)
{
	struct offline *offline = ctx;
	struct mailbox *mailbox = mailbox_use(offline, event->who->bare);
	const struct resource *before = resource_taking(mailbox);
	struct resource *session = resource_add(mailbox, event->who);

	(void)err;
	session->known = true;
	session->takes = !is_negative(event->req->arena, event->stanza.el);
	if (resource_taking(mailbox) != before)
		delivery_wake(mailbox);
	return 0;
}

int
arrival_on_offline(struct hook_event *event, void *ctx, struct error *err)
{
	struct mailbox *mailbox = mailbox_find(ctx, event->who->bare);
	struct resource *session = mailbox == NULL ? NULL :
				  resource_find(mailbox, event->who->full);
	const struct resource *before;
	bool took;

	(void)err;
	if (session == NULL)
		return 0;
	before = resource_taking(mailbox);
	took = session == before;
	resource_end(session);
	/* It may have been the one that kept its messages for itself. */
	if (took || resource_taking(mailbox) != before)
		delivery_wake(mailbox);
	return 0;
}
