/*
 * archive_hearsay.h - what is said in rooms that are not kept here: on other
 * servers, or of the router's own.
 *
 * Nothing is known of it but copies: that of its author, if he is one of ours,
 * and those that the room sends to each of ours who are inside.  All of them
 * are one message, and archive_delivery has who was shown it.
 *
 * Where the room gives it an id (XEP-0359), that tells which copies are of one
 * message.  Otherwise they have the same nick, id and texts, come within
 * minutes, and no session gets two of them.  The author's copy is the one of
 * the same id, or origin-id, and texts that was sent before.  What came before,
 * and the room shows to whoever enters, is known by when it was said as well.
 *
 * As in other rooms, the row's recipient is an archive of the room, and
 * to_resource the nick.  Its sender is the room, where nobody knows who has
 * that nick.  It is in no archive that users read.
 */
#ifndef SHARED_ARCHIVE_HEARSAY_H
#define SHARED_ARCHIVE_HEARSAY_H

#include <stdbool.h>
#include <stdint.h>

struct archive_mark;
struct archive_row;
struct arena;
struct error;
struct stanza;
struct store_batch;

/* What follows the room's address in that of its archive: no room that is kept
   here was made then. */
#define ARCHIVE_HEARSAY_ARCHIVE "/0"
#define ARCHIVE_HEARSAY_ORIGIN_MAX 255

/* What a copy tells beside its row. */
struct archive_hearsay {
	const char *hearer;	/* whom the room has sent it to, a full
				   address; "": to nobody */
	const char *origin;	/* another id that the author gave to it; or
				   NULL */
	bool sent;		/* it is the author's */
	bool named;		/* the row's uid is by the room's id */
	bool late;		/* the room tells what was said before */
};

/* The row of such a copy, which the mark is of: one of ours has sent it, or got
   it; or both, where one writes to another as if that was a room.  It lives as
   that of archive_row_of(), whose results these are; for nobody is
   ERROR_BAD_REQUEST as well. */
int archive_hearsay_of(struct arena *arena, const struct stanza *stanza,
		       const struct archive_mark *mark,
		       struct archive_row *row_r, struct error *err);

/* Adds what writes it, unless somebody writes here who keeps that room
   (archive_writer.h); since is when the first copy may have come, a serial, and
   stamp as it is stored, 0: serial tells it.  All addresses are stored before
   that. */
void archive_hearsay_add(struct store_batch *batch,
			 const struct archive_row *row, int64_t since,
			 int64_t stamp);

/* Adds what forgets copies that were there some days before that serial. */
void archive_hearsay_forget(struct store_batch *batch, int64_t serial);

#endif
