/*
 * drain_doubt.h - whether the database refuses whatever it is given, and how
 * long it is left alone.
 *
 * Embedded in its owner.
 */
#ifndef SHARED_DRAIN_DOUBT_H
#define SHARED_DRAIN_DOUBT_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "shared/backoff.h"
#include "shared/metric.h"

struct drain_doubt {
	void (*fn)(void *ctx);	/* the owner's, after a pause */
	void *ctx;
	bool doubtful;		/* it refused all, and has done nothing
				   since */
	uv_timer_t timer;
	struct backoff backoff;
	struct metric *refusing;
	struct metric unseen;	/* the same, when nobody looks */
};

/* fn and ctx are set; metrics may be NULL. */
void drain_doubt_init(struct drain_doubt *doubt, uv_loop_t *loop,
		      struct metrics *metrics);
/* fn is called with ctx once the doubt may be freed. */
void drain_doubt_fini(struct drain_doubt *doubt, void (*fn)(void *ctx));

/* It refused all of so many entries. */
void drain_doubt_begin(struct drain_doubt *doubt, size_t entries);
/* It did something: there is no reason to wait for anything, and the next
   pause is short again. */
void drain_doubt_end(struct drain_doubt *doubt);

/* Calls fn after a pause, which grows each time; or no longer. */
void drain_doubt_pause(struct drain_doubt *doubt);
void drain_doubt_go_on(struct drain_doubt *doubt);

#endif
