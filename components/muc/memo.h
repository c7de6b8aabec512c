/*
 * memo.h - what is remembered of somebody or something by address, and not
 * for good: of too many, the oldest is forgotten.
 */
#ifndef MUC_MEMO_H
#define MUC_MEMO_H

#include <stddef.h>

#include "components/muc/table.h"

/* The first member of whatever holds it. */
struct memo {
	char *jid;
	UT_hash_handle hh;
};

/* Keyed by address, the oldest first; NULL is an empty table. */

/* The memo of an address, or NULL. */
void *memo_find(const struct memo *table, const char *jid);
/* Makes one for an address that has none: size bytes, all zero but for the
   memo.  Where there are max already, the oldest goes. */
void *memo_add(struct memo **table, const char *jid, size_t size,
	       unsigned max);
void memo_drop(struct memo **table, struct memo *memo);
void memo_clear(struct memo **table);

#endif
