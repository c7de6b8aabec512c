/*
 * archive_search.h - a walk through everybody's messages, part by part.
 *
 * For those who may see all of them: whoever asks for his own is given pages
 * (archive_page.h).  Groupchat counts as all else, and a message that somebody
 * sent to himself is one.
 */
#ifndef SHARED_ARCHIVE_SEARCH_H
#define SHARED_ARCHIVE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/archive_row.h"

struct archive_search;
struct error;
struct store;

/* Most messages read at a time; and about so many bytes of them. */
#define ARCHIVE_SEARCH_ROWS 500
#define ARCHIVE_SEARCH_BYTES 1048576

struct archive_search_filter {
	const char *who;	/* a bare address: the sender, the recipient,
				   or whom it was shown in a room; NULL:
				   anybody */
	const char *with;	/* the other one, who has said it where who was
				   shown it; NULL likewise, as it is where who
				   is NULL, or room or shown is not */
	const char *room;	/* what was said in it to all, by who; NULL:
				   anywhere */
	const char *shown;	/* a bare address: what was said in rooms, by
				   who, and shown to that person; NULL: all */
	int64_t start, end;	/* when it was sent, microseconds since 1970,
				   end not included */
	int64_t after, before;	/* serials, not included */
	bool audience;		/* tell whom each was shown in a room */
	const char *text;	/* words that are all in what is written in it
				   (archive_texts.h); NULL: any */
	bool backward;		/* the latest first */
};

/* That of all messages. */
extern const struct archive_search_filter archive_search_all;

struct archive_search_part {
	/* Those that match, in order.  The recipient of what was said in a
	   room is its address alone. */
	const struct archive_row *rows;
	/* Of each: a line for each bare address that was shown it in a room;
	   "" where nobody was.  As far as the filter says so. */
	const char *const *audiences;
	size_t count;
	size_t seen;		/* all that were read since the beginning */
	int64_t reached;	/* where the next part begins: its after or,
				   backward, its before */
	bool complete;		/* nothing is left */
};

/* part is valid during the call, in which the search may be freed.  err is what
   the store says. */
typedef void archive_search_fn(void *ctx,
			       const struct archive_search_part *part,
			       const struct error *err);

/* The filter is copied.  Returns 0, or -1 with ERROR_POLICY_VIOLATION when
   there are too many words. */
int archive_search_new(struct store *store,
		       const struct archive_search_filter *filter,
		       struct archive_search **search_r, struct error *err);
/* No part is on its way. */
void archive_search_free(struct archive_search **search);

/* Reads the next part, one at a time.  fn is called exactly once, never before
   this returns. */
void archive_search_next(struct archive_search *search, archive_search_fn *fn,
			 void *ctx);

#endif
