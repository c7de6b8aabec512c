/*
 * copies-private.h - what takes messages out of an archive, and how each
 * database wants it said.
 */
#ifndef ARCHIVE_COPIES_PRIVATE_H
#define ARCHIVE_COPIES_PRIVATE_H

#include "components/archive/retention/copies.h"

/* One behind the other: who was shown a message later, who was there, the ways
   of those that another one has still, and the others. */
enum copies_step {
	COPIES_DELIVERIES, COPIES_VISITS, COPIES_WAYS, COPIES_MESSAGES,
	COPIES_STEPS,
};

/* Parameters of the steps: $1 the owner, $2 and $3 the first serial and the
   last, $4 all of them. */
struct copies_sql {
	const char *find;
	const char *pg[COPIES_STEPS], *sqlite[COPIES_STEPS];
};

extern const struct copies_sql copies_sqls[COPIES_SIDES];

#endif
