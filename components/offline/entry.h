/*
 * entry.h - a record of a spool, understood: whose message it is, and what of
 * it is kept.
 */
#ifndef OFFLINE_ENTRY_H
#define OFFLINE_ENTRY_H

#include "components/offline/shelf.h"

struct arena;
struct error;
struct spool_record;

/* Whose messages are taken. */
struct entry_scope {
	const char *from;	/* of that host; NULL: of any */
	const char *host;	/* and become those of that one; NULL: they
				   stay */
};

struct entry {
	const char *jid;	/* the user, as here */
	struct shelf_message message;
};

/* Returns 0; ENTRY_ELSEWHERE when it is none of the scope's; or -1 with err,
   whose text says for people why it cannot be taken.  now stands for a time
   that is not known.  entry_r lives as long as the arena; its jid is set as
   far as it is known. */
#define ENTRY_ELSEWHERE 1
int entry_read(struct arena *arena, const struct spool_record *record,
	       const struct entry_scope *scope, int64_t now,
	       struct entry *entry_r, struct error *err);

#endif
