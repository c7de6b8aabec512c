/*
 * minutes.h - a record of a room's archive of another service (shared/spool.h),
 * understood: what was said, by whom, and as whom.
 */
#ifndef MUC_MINUTES_H
#define MUC_MINUTES_H

#include <stdint.h>

#include "shared/archive_import.h"

struct arena;
struct error;
struct jid;
struct spool_record;

/* Which are taken. */
struct minutes_scope {
	const char *from;	/* of rooms of that service; NULL: of any */
	const char *host;	/* and become those of that one; NULL: they
				   stay */
	int64_t now;		/* none is from later, but for a day */
};

/* The address that its room has here.  Returns 0; ARCHIVE_IMPORT_ELSEWHERE; or
   -1 with err when that is none. */
int minutes_room(struct arena *arena, const struct spool_record *record,
		 const struct minutes_scope *scope, const struct jid **room_r,
		 struct error *err);

/* As an import's read, of a message of that room, whose archive has that
   address.  Whoever is known by the nick alone has the room's as his own. */
int minutes_read(struct arena *arena, const struct spool_record *record,
		 const char *address, struct archive_shelving_item *item_r,
		 struct error *err);
/* Whether it may be of that time.  -1 with err when it may not. */
int minutes_check(const struct spool_record *record,
		  const struct minutes_scope *scope, struct error *err);

#endif
