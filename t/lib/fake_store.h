/*
 * fake_store.h - in place of shared/store.c: SQLite in memory, at once.
 *
 * Statements are done when they are asked for; what they answer is told when
 * the test says so.  A refused statement ends the process.
 */
#ifndef T_LIB_FAKE_STORE_H
#define T_LIB_FAKE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/store.h"

/* With the tables of a component. */
struct store *fake_store_new(const char *component);
void fake_store_free(struct store **store);

/* Tells the answers, and those of what is asked meanwhile.  Returns how many
   there were. */
size_t fake_store_tell(struct store *store);

/* As new, but for the tables' definitions. */
void fake_store_clear(struct store *store);

/* From now on reads fail, as while a database is away, which loses no
   writes. */
void fake_store_set_away(struct store *store, bool away);

/* From now on writes are lost, as when too many wait. */
void fake_store_set_full(struct store *store, bool full);

/* Whether it is neither away nor full. */
bool fake_store_is_well(const struct store *store);

/* From now on single writes are done twice, as when the connection breaks
   before their answers have come. */
void fake_store_set_repeating(struct store *store, bool repeating);

/* From now on writes and batches with that value are refused; NULL: none. */
void fake_store_set_refused(struct store *store, const char *value);

/* Whether it outlives the process, as it does unless told otherwise. */
void fake_store_set_lasting(struct store *store, bool lasting);

/* How many steps SQLite took for the statements since it was asked last. */
int64_t fake_store_steps(struct store *store);

/* The first cell that a statement of the test's own answers; 0 for none. */
int64_t fake_store_ask(struct store *store, const char *sql);

#endif
