/*
 * drain_batch.h - entries of a journal that go to the archive together.
 */
#ifndef SHARED_DRAIN_BATCH_H
#define SHARED_DRAIN_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/archive_row.h"
#include "shared/drain.h"
#include "shared/journal.h"

struct arena;
struct drain_batch;

enum drain_state {
	DRAIN_TAKING,	/* the journal is asked what is in it */
	DRAIN_TAKEN,	/* it waits for the one before it */
	DRAIN_WRITING,	/* all its rows at once */
	DRAIN_REFUSED,	/* as a whole: it is to be tried */
	DRAIN_TRYING,	/* its rows one by one */
	DRAIN_SORTING,	/* what is at fault is put aside */
	DRAIN_REMOVING,	/* all else leaves the journal */
};

struct drain_item {
	struct drain_batch *batch;
	struct journal_entry entry;
	const struct archive_row *row;	/* NULL: its text is none, or nobody
					   wants it */
	const char *fault;		/* why it is to be put aside, or NULL */
	bool written;
};

/* All that is in it lives in its arena. */
struct drain_batch {
	struct drain_batch *prev, *next;
	struct drain *drain;		/* NULL: it is gone */
	enum drain_state state;
	struct arena *arena;
	struct drain_item *items;
	size_t count;
	struct archive_row *rows;	/* of those items that have one */
	size_t row_count;
	size_t under_way;		/* answers that are to come */
	size_t tried;			/* items, each alone */
	bool failed;			/* something was not done */
};

struct drain_batch *drain_batch_new(struct drain *drain);
void drain_batch_free(struct drain_batch **batch);

/* Counts an answer.  Whether it was the last one, and there is a drain that
   waits for it; where there is none, that frees the batch. */
bool drain_batch_is_answered(struct drain_batch *batch);

/* Takes copies of the entries, which are one or more, and their rows.  Whoever
   reads a text is told its true length; what the journal says of it is for the
   journal. */
void drain_batch_fill(struct drain_batch *batch,
		      const struct journal_entry *entries, size_t count,
		      drain_read_fn *read, void *ctx);

/* The reason is copied. */
void drain_batch_blame(struct drain_item *item, const char *reason);

/* The next item to be tried alone, which is that of batch->tried: one that has
   a row, and was not written.  NULL: there is none. */
struct drain_item *drain_batch_next(struct drain_batch *batch);

/* What was refused is at fault no longer, and is next. */
void drain_batch_try_again(struct drain_batch *batch);

/* What is to be removed: all but those at fault; none if count is 0. */
struct journal_range drain_batch_range(const struct drain_batch *batch);

#endif
