/*
 * journal_level.h - how full a journal is, in its metrics and in the log.
 *
 * Embedded in its owner.  All that is kept counts for the limit, be it waiting
 * or put aside: it is on the same disk.
 */
#ifndef SHARED_JOURNAL_LEVEL_H
#define SHARED_JOURNAL_LEVEL_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/metric.h"

struct journal_level {
	uint64_t limit_bytes;
	uint64_t entries, bytes;	/* that wait, for the disk too */
	uint64_t aside, aside_bytes;	/* that were put aside */
	bool high;			/* the mark was passed */
	uint64_t turned_away;		/* since it is full */

	struct metric *entries_metric, *bytes_metric, *limit_metric;
	struct metric *aside_metric, *aside_bytes_metric;
	struct metric *high_metric, *failed_metric;
	struct metric unseen;		/* all of them, when nobody looks */
};

/* metrics may be NULL. */
void journal_level_init(struct journal_level *level, uint64_t limit_bytes,
			struct metrics *metrics);

/* Whether there is room for so many bytes. */
bool journal_level_has_room(const struct journal_level *level,
			    uint64_t bytes);
/* Counts one that was turned away for want of room. */
void journal_level_turn_away(struct journal_level *level);
/* Counts one that was taken, but cannot be kept. */
void journal_level_fail(struct journal_level *level);

/* Some came, or were taken away. */
void journal_level_add(struct journal_level *level, uint64_t entries,
		       uint64_t bytes);
void journal_level_remove(struct journal_level *level, uint64_t entries,
			  uint64_t bytes);
/* Some were put aside before; one that waited is aside now. */
void journal_level_add_aside(struct journal_level *level, uint64_t entries,
			     uint64_t bytes);
void journal_level_put_aside(struct journal_level *level, uint64_t bytes);

#endif
