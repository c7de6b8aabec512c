/*
 * held.h - stanzas that are kept until somebody has reviewed them: the table
 * archive_held.
 */
#ifndef ARCHIVE_HELD_H
#define ARCHIVE_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/archive_hold.h"
#include "shared/call.h"
#include "shared/hook_event.h"
#include "shared/store.h"

struct archive;
struct arena;
struct error;
struct held_entry;

struct held {
	const char *uid;
	const char *host;
	enum hook_point point;
	const char *profile;
	int64_t stamp, since;
	const char *sender, *recipient;	/* full addresses; "" for none */
	const char *stanza;
	const char *waits;	/* for a server of that policy; "": for a
				   reviewer */
};

/* Called once, never from within held_put(): it is durable; or, with err, it is
   not kept. */
typedef void held_fn(void *ctx, const struct error *err);

/* For whom it waits, as above, and since when: the order of those that wait, so
   no two have the same. */
struct held_term {
	const char *waits;
	int64_t since;
};

/* Whether as many are held as may be, about; those that come before it is known
   that they are durable count as well. */
bool held_is_full(const struct archive *archive);

/* Keeps what a check is about.  Nobody else decides about it until that is
   known, or it is gone again. */
struct held_entry *held_put(struct archive *archive,
			    const struct hook_event *event,
			    const struct held_term *term, held_fn *fn,
			    void *ctx);
/* It is not to be kept, whatever is known by now, and nobody is told.  It may
   be NULL. */
void held_forget(struct held_entry **entry);
/* It is done with, and is to go, however often the database has to be asked.
   Nobody else decides about it until it is gone; whoever calls has no claim to
   it any more. */
void held_take_out(struct archive *archive, const char *uid, const char *host);
/* The database is closed: what it did not take out stays there. */
void held_end(struct archive *archive);

/* SQL, of one x that is held: what holds it in a matter, as h.  A resource that
   looks as an address of a domain has it covered as well: rather too much than
   too little. */
#define HELD_HOLD_FROM \
	"FROM (SELECT x.sender AS jid UNION ALL SELECT x.recipient) AS a " \
	"JOIN archive_hold h ON " ARCHIVE_HOLD_IS_OF("a") " " \
	"WHERE x.stamp >= h.since AND x.stamp < h.until"
#define HELD_IS_COVERED "EXISTS (SELECT 1 " HELD_HOLD_FROM ")"

/* One of that uid that another host has is not meant. */
void held_remove(struct store *store, const char *uid, const char *host,
		 store_fn *fn, void *ctx);
/* Removes it only if it has waited since before then, and no legal hold covers
   it.  A row of the result: it went. */
void held_remove_free(struct store *store, const struct held *held,
		      int64_t before, store_fn *fn, void *ctx);
/* From now on it waits for a reviewer. */
void held_review(struct store *store, const char *uid, store_fn *fn,
		 void *ctx);

/* Where one is among those that wait.  All zero: before the first. */
struct held_place {
	int64_t since;
	char *uid;
};
void held_place_set(struct held_place *place, const struct held *held);
void held_place_reset(struct held_place *place);

/* The oldest one behind that place that waits for a server of that policy: at
   most a row for held_of(). */
void held_next(struct store *store, const char *policy,
	       const struct held_place *place, store_fn *fn, void *ctx);

/* Of a statement whose rows are for held_of(). */
#define HELD_COLUMNS \
	"uid, host, point, profile, stamp, since, sender, recipient, stanza, " \
	"waits"

/* Goes on with the one of that uid, or with the oldest ones behind that place:
   rows for held_of(). */
void held_find(struct call *call, const char *uid, call_result_fn *fn);
void held_list(struct call *call, const struct held_place *place, unsigned max,
	       call_result_fn *fn);
/* What is in a row, which lives as long as the result. */
struct held held_of(const struct store_result *result, size_t row);
/* The same, as long as the arena. */
struct held held_copy(struct arena *arena, const struct store_result *result,
		      size_t row);

#endif
