/*
 * traces.h - what there is of one person in the archive, and its removal.
 *
 * What he has written goes: it leaves a tombstone in the archives of others,
 * and nothing where there is none.  What others have written to him stays in
 * their archives.  In both his address gives way to an alias, as it does where
 * it says what he was shown in rooms.  What is held stays as it is, and so does
 * what came after it was asked for.  Events go altogether.
 */
#ifndef ARCHIVE_TRACES_H
#define ARCHIVE_TRACES_H

#include <stddef.h>
#include <stdint.h>

#include "shared/store.h"

enum traces_side {
	TRACES_SENT, TRACES_RECEIVED,
	TRACES_SHOWN,	/* shared/archive_attendance.h */
	TRACES_SIDES,
};

struct traces {
	enum traces_side side;
	const char *jid, *alias;
	int64_t after;		/* a serial, not included */
};

#define TRACES_MAX 500

/* Notes that somebody wants them erased, as of now, and which alias stands for
   him.  The result has the alias, that of the first time, and who. */
void traces_begin(struct store *store, const struct traces *traces,
		  const char *who, store_fn *fn, void *ctx);
/* The same for what was noted before; no row: it was done meanwhile. */
void traces_resume(struct store *store, const struct traces *traces,
		   store_fn *fn, void *ctx);

/* In their order, TRACES_MAX at most; each row has a serial, and 1 when it is
   held.  Of what he was shown that is the beginning of an interval, or that of
   the message. */
void traces_find(struct store *store, const struct traces *traces,
		 store_fn *fn, void *ctx);

/* Of these serials, in their order.  A row of the result is one of which
   something is left, for others; not so of what he was shown. */
void traces_erase(struct store *store, const struct traces *traces,
		  const int64_t *serials, size_t count, store_fn *fn,
		  void *ctx);

/* The first TRACES_MAX events by him, for him or about him, without those that
   are held.  A row of the result is one that went. */
void traces_forget_events(struct store *store, const struct traces *traces,
			  store_fn *fn, void *ctx);

/* Where nothing is left that is held (pending.h has what is held for review),
   it is noted no more; and his address goes as well, where there are none that
   came later. */
void traces_end(struct store *store, const struct traces *traces,
		store_fn *fn, void *ctx);

/* In each row a matter, and how many it holds of his messages, of his events,
   of what says that he was shown something, and of what is held for review. */
void traces_count_held(struct store *store, const struct traces *traces,
		       store_fn *fn, void *ctx);

#endif
