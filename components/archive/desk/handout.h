/*
 * handout.h - what an archive answers, on its way to the session that asked:
 * in order, some at a time (components/router/PROTOCOL section 9).
 *
 * Embedded in its owner.  It is kept as text, as a tree of many small elements
 * takes thirty times as much.
 */
#ifndef ARCHIVE_HANDOUT_H
#define ARCHIVE_HANDOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/str.h"

struct error;
struct hook_event;
struct hook_host;
struct runtime;
struct xml;

/* The router takes no more at a time than three quarters of what a session may
   not have acknowledged (XEP-0198), which is 500 with Prosody.  So this leaves
   room for several at once. */
#define HANDOUT_MESSAGES 50
#define HANDOUT_BYTES ((size_t)65536)

/* Called once, never from within: err is NULL when the session has all that
   was added; ERROR_RESOURCE_CONSTRAINT when there is no room for the next: it
   may be sent again, and goes on where it was; ERROR_ITEM_NOT_FOUND when the
   session is gone; or else what the router says. */
typedef void handout_fn(void *ctx, const struct error *err);

struct handout {
	struct runtime *runtime;
	const struct hook_event *event;	/* whose session asked */
	struct str text;		/* all results, one after another */
	size_t *ends;			/* of each in it */
	size_t count, max;
	size_t next;			/* the first that is not handed over */
	size_t asked;			/* how many the shim was asked for */
	size_t most;			/* to ask for at a time */
	size_t empty;			/* how many are given without their
					   message, at next: 0 or 1 */
	bool stopped;
	handout_fn *fn;
	void *ctx;
};

/* The largest result that the router takes from us, in bytes. */
size_t handout_limit(const struct hook_host *host);

/* For at most max results; the event lives until fini. */
void handout_init(struct handout *handout, struct runtime *runtime,
		  const struct hook_event *event, size_t max);
void handout_fini(struct handout *handout);

/* Adds the next one, which is copied. */
void handout_add(struct handout *handout, const struct xml *result);
/* Sends what was added, of which something is not handed over yet.  A message
   that the router does not take is given as one that was removed (XEP-0313
   section 3.2), and logged: the session can go on to those behind it. */
void handout_send(struct handout *handout, handout_fn *fn, void *ctx);
/* No more is sent: fn is called, be it with err or not, once what is under way
   was answered. */
void handout_stop(struct handout *handout);

#endif
