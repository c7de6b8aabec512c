/*
 * suspect.h - whether one message is why nothing can be delivered, or the
 * router.
 *
 * Where the router's answer does not tell, others do: a message that failed by
 * itself several times is left out, for those after it.  When these can be
 * delivered it is tried once more, and is to blame if it fails again; when they
 * cannot, it was the router.  Embedded in its owner.
 */
#ifndef OFFLINE_SUSPECT_H
#define OFFLINE_SUSPECT_H

#include <stdbool.h>
#include <stdint.h>

struct suspect {
	int64_t serial;		/* of the message; 0: there is none */
	unsigned failures;	/* of single messages, in a row */
	bool others_work;	/* since it is left out */
};

/* How often one fails before it is suspected: a router that is away for a
   minute must not change the order of messages. */
#define SUSPECT_FAILURES 5

/* A single message failed.  Returns whether it is to blame: then it is no
   suspect any more. */
bool suspect_take_failure(struct suspect *suspect, int64_t serial);
/* Messages were delivered.  Returns whether what is left out is to be tried
   again, before what is after it. */
bool suspect_take_success(struct suspect *suspect);
/* There are no others.  Returns whether something was left out, which is to be
   tried again. */
bool suspect_clear(struct suspect *suspect);

/* Whether to leave it out. */
bool suspect_is(const struct suspect *suspect, int64_t serial);

#endif
