/*
 * archive_month.h - the archive's partitions in PostgreSQL, one a month (UTC).
 *
 * They are made ahead, that of the message at hand and the next two, by
 * whoever writes the message, right before it.  Each is asked for by itself:
 * one that is refused, as somebody has a table of its name, keeps away no
 * message of another month.  Which were asked for is remembered.
 */
#ifndef SHARED_ARCHIVE_MONTH_H
#define SHARED_ARCHIVE_MONTH_H

#include <stdint.h>

struct store;

/* Embedded; all zero at first.  Months are counted from the year 0. */
struct archive_month {
	int first, next;	/* those from first to before next */
};

/* The least serial of that month. */
int64_t archive_month_first(int month);

/* Makes sure that what is written after this has a partition for serial, by
   writes of its own where that month, or one of the next, is not known.  No
   more is remembered than the latest months without a gap. */
void archive_month_want(struct archive_month *known, struct store *store,
			int64_t serial);

/* Something was refused, maybe for want of a month that was refused as well, or
   that somebody has removed. */
void archive_month_forget(struct archive_month *known);

#endif
