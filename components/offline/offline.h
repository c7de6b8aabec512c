/*
 * offline.h - the service: its settings, and everybody's mailboxes.
 */
#ifndef OFFLINE_OFFLINE_H
#define OFFLINE_OFFLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/component.h"

struct expiry;
struct import;
struct mailbox;
struct metric;
struct shelf;

struct offline_settings {
	struct component_settings component;
	unsigned user_messages;
	unsigned sender_messages;
	const char *at_limit;
	unsigned expire;
};

extern const struct setting offline_settings_table[];

/* What became of messages. */
enum offline_count {
	OFFLINE_STORED,
	OFFLINE_DELIVERED,
	OFFLINE_PASSED_OVER,	/* no session could be given them: they stay */
	OFFLINE_REMOVED,	/* by their user, or an administrator */
	OFFLINE_DISCARDED,	/* not worth storing */
	OFFLINE_BOUNCED,	/* not to be stored, or above a limit */
	OFFLINE_DROPPED,	/* to make room for newer ones */
	OFFLINE_EXPIRED,
	OFFLINE_WITHDRAWN,	/* stored too late: the router has it */
	OFFLINE_REFUSED,	/* left to the router, as the database did not
				   take them */
	OFFLINE_IMPORTED,	/* from where a router had stored them */
	OFFLINE_COUNTS,
};

struct offline {
	struct runtime *runtime;
	const struct offline_settings *settings;
	struct mailbox *mailboxes;	/* by bare address, of those unused
					   the longest first */
	struct shelf *shelf;
	struct expiry *expiry;
	bool stopping;
	size_t unfinished;		/* see offline_begin() */
	size_t deliveries;		/* under way */
	size_t failing;			/* of these, those the router does
					   not take */
	struct import *import;		/* the same; or NULL */
	struct metric *counts[OFFLINE_COUNTS];
};

/* Something begins, or ends, that is not to be interrupted half done: the
   router would deal with a message as well, or deliver it again. */
void offline_begin(struct offline *offline);
void offline_end(struct offline *offline);

void offline_add_metrics(struct offline *offline);
void offline_count(struct offline *offline, enum offline_count what,
		   size_t n);

#endif
