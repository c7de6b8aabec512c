/*
 * ledger.h - a message that goes into the journal before it goes on, as the
 * row that its later copies (tap.h) are joined to.
 */
#ifndef ARCHIVE_LEDGER_H
#define ARCHIVE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/hook_event.h"

struct archive;
struct arena;
struct error;
struct held;
struct ledger_entry;
struct stanza;
struct verdict_ending;

/* Called once, never from within ledger_put(): it is on disk; or, with err, it
   is not. */
typedef void ledger_fn(void *ctx, const struct error *err);

struct ledger_item {
	struct arena *arena;	/* for what it is made of */
	const char *id;
	const char *host;	/* whose module has it */
	enum hook_point point;
	int64_t stamp;		/* when it was sent; 0: now */
	const struct stanza *stanza;	/* as it goes on */
	bool cut, unclear;	/* as hook_event.h has them */
	bool log_first;		/* as the policy says of what was held */
	ledger_fn *fn;
	void *ctx;
};

/* NULL is put in entry_r, and fn is not called, when the archive does not keep
   such ones.  Returns 0, or -1 with err: it would keep it, if it could. */
int ledger_put(struct archive *archive, const struct ledger_item *item,
	       struct ledger_entry **entry_r, struct error *err);
/* The same of what was held and goes on now, where it gets a <delay/>, if it is
   to be logged first.  What is said in a room is in no archive as what its
   author sent, and the room may refuse it by now: so that is put in as an event
   (verdict.h) in any case.  Of the item that says the rest. */
int ledger_put_held(struct archive *archive, const struct held *held,
		    const struct ledger_item *item,
		    struct ledger_entry **entry_r, struct error *err);
/* What became of something that was held, as an event.  NULL: there is no
   journal any more, or nobody whose it is. */
struct ledger_entry *ledger_put_ending(struct archive *archive,
				       const struct verdict_ending *ending,
				       ledger_fn *fn, void *ctx);
/* Nobody wants to know any more.  It may be NULL. */
void ledger_forget(struct ledger_entry **entry);

#endif
