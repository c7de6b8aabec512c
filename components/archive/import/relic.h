/*
 * relic.h - a record of a router's archive (shared/spool.h), understood: whose
 * it is, and the row that it becomes here.
 *
 * A message between two users of the router is in it twice, as each has an
 * archive of his own, with an id of its own.  Each copy stays one of its
 * owner's alone, so that every id is found that a client knows; where both have
 * one id they become one message.
 */
#ifndef ARCHIVE_RELIC_H
#define ARCHIVE_RELIC_H

#include "components/archive/command/period.h"
#include "shared/archive_import.h"

struct arena;
struct error;
struct spool_record;

/* Which are taken. */
struct relic_scope {
	const char *from;	/* of that host; NULL: of any */
	const char *host;	/* and become those of that one; NULL: they
				   stay */
	struct period period;
	const char *const *hosts;	/* ours, ended by NULL */
	int64_t now;		/* none is from later, but for a day */
};

/* As an import's read. */
int relic_read(struct arena *arena, const struct spool_record *record,
	       const struct relic_scope *scope,
	       struct archive_shelving_item *item_r, struct error *err);

#endif
