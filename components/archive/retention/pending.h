/*
 * pending.h - what is held, all together: whose it is, how much, and for how
 * long nobody has decided about it.
 *
 * What a legal hold covers (held.h) stays until somebody decides.
 */
#ifndef ARCHIVE_PENDING_H
#define ARCHIVE_PENDING_H

#include <stdint.h>

#include "components/archive/policy/held.h"
#include "shared/store.h"

struct traces;

/* SQL, of one x that is held: whether the bare address sent it, or it is for
   it. */
#define PENDING_IS_OF(jid) \
	"(" PENDING_BEGINS("x.sender", jid) " OR " \
	PENDING_BEGINS("x.recipient", jid) ")"
#define PENDING_BEGINS(full, jid) \
	"substr(" full " || '/', 1, length(" jid ") + 1) = " jid " || '/'"

#define PENDING_MAX 500

/* Removes PENDING_MAX at most of what somebody who is to be erased has sent or
   was to get, and came before that was asked for.  A row of the result is one
   that went. */
void pending_forget(struct store *store, const struct traces *traces,
		    store_fn *fn, void *ctx);

/* One row: how many there are, and how many of them wait for a reviewer, each
   PENDING_COUNTED at most; and since when the oldest does, or NULL. */
#define PENDING_COUNTED 1000000
void pending_count(struct store *store, store_fn *fn, void *ctx);

/* The oldest one behind that place that has waited since before then: at most
   a row for held_of(). */
void pending_find(struct store *store, const struct held_place *place,
		  int64_t before, store_fn *fn, void *ctx);

#endif
