/*
 * visits.h - when people were in rooms, where nothing is left of what was said
 * meanwhile.
 *
 * Most go with the last message (copies.h); but who is still there then may yet
 * be shown more.
 */
#ifndef ARCHIVE_VISITS_H
#define ARCHIVE_VISITS_H

#include <stdint.h>

#include "shared/store.h"

struct visits_place {
	int64_t room;	/* an address's id */
	int64_t before;	/* a serial; those who left later stay, as do all that
			   began later */
	/* Behind this one: when it began, and whose it is.  0: at the first. */
	int64_t first, owner;
};

#define VISITS_MAX 500

/* In their order, VISITS_MAX at most, whether they are over or not: many may
   not be, where kinds of messages are kept differently.  Rows are as
   follows. */
void visits_find(struct store *store, const struct visits_place *place,
		 store_fn *fn, void *ctx);
enum visits_column { VISITS_FIRST, VISITS_OWNER, VISITS_IS_OVER };

/* Removes those that are over and began from the first of these serials to the
   last. */
void visits_remove(struct store *store, const struct visits_place *place,
		   const int64_t bounds[2], store_fn *fn, void *ctx);

#endif
