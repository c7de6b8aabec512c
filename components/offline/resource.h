/*
 * resource.h - which sessions of a user are there, as the shims tell.
 */
#ifndef OFFLINE_RESOURCE_H
#define OFFLINE_RESOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jid;
struct mailbox;
struct offline;

struct resource {
	struct mailbox *mailbox;
	struct resource *next;	/* the mailbox's, that came before */
	bool known;		/* the shim told of it since its hello */
	bool takes;		/* available, and not of negative priority
				   (RFC 6121 section 8.5.2.1.1) */
	bool asked;		/* for its messages (XEP-0013 section 2.2) */
	int64_t *passed;	/* serials of those it cannot be given */
	size_t passed_count;
	char jid[];		/* the full address */
};

/* The session of that address, or NULL. */
struct resource *resource_find(const struct mailbox *mailbox, const char *jid);
/* The same, made if need be. */
struct resource *resource_add(struct mailbox *mailbox, const struct jid *jid);
/* The one that messages go to unasked, which came last; or NULL.  There is
   none while one that asked for its messages lasts, as the others would get
   what it is reading. */
const struct resource *resource_taking(const struct mailbox *mailbox);

/* It asked for its messages. */
void resource_ask(struct offline *offline, const struct jid *jid);
/* It cannot be given that message: not tried again as long as it lasts. */
void resource_pass(struct resource *session, int64_t serial);
bool resource_has_passed(const struct resource *session, int64_t serial);
/* It is not there, contrary to what was known. */
void resource_end(struct resource *session);
/* The shim of that host will tell anew who is there.  Until then nobody is;
   but who asked for its messages has asked.  With anew nobody is left: the
   router itself is another. */
void resource_forget_host(struct offline *offline, const char *host,
			 bool anew);
/* Nobody is there any more. */
void resource_end_all(struct offline *offline);

#endif
