/*
 * evidence.h - what is kept of a copy of a message.
 */
#ifndef ARCHIVE_EVIDENCE_H
#define ARCHIVE_EVIDENCE_H

#include <stdbool.h>

struct archive;
struct archive_mark;
struct archive_row;
struct arena;
struct error;
struct stanza;

/* By which ways a copy that has these is to be kept; 0: it is not.  cut: there
   was more in it, of which nothing is known. */
unsigned evidence_ways(const struct archive *archive,
		       const struct stanza *message, unsigned ways, bool cut);

/* Its row, by a mark of such ways: that of archive_row_of(), whose results
   these are; or of archive_hearsay_of(), where it is said in a room.  Whether
   that room is kept here, the database knows. */
int evidence_row(struct arena *arena, const struct stanza *message,
		 const struct archive_mark *mark, struct archive_row *row_r,
		 struct error *err);

#endif
