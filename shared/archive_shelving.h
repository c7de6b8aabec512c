/*
 * archive_shelving.h - where messages of a router's archive go among those that
 * are here: which of them are known, and a serial for each that is not.
 *
 * Their serials are of the time when they were sent, and of writer 0, so that
 * they are in everybody's archive where they belong, and in the month that they
 * belong to.  Those of one second, which is all that Prosody's database knows,
 * follow one another.
 */
#ifndef SHARED_ARCHIVE_SHELVING_H
#define SHARED_ARCHIVE_SHELVING_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/archive_row.h"

struct arena;
struct error;
struct store;

/* The most that are looked for at a time. */
#define ARCHIVE_SHELVING_MAX 100
/* A uid without blanks leaves room for one, and so many bytes behind it. */
#define ARCHIVE_SHELVING_MARK 16
#define ARCHIVE_SHELVING_UID_MAX (ARCHIVE_UID_MAX - ARCHIVE_SHELVING_MARK - 1)

enum archive_shelving_state {
	ARCHIVE_SHELVING_NEW,	/* to be written; its owner's side of a message
				   that is here is the same */
	ARCHIVE_SHELVING_KNOWN,	/* it is here */
	ARCHIVE_SHELVING_CROWDED,	/* too many were sent at its time */
};

struct archive_shelving_item {
	const char *owner;	/* of the archive it is in: an address; NULL:
				   not known, of one that is not shelved */
	/* The serial is of when it was sent.  What is new gets one that is
	   free; and such a uid, which has more to it where another message has
	   that one. */
	struct archive_row row;
	enum archive_shelving_state state;
};

struct archive_shelving {
	struct archive_shelving_item items[ARCHIVE_SHELVING_MAX];
	size_t count;
};

/* Whether an id from elsewhere can be a uid: printable, without blanks, and
   not too long.  NULL is none. */
bool archive_shelving_takes(const char *id);

/* Called exactly once, never before the function that was given it returns.
   err is what the store says. */
typedef void archive_shelving_fn(void *ctx, const struct error *err);

/* Fills in the states of all, in their order, as if each was written before the
   next one is looked at.  shelving and the arena, which takes what is added,
   live until fn is called. */
void archive_shelving_find(struct store *store, struct arena *arena,
			   struct archive_shelving *shelving,
			   archive_shelving_fn *fn, void *ctx);

#endif
