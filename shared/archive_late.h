/*
 * archive_late.h - messages that are stored behind what has retracted them.
 *
 * That happens to what was held for review meanwhile, and to what a database
 * has refused and somebody puts into the journal again.  What retracted them is
 * looked for, and buries them as if it came now (archive_burial.h): that which
 * was sent after them, to a second, among what is stored.
 */
#ifndef SHARED_ARCHIVE_LATE_H
#define SHARED_ARCHIVE_LATE_H

struct archive_row;
struct error;
struct store;

/* Says of a retraction what it buries, as archive_outlet.h's change. */
typedef void archive_late_change_fn(void *ctx, struct archive_row *row);

struct archive_late {
	struct store *store;
	archive_late_change_fn *change;
	void *ctx;
};

/* Called exactly once, never before the function that was given it returns.
   err is NULL once all is done, or what the store says. */
typedef void archive_late_fn(void *ctx, const struct error *err);

/* uids is a list (store_list.h) of messages that are stored. */
void archive_late_bury(const struct archive_late *late, const char *uids,
		       archive_late_fn *fn, void *fn_ctx);

#endif
