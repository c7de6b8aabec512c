/*
 * deeds.h - events in the archive that are over, of those they are of.
 *
 * One in a room is the room's, as what is said in it is; any other one is of
 * who did it.
 */
#ifndef ARCHIVE_DEEDS_H
#define ARCHIVE_DEEDS_H

#include <stdint.h>

#include "shared/store.h"

/* Whose: an address's id; and serials that are not over yet, as all that are
   greater: of his own, and of those in the room that he may be.  0: none
   is over. */
struct deeds_place {
	int64_t owner;
	int64_t own_before, room_before;
};

#define DEEDS_MAX 500

/* In their order, DEEDS_MAX at most.  A row has the serial of one that is over
   and not held. */
void deeds_find(struct store *store, const struct deeds_place *place,
		store_fn *fn, void *ctx);

/* Removes those that are not held by now.  A row of the result is one that
   went. */
void deeds_remove(struct store *store, const int64_t *serials, size_t count,
		  store_fn *fn, void *ctx);

#endif
