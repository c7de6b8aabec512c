/*
 * post.h - what waits to be mailed: the tables archive_journaling,
 * archive_post and archive_post_aside.
 *
 * The database itself puts a message there when it is stored, so nothing is
 * left out whatever the order in which messages are stored, and who stores
 * them; and it stays until its mail was taken.
 */
#ifndef ARCHIVE_POST_H
#define ARCHIVE_POST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/call.h"
#include "shared/store.h"

struct arena;
struct archive_row;

/* Most messages read at a time; and about so many bytes of them. */
#define POST_ROWS 100
#define POST_BYTES 1048576

/* For a section whose daemon has been gone for so long, microseconds, nothing
   more waits; as the database says itself. */
#define POST_GONE (INT64_C(30) * 86400 * 1000000)

/* When the daemon of that section was last there: a row, or none. */
void post_find(struct store *store, const char *domain, const char *title,
	       store_fn *fn, void *ctx);
/* From now on all that is stored waits for the section of that title; the
   result has one row with its id. */
void post_open(struct store *store, const char *domain, const char *title,
	       store_fn *fn, void *ctx);
/* Its daemon is still there. */
void post_stay(struct store *store, int64_t journaling);
/* From now on nothing more does for others than those titles, ended by NULL;
   what waits, stays. */
void post_close_others(struct store *store, const char *domain,
		       const char *const *titles);

/* Where to look. */
struct post_place {
	int64_t journaling;	/* its id */
	int64_t now;		/* what is due then; microseconds since 1970 */
	int64_t window;		/* microseconds of one conversation, or 0 */
	bool fresh;		/* only what was not tried yet */
};

/* Reads the first ones: any, or those that belong together in a window that is
   over.  Rows are for post_item_of(). */
void post_next(struct store *store, const struct post_place *place,
	       store_fn *fn, void *ctx);

struct post_item {
	int64_t serial;
	int64_t tried, tries, refusals;
	const struct archive_row *row;	/* NULL: it is in the archive no
					   more */
	const char *audience;	/* whom it was shown in a room, a line each */
};

/* What is in it lives as long as the arena. */
struct post_item post_item_of(struct arena *arena,
			      const struct store_result *result, size_t row);

/* Changes for one transaction. */
void post_remove(struct store_batch *batch, int64_t journaling,
		 int64_t serial);
/* The item's tries are as they are now. */
void post_defer(struct store_batch *batch, int64_t journaling,
		const struct post_item *item, int64_t due);
void post_set_aside(struct store_batch *batch, int64_t journaling,
		    int64_t serial, const char *why);

/* One row: how many wait, POST_COUNTED at most and one if there are more; the
   serial of the oldest, or NULL; and how many were set aside. */
#define POST_COUNTED 100000
void post_count(struct store *store, int64_t journaling, store_fn *fn,
		void *ctx);

/* Where a message is among those that were set aside. */
struct post_aside {
	int64_t serial;
	const char *title;	/* of the section */
};

/* Those that were set aside behind that place, in the order of the archive, of
   all sections of the domain.  Rows: title, serial, when it was sent, sender,
   recipient, when it was set aside, reason. */
void post_list_aside(struct call *call, const struct post_aside *after,
		     unsigned max, call_result_fn *fn);
/* Titles that are no sections any more, and how many wait for each, likewise
   POST_COUNTED at most; also of other domains, the third cell, whose daemons
   are gone. */
void post_list_closed(struct call *call, call_result_fn *fn);
/* The same of other domains alone. */
void post_find_gone(struct store *store, const char *domain, store_fn *fn,
		    void *ctx);
/* Lets all of them, or the one of that serial if it is not 0, be tried again;
   the result has a row for each. */
void post_retry(struct store *store, const char *domain, int64_t serial,
		store_fn *fn, void *ctx);
/* All that waits, or was set aside, goes, if there is no section of that title
   any more, or its daemon is gone. */
void post_forget(struct store *store, const char *domain, const char *title,
		 store_fn *fn, void *ctx);

#endif
