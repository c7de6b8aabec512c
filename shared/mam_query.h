/*
 * mam_query.h - what a client asks of an archive (XEP-0313 section 4).
 */
#ifndef SHARED_MAM_QUERY_H
#define SHARED_MAM_QUERY_H

#include <stdbool.h>

#include "shared/mam_filter.h"
#include "shared/rsm.h"

struct arena;
struct error;
struct mam_offer;
struct xml;

/* The most bytes of a queryid. */
#define MAM_QUERY_ID_MAX 255

struct mam_query {
	const char *queryid;	/* NULL: none; to be said in each result */
	struct mam_filter filter;
	struct rsm rsm;
	bool flip;		/* the page is sent last first; it is the same
				   page (section 4.3.4) */
};

/* Reads <query/>, of type set, to an archive with that offer; what it says
   borrows from el and the arena.  Returns 0, or -1:
   ERROR_FEATURE_NOT_IMPLEMENTED: a page by index that is not in the offer;
   ERROR_ITEM_NOT_FOUND: a page at an id that can be in no archive, or a node,
   which only archives of XEP-0442 have;
   ERROR_POLICY_VIOLATION: a queryid longer than that;
   ERROR_BAD_REQUEST: two forms, two sets;
   and what mam_filter_parse() and rsm_parse() say. */
int mam_query_parse(struct arena *arena, const struct xml *el,
		    const struct mam_offer *offer, struct mam_query *query_r,
		    struct error *err);

#endif
