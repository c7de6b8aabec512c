/*
 * erasure.h - a message in a room's archive loses all that it said, and says
 * instead that it was retracted.  What is held (shared/archive_hold.h) is
 * shown as one that was removed, and keeps its text until it is held no more.
 *
 * That waits until the database has it.
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
	const char *author;		/* a bare address, if the message must
					   be his, and none that a moderator
					   has removed; or NULL */
	const char *left;		/* what it says instead, as XML */
	erasure_fn *fn;			/* may be NULL; called once, never from
					   within */
	void *ctx;
};

/* Whether that person may start one more: as an author, of his own messages,
   or as a moderator.  Returns 0, or -1 with ERROR_RESOURCE_CONSTRAINT of type
   wait. */
int erasure_check(const struct muc *muc, const char *asker, bool author,
		  struct error *err);

/* All is copied. */
void erasure_start(const struct erasure_plan *plan);

/* Waits no more: what the database does not have stays as it is, and the log
   tells of it. */
void erasure_stop(struct muc *muc);

#endif
