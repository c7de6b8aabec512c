/*
 * takeover.h - taking over what a router has kept (spool.h), by a command: one
 * page of records after the other, until the last one, or until something
 * fails.
 *
 * It is the first member of what its owner has as the call's state.
 */
#ifndef SHARED_TAKEOVER_H
#define SHARED_TAKEOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/error.h"
#include "shared/spool.h"

struct call;

/* What became of records. */
struct takeover_tally {
	uint64_t read, taken, known, skipped;
	bool whole;		/* at the end: no failure has ended it */
};

struct takeover {
	struct call *call;
	const struct spool *spool;
	void *source;		/* the spool's own */
	bool dry;		/* only count */
	bool reading;		/* the page: the source may be silent */
	struct spool_page page;
	struct error err;	/* why it has to end after this page */
	struct takeover_tally tally;
	/* The page was read, as far as there is no err; once all of it is done
	   with, takeover_end_page() is called, from within or later. */
	void (*take)(struct takeover *takeover);
	/* May be NULL: says more than the tally, at the end of one that nobody
	   has cancelled. */
	void (*report)(struct takeover *takeover);
};

/* What the fields from and host say: domains, or NULL.  -1 with err when they
   are none. */
int takeover_scope(const struct call *call, const char **from_r,
		   const char **host_r, struct error *err);

/* Opens the spool that is at the call's field place; take and report are set.
   Returns 0, or -1 with err when there is no such thing.  What was opened is
   closed by fini, in any case. */
int takeover_open(struct takeover *takeover, struct call *call,
		  const struct spool *spool, enum spool_content content,
		  struct error *err);
void takeover_fini(struct takeover *takeover);

/* Reads the first page, and ends the call after the last. */
void takeover_begin(struct call *call);
void takeover_end_page(struct takeover *takeover);

/* Counts one that is not taken, and tells whose it is, where that is known, and
   why not. */
void takeover_skip(struct takeover *takeover,
		   const struct spool_record *record, const char *owner,
		   const char *reason);

#endif
