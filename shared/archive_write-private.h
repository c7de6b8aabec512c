/*
 * archive_write-private.h - what writes messages, and how each database wants
 * them.
 */
#ifndef SHARED_ARCHIVE_WRITE_PRIVATE_H
#define SHARED_ARCHIVE_WRITE_PRIVATE_H

#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

#include "shared/archive_row.h"

struct store_batch;

/* One message of a batch, whose uid no other one has; or an event likewise. */
struct archive_item {
	const struct archive_row *row;
	unsigned ways, buries;		/* of all its copies */
	unsigned flags;			/* with those that tell where it came
					   from, of all copies; or that none
					   does */
	int64_t stamp;			/* 0: serial tells it to a second */
	int64_t since;			/* when the first of all its copies may
					   have come, at the earliest: a
					   serial */
	int64_t sender, recipient;	/* 0: not known yet, but stored */
	int64_t about;			/* of an event; 0 as well: nobody */
	const char *uid;
	UT_hash_handle hh;
};

/* The flags that tell where it came from: what is kept before it is delivered
   has none, but its copies. */
#define ARCHIVE_WRITE_ORIGIN "6"
/* Whether another one has ways or such flags that it lacks. */
#define ARCHIVE_WRITE_ADDS(ways, flags, others, other_flags) \
	"((" ways " & " others ") < " others " OR " \
	"(" flags " & " other_flags " & " ARCHIVE_WRITE_ORIGIN ") " \
	"< (" other_flags " & " ARCHIVE_WRITE_ORIGIN "))"

/* Adds what writes those that are not stored, and the ways of those that
   are.  With PostgreSQL the batch has waited for others of the writer. */
void archive_write_pg(struct store_batch *batch,
		      const struct archive_item *items, size_t count);
void archive_write_sqlite(struct store_batch *batch,
			  const struct archive_item *items, size_t count);
/* The same of events, for both. */
void archive_write_events(struct store_batch *batch,
			  const struct archive_item *items, size_t count);

#endif
