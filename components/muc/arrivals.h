/*
 * arrivals.h - people who enter a room together.
 *
 * What those inside are to be told of each, and each of those inside, is sent
 * for many at once: the router reads a presence once for many, not once for
 * each of them.
 */
#ifndef MUC_ARRIVALS_H
#define MUC_ARRIVALS_H

#include <stddef.h>

#include "components/muc/arrival.h"

/* All zero: nobody.  Nothing else may happen in the room until all were
   told. */
struct arrivals {
	struct arrival *people;		/* of one room, none of them there
					   before, by any client */
	size_t count, size;
};

void arrivals_fini(struct arrivals *arrivals);

void arrivals_add(struct arrivals *arrivals, const struct arrival *arrival);

/* Tells all; nobody is left then. */
void arrivals_tell(struct arrivals *arrivals);

#endif
