/*
 * configure.h - giving a room other options, and what follows from that
 * (XEP-0045 section 10.2).
 */
#ifndef MUC_CONFIGURE_H
#define MUC_CONFIGURE_H

#include <stdbool.h>

#include "components/muc/options.h"

struct arena;
struct room;

struct configure {
	struct room *room;
	struct options was;
	bool is_new;		/* it was locked */
};

/* Gives the room options, which were checked and are taken, and opens it.
   Whoever is to get another affiliation with it gets it now. */
void configure_begin(struct configure *configure, struct room *room,
		     const struct options *options);
/* Tells all, and removes those who may not stay.  The room may be freed. */
void configure_end(struct configure *configure, struct arena *arena);

#endif
