/*
 * ledger.h - a message that goes into the journal before it goes on, as the
 * row that its later copies (tap.h) are joined to.
 */
#ifndef ARCHIVE_LEDGER_H
#define ARCHIVE_LEDGER_H

#include <stdint.h>

#include "shared/hook_event.h"

struct archive;
struct arena;
struct error;
struct held;
struct ledger_entry;
struct stanza;

struct ledger_item {
	struct arena *arena;	/* for what it is made of */
	const char *id;
	enum hook_point point;
	int64_t stamp;		/* when it was sent; 0: now */
	const struct stanza *stanza;	/* as it goes on */
};

/* Called once, never from within ledger_put(): it is on disk; or, with err, it
   is not. */
typedef void ledger_fn(void *ctx, const struct error *err);

/* NULL when there is nothing to be put in, as the archive does not keep such
   ones. */
struct ledger_entry *ledger_put(struct archive *archive,
				const struct ledger_item *item, ledger_fn *fn,
				void *ctx);
/* The same of what was held and goes on now, where it gets a <delay/>. */
struct ledger_entry *ledger_put_held(struct archive *archive,
				     struct arena *arena,
				     const struct held *held,
				     const struct stanza *stanza,
				     ledger_fn *fn, void *ctx);
/* Nobody wants to know any more.  It may be NULL. */
void ledger_forget(struct ledger_entry **entry);

#endif
