/*
 * prosody_item.h - a stored message as Prosody's internal storage writes it: a
 * table with name, attr and children (its util.stanza, preserialize), when it
 * came, and in an archive its key and whom it was with.
 */
#ifndef SHARED_PROSODY_ITEM_H
#define SHARED_PROSODY_ITEM_H

struct arena;
struct error;
struct spool_record;
struct term;

/* Sets stanza, stamp, and key and peer where the item has them.  Returns 0, or
   -1 with err when it is no stanza. */
int prosody_item_read(struct arena *arena, const struct term *item,
		      struct spool_record *record, struct error *err);

#endif
