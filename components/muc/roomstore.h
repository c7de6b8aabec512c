/*
 * roomstore.h - persistent rooms in the database (schema/muc).
 *
 * Writes are handed to the store and forgotten: it does them in order and
 * again when the database was away.
 */
#ifndef MUC_ROOMSTORE_H
#define MUC_ROOMSTORE_H

#include <stdbool.h>

struct arena;
struct error;
struct history_item;
struct muc;
struct room;

/* The statements, made once from the table of options. */
struct roomstore {
	struct arena *arena;
	const char *select, *upsert;
};

void roomstore_init(struct roomstore *roomstore);
void roomstore_fini(struct roomstore *roomstore);

/* Fills a room of state ROOM_LOADING; found tells whether it is stored.  fn is
   called once, later, with err when the database could not be asked. */
typedef void roomstore_fn(struct room *room, bool found,
			  const struct error *err);
void roomstore_load(struct room *room, roomstore_fn *fn);

/* The room and all that belongs to it: it became persistent. */
void roomstore_save_all(struct room *room);
/* Options and subject. */
void roomstore_save(struct room *room);
/* What the address is to the room now, be it nothing. */
void roomstore_save_affiliate(struct room *room, const char *jid);
/* A new message, and the end of those that are too old. */
void roomstore_save_message(struct room *room,
			    const struct history_item *item);
void roomstore_delete(struct room *room);

#endif
