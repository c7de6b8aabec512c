/*
 * pile.h - statements of one kind that go to the database as one.
 *
 * A statement for each message costs the database more than the message does.
 * So while some are under way others gather, and what makes a full pile goes
 * as one statement of many rows.  The first of all never waits.
 */
#ifndef OFFLINE_PILE_H
#define OFFLINE_PILE_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/store.h"

struct pile;

/* Rows of a full one, and the most columns that a row has. */
#define PILE_ROWS 16
#define PILE_COLUMNS 7

/* The same with one row and with PILE_ROWS of them, whose results have rows
   that tell by themselves whose they are. */
struct pile_kind {
	bool writes;
	size_t columns;
	const char *one, *many;
};

/* A row.  What its texts point to must stay until fn was called, which may get
   the results of others as well. */
struct pile_row {
	struct store_value values[PILE_COLUMNS];
	store_fn *fn;		/* may be NULL */
	void *ctx;
};

/* What is in the other pile, which may be NULL, is sent before what is in this
   one. */
struct pile *pile_new(struct store *store, const struct pile_kind *kind,
		      struct pile *other);
/* Once the store has told all it was asked. */
void pile_free(struct pile **pile);

/* Sends it at once, or with others. */
void pile_add(struct pile *pile, const struct pile_row *row);
/* Whether a row has gathered that begins with the same n texts. */
bool pile_has(const struct pile *pile, const struct pile_row *row, size_t n);
/* Gives what has gathered to the store. */
void pile_send(struct pile *pile);

#endif
