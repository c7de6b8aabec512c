/*
 * eventlist.h - events in the archive, part by part, for those who may see
 * everybody's.
 */
#ifndef ARCHIVE_EVENTLIST_H
#define ARCHIVE_EVENTLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/archive_event.h"
#include "shared/store.h"

struct arena;

/* Most events read at a time. */
#define EVENTLIST_ROWS 500

struct eventlist_filter {
	enum archive_event_kind kind;	/* ARCHIVE_EVENT_NONE: any */
	const char *who;	/* a bare address: who did it, or whom it is
				   about; NULL: anybody */
	const char *room;	/* its address; NULL: anywhere */
	int64_t start, end;	/* when it was, microseconds since 1970, end
				   not included */
	int64_t after, before;	/* serials, not included */
	bool backward;		/* the latest first */
};

/* That of all events. */
extern const struct eventlist_filter eventlist_all;

/* The first count of them, EVENTLIST_ROWS at most. */
void eventlist_read(struct store *store, const struct eventlist_filter *filter,
		    size_t count, store_fn *fn, void *ctx);
/* That of a row, which lives as long as the result and the arena.  A room is
   its address alone. */
struct archive_event eventlist_event(struct arena *arena,
				     const struct store_result *result,
				     size_t row);

#endif
