/*
 * archive_page.h - a page out of somebody's archive (XEP-0313 section 4,
 * XEP-0059).
 *
 * In an account's are the messages that he sent or got, those to himself once,
 * in the order in which they came; groupchat is left out unless it is asked
 * for.  In a room's is what was said to all in it (archive_owner.h).  Of what
 * two writers have stored (archive_write.h) the first one is there, and the
 * other not, but in counts that are no page's.
 */
#ifndef SHARED_ARCHIVE_PAGE_H
#define SHARED_ARCHIVE_PAGE_H

#include <stdbool.h>
#include <stddef.h>

struct archive_owner;
struct archive_row;
struct error;
struct mam_query;
struct store;

/* A page whose messages take more ends before that is over, with one message
   at least. */
#define ARCHIVE_PAGE_BYTES 1048576
/* More are not counted. */
#define ARCHIVE_PAGE_COUNTED 10000
/* How many messages are looked through for words, and about how many bytes of
   their texts. */
#define ARCHIVE_PAGE_SEARCHED 50000
#define ARCHIVE_PAGE_SEARCHED_BYTES (32 << 20)

struct archive_page {
	const struct archive_row *rows;	/* the mark's stamp is when it was
					   sent, to a second */
	size_t count;
	bool complete;	/* nothing is left in the direction of paging */
	long total;	/* of all messages that match, where that was asked
			   for or is known anyway; or -1 */
	long index;	/* of the first one, likewise */
};

/* Called exactly once, never before the function that was given it returns.
   page is valid during the call.  err is
   ERROR_ITEM_NOT_FOUND when a message that the query names is not in the
   archive, whatever else the query says;
   ERROR_POLICY_VIOLATION when there are too many words to search for, or none
   was found in all that is looked through;
   or what the store says. */
typedef void archive_page_fn(void *ctx, const struct archive_page *page,
			     const struct error *err);

/* Of the archive of owner.  A search that was not through when it had looked at
   so much ends there, with what it found.  In a room, a query's with is who
   said it: an occupant, by the room's address and a nick, or anybody by his
   own, which is the caller's to refuse to those who may not know it.  The
   query was made with an offer without index.  All that is pointed to lives
   until fn is called. */
void archive_page_find(struct store *store, const struct archive_owner *owner,
		       const struct mam_query *query, archive_page_fn *fn,
		       void *ctx);

#endif
