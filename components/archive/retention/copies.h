/*
 * copies.h - messages in the archive of one of those they are of, which is
 * over for them.
 *
 * A message is in the archive of its sender and in that of its recipient as
 * its ways say.  It goes out of each by itself, so that each has no gaps, and
 * altogether once it is in neither.  What was said in a room is in that room's
 * archive alone, and goes with who was shown it.
 */
#ifndef ARCHIVE_COPIES_H
#define ARCHIVE_COPIES_H

#include <stdint.h>

#include "components/archive/retention/tenure.h"
#include "shared/store.h"

enum copies_side { COPIES_SENT, COPIES_RECEIVED, COPIES_SIDES };

/* Which of them: owner is an address's id. */
struct copies_place {
	enum copies_side side;
	int64_t owner;
	int64_t after;	/* a serial, not included */
	/* Serials, one for each kind, that are not over yet, as all that are
	   greater; 0: none is over. */
	int64_t before[TENURE_KINDS];
};

#define COPIES_MAX 500

/* In their order, COPIES_MAX at most.  Rows are as follows. */
void copies_find(struct store *store, const struct copies_place *place,
		 store_fn *fn, void *ctx);
enum copies_column { COPIES_SERIAL, COPIES_KIND, COPIES_IS_HELD };

/* Takes those of these serials, in their order, out of that archive that are
   not held.  A row of the result is a message that went altogether. */
void copies_remove(struct store *store, const struct copies_place *place,
		   const int64_t *serials, size_t count, store_fn *fn,
		   void *ctx);

#endif
