/*
 * erasure.h - a message in a room's archive loses all that it said, and says
 * instead that a moderator has retracted it (shared/archive_burial.h); for one
 * who asks for it by an id that may be of no message.
 *
 * That waits until the database has what was said.
 */
#ifndef MUC_ERASURE_H
#define MUC_ERASURE_H

#include <stdbool.h>

struct erasure;
struct error;
struct muc;
struct room;

/* Whether it was there; or err: nobody knows. */
typedef void erasure_fn(void *ctx, bool found, const struct error *err);

struct erasure_plan {
	const struct room *room;	/* with an archive, now or before */
	const char *asker;		/* a bare address: who retracts it */
	const char *uid;		/* of the message */
	const char *retraction;		/* of the one that will tell of it */
	const char *left;		/* what it says instead, as XML */
	erasure_fn *fn;			/* called once, never from within */
	void *ctx;
};

/* Whether that person may start one more.  Returns 0, or -1 with
   ERROR_RESOURCE_CONSTRAINT of type wait. */
int erasure_check(const struct muc *muc, const char *asker,
		  struct error *err);

/* All is copied. */
void erasure_start(const struct erasure_plan *plan);

/* Waits no more: what the database does not have is not found. */
void erasure_stop(struct muc *muc);

#endif
