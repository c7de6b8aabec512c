/*
 * clearance.h - what is over in one archive goes: what its owner has sent and
 * has got, so many messages at a time, with pauses where something went; then
 * who was there meanwhile, if it is a room's; and then its events.
 */
#ifndef ARCHIVE_CLEARANCE_H
#define ARCHIVE_CLEARANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "components/archive/retention/copies.h"

struct clearance;
struct error;
struct store;

struct clearance_plan {
	uv_loop_t *loop;
	struct store *store;
	bool dry;		/* nothing is to go, and messages alone are
				   looked at */
	/* A message that is over was found, of that kind (tenure.h). */
	void (*found)(void *ctx, size_t kind, int64_t serial, bool held);
	/* The archive was looked through; or not, by err, which the store
	   says.  The next one may be begun from within. */
	void (*done)(void *ctx, const struct error *err);
	void *ctx;
};

struct clearance *clearance_new(const struct clearance_plan *plan);
/* At any time; nobody is told any more, and all goes once the store has
   answered. */
void clearance_free(struct clearance **clearance);

/* Goes through the archive of the place's owner, as far as something is before
   what the place says.  One at a time. */
void clearance_begin(struct clearance *clearance,
		     const struct copies_place *place);

/* Messages that went altogether so far, and events. */
uint64_t clearance_messages(const struct clearance *clearance);
uint64_t clearance_events(const struct clearance *clearance);

#endif
