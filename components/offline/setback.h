/*
 * setback.h - what to do when the router did not take messages that were to be
 * delivered: whether to ask for fewer, to go on without one, or to wait, and
 * for how long.
 *
 * Embedded in a delivery.
 */
#ifndef OFFLINE_SETBACK_H
#define OFFLINE_SETBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/backoff.h"

struct error;
struct mailbox;

/* Between a failure and the next try: at first, and then at most. */
#define SETBACK_PAUSE_MS 5000
#define SETBACK_LONGEST_MS 120000

struct setback {
	struct mailbox *mailbox;
	size_t most, max;	/* to ask the shim for at a time */
	bool failing;		/* the router does not take them; it was said */
	struct backoff backoff;
	uint64_t failed_ms;	/* when a try failed, by the loop's clock */
	bool late;		/* there was a pause since messages were handed
				   over */
};

/* What was asked for: so many messages, from that one on. */
struct setback_try {
	const char *session;
	int64_t serial;
	size_t asked;
};

enum setback_way {
	SETBACK_NO_SESSION,	/* its session is gone */
	SETBACK_LESS,		/* ask for fewer, at once */
	SETBACK_PASS_OVER,	/* that one cannot be given to the session */
	SETBACK_LEAVE_OUT,	/* go on after that one, for now */
	SETBACK_PAUSE,
};

/* At most max messages are asked for at a time.  The mailbox has what it
   suspects from then on. */
void setback_init(struct setback *setback, struct mailbox *mailbox, size_t max);
/* The delivery ends.  What was learnt of messages stays in the mailbox. */
void setback_fini(struct setback *setback);

/* A try failed. */
enum setback_way setback_judge(struct setback *setback,
			       const struct setback_try *try,
			       const struct error *err);
/* Messages were handed over to the session.  Returns whether some that were
   left out are to be tried again, before what is after them. */
bool setback_succeed(struct setback *setback, const char *session);

/* A pause begins now: for how long, after a failure of the router's and of the
   database's. */
unsigned setback_next_ms(struct setback *setback);
unsigned setback_same_ms(struct setback *setback);
/* The pause is over. */
void setback_end_pause(struct setback *setback);
/* Something changed: the next pauses are short again.  Returns how much is left
   of a first pause that began with the latest one. */
uint64_t setback_left_ms(struct setback *setback);

#endif
