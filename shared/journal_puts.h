/*
 * journal_puts.h - entries on their way into a journal.
 *
 * A statement for each costs more than the entry does.  So while some are
 * under way others gather, and go as one statement of many rows.  The first of
 * all never waits.
 */
#ifndef SHARED_JOURNAL_PUTS_H
#define SHARED_JOURNAL_PUTS_H

#include <stddef.h>

#include "shared/journal.h"

struct error;
struct journal_level;
struct journal_puts;
struct store;

/* The most that share a statement. */
#define JOURNAL_PUTS_ROWS 64

/* They gather until it is opened.  in is called after some became durable.
   All that is kept is counted in level, from when it is added. */
struct journal_puts *journal_puts_new(struct store *store,
				      struct journal_level *level,
				      void (*in)(void *ctx), void *ctx);
/* Once the store is closed. */
void journal_puts_free(struct journal_puts **puts);
void journal_puts_open(struct journal_puts *puts);

/* The text is copied.  fn is called once, never before this returns. */
void journal_puts_add(struct journal_puts *puts, const char *text,
		      journal_fn *fn, void *ctx);
/* Of all that are not told yet. */
size_t journal_puts_bytes(const struct journal_puts *puts);

/* Gives what has gathered to the store, if it was opened. */
void journal_puts_flush(struct journal_puts *puts);
/* Tells those that have gathered that they failed. */
void journal_puts_fail(struct journal_puts *puts, const struct error *err);

#endif
