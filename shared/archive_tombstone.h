/*
 * archive_tombstone.h - messages of which nothing is left but that there was
 * one (XEP-0313 section 3.2, XEP-0424).
 *
 * A tombstone keeps the uid, the times, the type and the addresses, and is
 * never shown as a message again.  What is held (shared/archive_hold.h) keeps
 * its text beneath until it is held no more.
 */
#ifndef SHARED_ARCHIVE_TOMBSTONE_H
#define SHARED_ARCHIVE_TOMBSTONE_H

#include <stdint.h>

#include "shared/store.h"

struct arena;
struct xml;

/* What stands in place of one that was retracted. */
struct archive_tombstone {
	int64_t stamp;			/* when, microseconds since 1970 */
	const char *id;			/* of the message that did it; NULL, or
					   longer than 256: it is not told */
	const struct xml *moderated;	/* says by which moderator (XEP-0425);
					   NULL: its author */
	const char *reason;		/* or NULL */
};

/* As XML, which lives as long as the arena. */
const char *archive_tombstone_print(struct arena *arena,
				    const struct archive_tombstone *tombstone);

/* What makes one of a row that nothing holds, in SQL: behind SET.  128 is
   ARCHIVE_ERASED; what is left of the others says how it came. */
#define ARCHIVE_TOMBSTONE_SET \
	"flags = (flags & 7) | 128, rest = NULL, " ARCHIVE_TOMBSTONE_EMPTY
/* But for what is left in its place. */
#define ARCHIVE_TOMBSTONE_EMPTY \
	"lang = NULL, subject = NULL, body = NULL, thread = NULL, " \
	"relation = NULL, about = NULL"

/* Takes the text of those that were held and are not any more.  A row of the
   result is one of them, ARCHIVE_TOMBSTONE_MAX at most, as there may be
   more. */
#define ARCHIVE_TOMBSTONE_MAX 500
void archive_tombstone_finish(struct store *store, store_fn *fn, void *ctx);

#endif
