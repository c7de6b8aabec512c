/*
 * archive_range.h - which part of somebody's archive a query is about.
 *
 * An archive is in the order of its serials, so a page lies between two of
 * them: those of the messages that the query names, and those of its times.
 * The first one of a uid is meant where there are several.  What was said
 * before the owner had his address (archive_account.h) is in no part.
 */
#ifndef SHARED_ARCHIVE_RANGE_H
#define SHARED_ARCHIVE_RANGE_H

#include <stddef.h>
#include <stdint.h>

struct archive_owner;
struct arena;
struct error;
struct mam_query;
struct store;

/* A message has the time at which it was sent, but its place is where it came:
   what is looked for by the end is found if it came no later than that after
   it. */
#define ARCHIVE_RANGE_LATE (7LL * 24 * 3600 * 1000000)	/* microseconds */

/* The last serial before all that may have been sent at start or later; and
   the first one behind all that is looked for by the end.  Microseconds since
   1970. */
int64_t archive_range_after(int64_t start);
int64_t archive_range_before(int64_t end);

struct archive_range {
	/* Ids of addresses.  0: they are in no message. */
	int64_t owner;
	int64_t with;		/* or nobody was named */
	int64_t after, before;	/* serials; not included */
	const int64_t *ids;	/* the serials of the query's ids */
	size_t ids_count;
};

/* Called exactly once, never before the function that was given it returns.
   range is valid during the call, its ids as long as the arena.  err is
   ERROR_ITEM_NOT_FOUND when a message that the query names is not in the
   archive, whatever else the query says; or what the store says. */
typedef void archive_range_fn(void *ctx, const struct archive_range *range,
			      const struct error *err);

struct archive_range_search {
	struct store *store;
	struct arena *arena;
	const struct archive_owner *owner;
	const struct mam_query *query;
};

/* All that search points to lives until fn is called.  A page that nobody
   wants but for its count is not limited by the item it begins at. */
void archive_range_find(const struct archive_range_search *search,
			archive_range_fn *fn, void *ctx);

#endif
