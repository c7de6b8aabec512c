/*
 * unsaved.h - what of one room is in memory but not yet in the database.
 *
 * Only that something has changed is kept, not each change: however often
 * somebody changes his presence, and however long the database is away, it is
 * written once, as it then is, and takes no memory.
 */
#ifndef MUC_UNSAVED_H
#define MUC_UNSAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct room;
struct session;
struct store_batch;

/* A part of struct room. */
struct unsaved {
	struct room *prev, *next;	/* roomstore.c's, as are these */
	bool listed;
	unsigned writing;	/* batches on their way with some of it */
	bool alone;		/* no other room into the same batch */

	bool stored;		/* the database has it, or will soon */
	bool all;		/* whatever the database has of it is wrong */
	bool row;		/* options, subject */
	bool sessions;		/* some session's unsaved is set */
	int64_t message;	/* serial of the newest message written */
	int64_t trimmed;	/* of the oldest that may be there */
	struct unsaved_affiliate *affiliates;	/* that changed */
	size_t affiliate_count;
	struct unsaved_session *gone;	/* sessions that have a row still */
};

/* What has changed. */
void unsaved_add_affiliate(struct room *room, const char *jid);
void unsaved_add_session(struct session *session);
/* The session goes. */
void unsaved_drop_session(struct session *session);

/* Adds all to the batch; then nothing is unsaved. */
void unsaved_write(struct room *room, struct store_batch *batch);
/* The database has the room as it now is in memory. */
void unsaved_mark_saved(struct room *room);
/* Frees what is kept of affiliations and of sessions that went. */
void unsaved_clear(struct room *room);

#endif
