/*
 * calendar.h - the months of the archive in PostgreSQL, which go as a whole
 * once all that is in them is over.
 */
#ifndef ARCHIVE_CALENDAR_H
#define ARCHIVE_CALENDAR_H

#include <stdint.h>

#include "shared/store.h"

/* Which there are, the oldest first: in each row its number as
   shared/archive_month.h counts.  In SQLite there are none. */
void calendar_find(struct store *store, store_fn *fn, void *ctx);

/* Whether no message of that month came at that time or later. */
bool calendar_is_over(int64_t month, int64_t stamp);

/* Takes it away, as 1 in the first row says, unless something in it is held, or
   others would have to wait. */
void calendar_drop(struct store *store, int64_t month, store_fn *fn,
		   void *ctx);

#endif
