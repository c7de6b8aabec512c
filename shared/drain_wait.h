/*
 * drain_wait.h - those who wait until what a journal held is in the database.
 *
 * All are embedded in their owners.
 */
#ifndef SHARED_DRAIN_WAIT_H
#define SHARED_DRAIN_WAIT_H

#include <stdint.h>

struct drain_waits;

struct drain_wait {
	struct drain_wait *prev, *next;
	struct drain_waits *waits;	/* NULL: it does not wait */
	uint64_t until;			/* so many entries have left */
	void (*fn)(void *ctx);		/* the owner's: the wait is over */
	void *ctx;
};

/* All zero is nobody, and nothing has left. */
struct drain_waits {
	struct drain_wait *first;
	uint64_t left;	/* entries that are in the journal no more */
};

/* fn and ctx are set.  fn is called once the next so many have left. */
void drain_wait_begin(struct drain_waits *waits, struct drain_wait *wait,
		      uint64_t entries);
/* fn is not called any more.  Does nothing where it does not wait. */
void drain_wait_end(struct drain_wait *wait);

/* Calls fn of each whose wait is over, which may begin others and end its
   own. */
void drain_waits_tell(struct drain_waits *waits);

#endif
