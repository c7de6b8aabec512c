/*
 * ledger.h - a message that goes into the journal before it goes on, as the
 * row that its later copies (tap.h) are joined to.
 */
#ifndef ARCHIVE_LEDGER_H
#define ARCHIVE_LEDGER_H

struct archive;
struct error;
struct hook_event;
struct ledger_entry;
struct stanza;

/* Called once, never from within ledger_put(): it is on disk; or, with err, it
   is not. */
typedef void ledger_fn(void *ctx, const struct error *err);

/* Puts in what a check is about, the stanza being what will go on.  NULL when
   there is nothing to be put in, as the archive does not keep such ones. */
struct ledger_entry *ledger_put(struct archive *archive,
				const struct hook_event *event,
				const struct stanza *stanza, ledger_fn *fn,
				void *ctx);
/* Nobody wants to know any more.  It may be NULL. */
void ledger_forget(struct ledger_entry **entry);

#endif
