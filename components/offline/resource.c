#include "components/offline/resource.h"

#include <stdlib.h>
#include <string.h>

#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "shared/error.h"
#include "shared/jid.h"

struct resource *
resource_find(const struct mailbox *mailbox, const char *jid)
{
	struct resource *at = mailbox->sessions;

	while (at != NULL && strcmp(at->jid, jid) != 0)
		at = at->next;
	return at;
}

const struct resource *
resource_taking(const struct mailbox *mailbox)
{
	const struct resource *taking = NULL;

	for (const struct resource *at = mailbox->sessions; at; at = at->next) {
		if (at->known && at->asked)
			return NULL;
		if (taking == NULL && at->takes)
			taking = at;
	}
	return taking;
}

struct resource *
resource_add(struct mailbox *mailbox, const struct jid *jid)
{
	struct resource *session = resource_find(mailbox, jid->full);
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
resource_ask(struct offline *offline, const struct jid *jid)
{
	struct resource *session = resource_add(mailbox_use(offline, jid->bare),
					      jid);

	session->known = true;
	session->asked = true;
}

void
resource_pass(struct resource *session, int64_t serial)
{
	size_t count = session->passed_count + 1;

	session->passed = realloc(session->passed,
				  count * sizeof(*session->passed));
	ensure(session->passed != NULL);
	session->passed[count - 1] = serial;
	session->passed_count = count;
}

bool
resource_has_passed(const struct resource *session, int64_t serial)
{
	for (size_t i = 0; i < session->passed_count; i++)
		if (session->passed[i] == serial)
			return true;
	return false;
}

void
resource_end(struct resource *session)
{
	struct resource **at = &session->mailbox->sessions;

	while (*at != session)
		at = &(*at)->next;
	*at = session->next;
	free(session->passed);
	free(session);
}

static void
forget_sessions(struct mailbox *mailbox, bool anew)
{
	struct resource *session, *next;

	for (session = mailbox->sessions; session; session = next) {
		next = session->next;
		if (anew || !session->known || !session->asked)
			resource_end(session);
		else
			session->known = session->takes = false;
	}
}

void
resource_forget_host(struct offline *offline, const char *host, bool anew)
{
	struct mailbox *mailbox = offline->mailboxes;

	for (; mailbox != NULL; mailbox = mailbox->hh.next)
		if (strcmp(mailbox_host(mailbox), host) == 0)
			forget_sessions(mailbox, anew);
}

void
resource_end_all(struct offline *offline)
{
	struct mailbox *mailbox = offline->mailboxes;

	for (; mailbox != NULL; mailbox = mailbox->hh.next)
		forget_sessions(mailbox, true);
}
