#include "components/offline/session.h"

#include <stdlib.h>
#include <string.h>

#include "components/offline/delivery.h"
#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook_event.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/request.h"
#include "shared/xml.h"

struct session *
session_find(const struct mailbox *mailbox, const char *jid)
{
	struct session *at = mailbox->sessions;

	while (at != NULL && strcmp(at->jid, jid) != 0)
		at = at->next;
	return at;
}

const struct session *
session_taking(const struct mailbox *mailbox)
{
	const struct session *taking = NULL;

	for (const struct session *at = mailbox->sessions; at; at = at->next) {
		if (at->known && at->asked)
			return NULL;
		if (taking == NULL && at->takes)
			taking = at;
	}
	return taking;
}

static struct session *
find_or_add(struct mailbox *mailbox, const struct jid *jid)
{
	struct session *session = session_find(mailbox, jid->full);
	size_t len = strlen(jid->full);

	if (session != NULL)
		return session;
	session = calloc(1, sizeof(*session) + len + 1);
	ensure(session != NULL);
	memcpy(session->jid, jid->full, len);
	session->mailbox = mailbox;
	session->next = mailbox->sessions;
	mailbox->sessions = session;
	return session;
}

void
session_ask(struct offline *offline, const struct jid *jid)
{
	struct session *session = find_or_add(mailbox_use(offline, jid->bare),
					      jid);

	session->known = true;
	session->asked = true;
}

void
session_end(struct session *session)
{
	struct session **at = &session->mailbox->sessions;

	while (*at != session)
		at = &(*at)->next;
	*at = session->next;
	free(session);
}

static void
forget_sessions(struct mailbox *mailbox, bool anew)
{
	struct session *session, *next;

	for (session = mailbox->sessions; session; session = next) {
		next = session->next;
		if (anew || !session->known || !session->asked)
			session_end(session);
		else
			session->known = session->takes = false;
	}
}

void
session_forget_host(struct offline *offline, const char *host, bool anew)
{
	struct mailbox *mailbox = offline->mailboxes;

	for (; mailbox != NULL; mailbox = mailbox->hh.next)
		if (strcmp(strrchr(mailbox->jid, '@') + 1, host) == 0)
			forget_sessions(mailbox, anew);
}

void
session_end_all(struct offline *offline)
{
	struct mailbox *mailbox = offline->mailboxes;

	for (; mailbox != NULL; mailbox = mailbox->hh.next)
		forget_sessions(mailbox, true);
}

/* RFC 6121 section 4.7.2.3: 0 when there is none. */
static bool
is_negative(struct arena *arena, const struct xml *presence)
{
	const char *text = xml_child_text(arena, presence, NS_CLIENT,
					  "priority");

	return text != NULL && text[strspn(text, " \t\r\n")] == '-' &&
	       strpbrk(text, "123456789") != NULL;
}

int
session_on_online(struct hook_event *event, void *ctx, struct error *err)
{
	struct offline *offline = ctx;
	struct mailbox *mailbox = mailbox_use(offline, event->who->bare);
	struct session *session = find_or_add(mailbox, event->who);

	(void)err;
	session->known = true;
	session->takes = !is_negative(event->req->arena, event->stanza.el);
	delivery_start(mailbox);
	return 0;
}

int
session_on_offline(struct hook_event *event, void *ctx, struct error *err)
{
	struct mailbox *mailbox = mailbox_find(ctx, event->who->bare);
	struct session *session = mailbox == NULL ? NULL :
				  session_find(mailbox, event->who->full);

	(void)err;
	if (session == NULL)
		return 0;
	session_end(session);
	/* It may have been the one that kept its messages for itself. */
	delivery_start(mailbox);
	return 0;
}
