/*
 * chronicle_entry.h - what was said in a room, as it goes into the archive.
 */
#ifndef MUC_CHRONICLE_ENTRY_H
#define MUC_CHRONICLE_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

struct archive_row;
struct arena;
struct error;
struct room;
struct stanza;

/* A message, in which is nothing that the room has added, by its id in the
   archive and the time at which it came. */
struct chronicle_entry {
	const struct room *room;
	const struct stanza *stanza;	/* as it came from the author */
	const char *nick;		/* his; "": the room itself said it */
	const char *uid;
	int64_t stamp;
	bool unseen;			/* by those who read the room's */
	bool unstored;			/* all that is done is that what it
					   retracts goes */
};

/* The row by that serial, which lives as long as both.  Returns 0, or -1 with
   err: it cannot be in the archive. */
int chronicle_entry_row(const struct chronicle_entry *entry,
			struct arena *arena, int64_t serial,
			struct archive_row *row_r, struct error *err);

#endif
