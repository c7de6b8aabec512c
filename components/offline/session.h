/*
 * session.h - which sessions of a user are there, as the shims tell.
 */
#ifndef OFFLINE_SESSION_H
#define OFFLINE_SESSION_H

#include <stdbool.h>

struct error;
struct hook_event;
struct jid;
struct mailbox;
struct offline;

struct session {
	struct mailbox *mailbox;
	struct session *next;	/* the mailbox's, that came before */
	bool known;		/* the shim told of it since its hello */
	bool takes;		/* available, and not of negative priority
				   (RFC 6121 section 8.5.2.1.1) */
	bool asked;		/* for its messages (XEP-0013 section 2.2) */
	char jid[];		/* the full address */
};

/* The session of that address, or NULL. */
struct session *session_find(const struct mailbox *mailbox, const char *jid);
/* The one that messages go to unasked, which came last; or NULL.  There is
   none while one that asked for its messages lasts, as the others would get
   what it is reading. */
const struct session *session_taking(const struct mailbox *mailbox);

/* It asked for its messages. */
void session_ask(struct offline *offline, const struct jid *jid);
/* It is not there, contrary to what was known. */
void session_end(struct session *session);
/* The shim of that host will tell anew who is there.  Until then nobody is;
   but who asked for its messages has asked.  With anew nobody is left: the
   router itself is another. */
void session_forget_host(struct offline *offline, const char *host,
			 bool anew);
/* Nobody is there any more. */
void session_end_all(struct offline *offline);

/* What the shims tell. */
int session_on_online(struct hook_event *event, void *ctx, struct error *err);
int session_on_offline(struct hook_event *event, void *ctx,
		       struct error *err);

#endif
