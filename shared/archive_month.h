/*
 * archive_month.h - the archive's partitions in PostgreSQL, one a month (UTC).
 *
 * They are made ahead, that of the message at hand and the next two, by
 * whoever writes the message, in its transaction.  Which are there already is
 * remembered once that was done: it is undone when another message of the
 * transaction is refused, and what is sent meanwhile must not rely on it.
 */
#ifndef SHARED_ARCHIVE_MONTH_H
#define SHARED_ARCHIVE_MONTH_H

#include <stdint.h>

struct store_batch;

/* Embedded; all zero at first.  Months are counted from the year 0. */
struct archive_month {
	int first, next;	/* those from first to before next */
};

/* Adds what makes sure that serial has a partition, unless it is known or the
   batch makes sure already.  wanted is the batch's, which remembers no more
   than the latest months without a gap: its serials come in their order. */
void archive_month_want(const struct archive_month *known,
			struct archive_month *wanted,
			struct store_batch *batch, int64_t serial);

/* The batch was done. */
void archive_month_know(struct archive_month *known,
			const struct archive_month *wanted);

/* Something was refused, which may have wanted a month that somebody has
   removed. */
void archive_month_forget(struct archive_month *known);

#endif
