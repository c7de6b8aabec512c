/*
 * suspect.h - which messages are why nothing can be delivered, or whether it
 * is the router.
 *
 * Where the router's answer does not tell, others do: a message that failed by
 * itself several times is left out for those after it, and so are these when
 * they fail as well.  When one can be delivered, those left out are tried once
 * more, and each is to blame that fails again; when none can, it was the
 * router.  What was to blame once is so again at its first failure.
 *
 * As messages are tried in their order, and those that work are gone then,
 * those that do not are all there is between the first and the last of them:
 * two serials tell of any number.  Embedded in its owner, and zero at first.
 */
#ifndef OFFLINE_SUSPECT_H
#define OFFLINE_SUSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How often one fails before it is left out: a router that is away for a
   minute must not change the order of messages. */
#define SUSPECT_FAILURES 5
/* The most that are left out at first.  When none after them can be delivered
   all are tried anew, in their order, and twice as many may be left out: a
   router that takes nothing is asked for few in a row. */
#define SUSPECT_MAX 8

struct suspect_range {
	int64_t first, last;	/* 0 when there is none */
};

struct suspect {
	int64_t last;		/* the serial that failed last, while none is
				   left out */
	unsigned failures;	/* of that one, in a row */
	struct suspect_range out;	/* left out */
	struct suspect_range blamed;	/* others work where these do not */
	size_t count;		/* of those that are left out */
	unsigned rounds;	/* how often they were too many */
};

enum suspect_verdict {
	SUSPECT_NONE,		/* nobody knows yet, or it is the router */
	SUSPECT_LEFT_OUT,	/* others are to be tried */
	SUSPECT_TO_BLAME,
};

/* A single message failed; late says that it had time to recover since it was
   tried before, as only such failures count. */
enum suspect_verdict suspect_take_failure(struct suspect *suspect,
					  int64_t serial, bool late);
/* Messages were delivered.  Returns whether some that are left out are to be
   tried again, before what is after them. */
bool suspect_take_success(struct suspect *suspect);
/* There are no others.  Returns whether something was left out, which is to be
   tried again. */
bool suspect_clear(struct suspect *suspect);
/* Nobody is there any more who takes them.  Nothing is left out for the next
   one; but the first that was is so at its first failure, as many as before
   after it.  Returns whether there is anything to remember. */
bool suspect_rest(struct suspect *suspect);

/* Whether to leave it out. */
bool suspect_is(const struct suspect *suspect, int64_t serial);

#endif
