/*
 * archive_month.h - the archive's partitions in PostgreSQL, one a month (UTC).
 *
 * They are made ahead, that of the message at hand and the next two, by
 * whoever writes the message, in its transaction.  Which are there already is
 * remembered.
 */
#ifndef SHARED_ARCHIVE_MONTH_H
#define SHARED_ARCHIVE_MONTH_H

#include <stdint.h>

struct store_batch;

/* Embedded; all zero at first.  Months are counted from the year 0. */
struct archive_month {
	int first, next;	/* known are those from first to before next */
};

/* Adds what makes sure that serial has a partition. */
void archive_month_want(struct archive_month *month,
			struct store_batch *batch, int64_t serial);

/* The batch was not done, or something was refused that may have wanted a
   month which somebody has removed. */
void archive_month_forget(struct archive_month *month);

#endif
