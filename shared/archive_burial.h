/*
 * archive_burial.h - what was retracted (XEP-0424) goes out of the archive, in
 * the transaction that stores the retraction.
 *
 * What a user retracts is the last message of that id that the same one has
 * sent to the same other one before; in a room it is the one to which the room
 * gave that id, if it is of the same author, or a moderator wants it
 * (XEP-0425).  With it goes what its author has said in its place (XEP-0308).
 * Of it is left that it was retracted, when, and by which message; what is held
 * (archive_hold.h) is shown as if no more were left, and keeps its text until
 * it is held no more.  Where that is to be concealed, all of it stays for those
 * who search all messages, and is shown so to all others, be it by a copy that
 * comes later; in rooms that is so as well where the table archive_kept names
 * the author or the room.  The table archive_retraction says which messages
 * these were, for whoever takes them out of it.
 */
#ifndef SHARED_ARCHIVE_BURIAL_H
#define SHARED_ARCHIVE_BURIAL_H

#include <stdbool.h>
#include <stdint.h>

struct archive_row;
struct arena;
struct store;
struct store_batch;

/* How many messages of the sender are looked through. */
#define ARCHIVE_BURIAL_DEPTH 10000

/* Adds what takes away the text of what the row, a retraction whose buries is
   not 0, is about: behind what stores the row, in a batch that begins by
   archive_hold_heed().  In a room the row's nick is its author's; "": it is a
   moderator's, and says what he says of it. */
void archive_burial_add(struct store *store, struct store_batch *batch,
			const struct archive_row *row);

/* What the row of a retraction leaves of a message: archive_tombstone_print(),
   in the arena. */
const char *archive_burial_left(struct arena *arena,
				const struct archive_row *row);

struct archive_burial_room {
	const char *who;	/* a bare address */
	const char *archive;	/* the room's (archive_row.h) */
	const char *target;	/* the message's uid */
	const char *retraction;	/* the uid of the one that asks for it */
	const char *left;	/* of it */
	int64_t serial;		/* what its author says in its place is before
				   that */
	bool moderated;		/* it need not be his; what is left of one that
				   was retracted before is left no more */
	bool conceals;
};

/* The same in a room, whoever asks for it. */
void archive_burial_add_room(struct store *store, struct store_batch *batch,
			     const struct archive_burial_room *burial);

#endif
