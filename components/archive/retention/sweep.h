/*
 * sweep.h - going through all archives for what is over in them, by the rules
 * of the setting retention.
 *
 * In PostgreSQL months go first in which all is over for everybody.  Then
 * addresses are looked at one by one (clearance.h).
 */
#ifndef ARCHIVE_SWEEP_H
#define ARCHIVE_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct error;
struct groups;
struct store;
struct sweep;
struct tenure;

struct sweep_plan {
	uv_loop_t *loop;
	struct store *store;
	const char *const *rules;	/* which make sense, and are copied */
	struct groups *groups;		/* that these name; may be NULL */
	int64_t now;			/* microseconds since 1970 */
	bool dry;			/* nothing is to go, and months are not
					   looked at */
	/* Called once it is through; or has failed, by err, which the store
	   says.  Never from within sweep_new().  The sweep is still there. */
	void (*done)(void *ctx, const struct error *err);
	void *ctx;
};

/* What one rule is, or would be, the end of. */
struct sweep_count {
	uint64_t owners;	/* whose archives have some */
	uint64_t copies;	/* messages, in each archive of them */
	uint64_t held;		/* the same, which stay as they are held */
	int64_t oldest;		/* when the oldest of all these came; 0: there
				   are none */
};

struct sweep *sweep_new(const struct sweep_plan *plan);
/* At any time; done is not called any more, and all goes once the store has
   answered. */
void sweep_free(struct sweep **sweep);

const struct tenure *sweep_tenure(const struct sweep *sweep);
const struct sweep_count *sweep_count(const struct sweep *sweep, size_t rule);
/* How many addresses it has looked at, messages that went altogether, and
   months. */
uint64_t sweep_owners(const struct sweep *sweep);
uint64_t sweep_messages(const struct sweep *sweep);
uint64_t sweep_months(const struct sweep *sweep);
/* Of those that did not go with a month. */
uint64_t sweep_events(const struct sweep *sweep);

#endif
