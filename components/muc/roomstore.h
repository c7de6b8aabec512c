/*
 * roomstore.h - rooms and the people in them, written to the database a moment
 * after they have changed.
 *
 * Who changes something says so; soon afterwards what has changed by then goes
 * into one transaction, and what changes meanwhile into the next one.  So a
 * room's rows are always those of one moment, and nothing is lost while the
 * process lives: what was not written is still known to be unsaved.
 *
 * Temporary rooms and occupants are stored as well, for a process that takes
 * over after this one was killed; with the database "none", which ends with
 * the process, only persistent rooms are.
 */
#ifndef MUC_ROOMSTORE_H
#define MUC_ROOMSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "components/muc/rows.h"

struct history_item;
struct muc;
struct occupant;
struct room;
struct roomstore_ended;
struct session;

struct roomstore {
	struct muc *muc;
	struct rows rows;
	struct room *unsaved;	/* those with something to be written */
	size_t unsaved_count;
	struct roomstore_ended *ended;	/* rooms to be deleted, until they
					   certainly are */
	size_t ended_count;	/* of those, not on their way */
	unsigned batches;	/* on their way */
	uv_timer_t *timer;	/* until the next one */
	bool stopped;
};

/* muc is the one that it is a part of, with its runtime set. */
void roomstore_init(struct roomstore *roomstore, struct muc *muc);
/* Writes all that is unsaved, then takes everybody, and all rooms that end
   with the last one in them, out of the database; but those who are not back
   yet from before a kill stay there for the process that comes next.  Nothing
   is written afterwards. */
void roomstore_stop(struct roomstore *roomstore);
void roomstore_fini(struct roomstore *roomstore);

/* Writes now, so that what is read next from the database is right, unless the
   database has not answered for long. */
void roomstore_flush(struct roomstore *roomstore);

/* Whether it stays when the last one has left: a persistent room, once it is
   configured.  The others are stored as well if people are. */
bool roomstore_keeps(const struct room *room);
/* Whether the room could leave memory. */
bool roomstore_is_saved(const struct room *room);
/* Whether a room of that address has ended but may still be found. */
bool roomstore_is_ended(const struct roomstore *roomstore, const char *jid);

/* What has changed: options, subject, state, or that it is there. */
void roomstore_save(struct room *room);
/* What the address is to the room. */
void roomstore_save_affiliate(struct room *room, const char *jid);
/* There is a new message. */
void roomstore_save_message(struct room *room);
/* That message is another one now. */
void roomstore_save_history(struct room *room,
			    const struct history_item *item);
void roomstore_save_occupant(struct occupant *occupant);
void roomstore_save_session(struct session *session);
/* The session goes. */
void roomstore_drop_session(struct session *session);

/* The room ends. */
void roomstore_delete(struct room *room);
/* The room leaves memory. */
void roomstore_forget(struct room *room);

#endif
