/*
 * archive_ends.h - where somebody's archive begins and ends (XEP-0313
 * section 5).
 */
#ifndef SHARED_ARCHIVE_ENDS_H
#define SHARED_ARCHIVE_ENDS_H

struct archive_owner;
struct error;
struct mam_metadata;
struct store;

/* Called exactly once, never before the function that was given it returns.
   ends is valid during the call; err is what the store says. */
typedef void archive_ends_fn(void *ctx, const struct mam_metadata *ends,
			     const struct error *err);

/* Of the archive of owner; an account's with its groupchat. */
void archive_ends_find(struct store *store, const struct archive_owner *owner,
		       archive_ends_fn *fn, void *ctx);

#endif
