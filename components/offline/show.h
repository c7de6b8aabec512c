/*
 * show.h - sending messages to a session that asked for them, which stay where
 * they are (XEP-0013 sections 2.4 and 2.6).
 */
#ifndef OFFLINE_SHOW_H
#define OFFLINE_SHOW_H

#include <stddef.h>
#include <uv.h>

#include "components/offline/shelf.h"
#include "shared/error.h"

struct arena;
struct hook_event;
struct hook_item;
struct mailbox;
struct offline;

/* Messages to be sent; in the arena of the event, but for themselves. */
struct show {
	struct offline *offline;
	struct mailbox *mailbox;	/* held */
	struct hook_event *event;	/* whose session asked */
	struct arena *arena;		/* of the messages */
	struct hook_item *items;
	const char **ids;		/* of them, in the database */
	size_t count, max;
	size_t next;			/* the first that is not sent */
	size_t asked;			/* how many the shim was asked for */
	size_t most;			/* to ask for at a time */
	uv_timer_t *pause;		/* until there is room; or NULL */
	unsigned paused_ms;		/* so far */
	struct error refusal;		/* of the first that was left out */
	/* Called once all are sent, or not: then err says why.  Never from
	   within show_send(). */
	void (*done)(void *ctx, const struct error *err);
	void *ctx;
};

/* For at most max messages at a time.  NULL while there is another for the
   same user: the memory that one user takes is bounded. */
struct show *show_new(struct offline *offline, struct hook_event *event,
		      size_t max, struct error *err);
/* Adds one, its strings copied.  -1 with err set when it cannot be shown any
   more, which is logged, and refusal says why as well: ERROR_POLICY_VIOLATION
   where it is too large. */
int show_add(struct show *show, const struct shelf_message *message,
	     struct error *err);
/* Sends all that were added, of which there is one at least.  When the
   session has no room for them it waits, for a minute at most in all.  One
   that the router refuses, or its shim fails over, is left out, and logged;
   refusal says why.  When the shim failed, the session gets those that it was
   asked for before that one twice. */
void show_send(struct show *show,
	       void (*done)(void *ctx, const struct error *err), void *ctx);
/* Forgets them, and makes place for others. */
void show_clear(struct show *show);
void show_fini(struct show *show);
/* The service stops: those that wait are done with. */
void show_stop_all(struct offline *offline);

#endif
