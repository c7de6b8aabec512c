/*
 * archive_burial.h - what a user has retracted (XEP-0424) goes out of the
 * archive, in the transaction that stores the retraction.
 *
 * It is the last message of that id that the same one has sent to the same
 * other one before, and what he has said in its place (XEP-0308).  Of it is
 * left that it was retracted, when, and by which message; what is held
 * (archive_hold.h) is shown as one that was removed, and keeps its text until
 * it is held no more.  Where the row says that it conceals, all of it stays
 * for those who search all messages, and is in no other archive, not even by a
 * copy that comes later.  The table archive_retraction says which messages
 * these were, for whoever takes them out of it.
 */
#ifndef SHARED_ARCHIVE_BURIAL_H
#define SHARED_ARCHIVE_BURIAL_H

struct archive_row;
struct store;
struct store_batch;

/* How many messages of the sender are looked through. */
#define ARCHIVE_BURIAL_DEPTH 10000

/* Adds what takes away the text of what the row, a retraction whose buries is
   not 0, is about: behind what stores the row, in a batch that begins by
   archive_hold_heed(). */
void archive_burial_add(struct store *store, struct store_batch *batch,
			const struct archive_row *row);

#endif
