/*
 * suspect.h - which messages are why nothing can be delivered, or whether it
 * is the router.
 *
 * Where the router's answer does not tell, others do: a message that failed by
 * itself several times is left out for those after it, and so are these when
 * they fail as well.  When one can be delivered, those left out are tried once
 * more, and each is to blame that fails again; when none can, it was the
 * router.  What was to blame once is so again at its first failure.  Embedded
 * in its owner, and zero at first.
 */
#ifndef OFFLINE_SUSPECT_H
#define OFFLINE_SUSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How often one fails before it is left out: a router that is away for a
   minute must not change the order of messages. */
#define SUSPECT_FAILURES 5
/* The most that are left out and known to be to blame. */
#define SUSPECT_MAX 8

struct suspect {
	int64_t last;		/* the serial that failed last */
	unsigned failures;	/* of that one, in a row */
	int64_t serials[SUSPECT_MAX];
	size_t count;		/* of these */
	size_t proven;		/* those at the front are not left out: others
				   work where they do not */
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

/* Whether to leave it out. */
bool suspect_is(const struct suspect *suspect, int64_t serial);

#endif
