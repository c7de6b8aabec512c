/*
 * mam_fin.h - the end of a query's results (XEP-0313 section 4.3.2).
 */
#ifndef SHARED_MAM_FIN_H
#define SHARED_MAM_FIN_H

#include <stdbool.h>

#include "shared/rsm.h"

struct arena;
struct xml;

struct mam_fin {
	bool complete;		/* nothing is left in the direction of
				   paging */
	bool unstable;		/* the same query may find other messages,
				   or in another order */
	struct rsm_page page;	/* in order of time, flipped or not */
};

/* What the IQ is answered with after the last result, in the arena.  Ids are
   borrowed. */
struct xml *mam_fin_new(struct arena *arena, const struct mam_fin *fin);

#endif
