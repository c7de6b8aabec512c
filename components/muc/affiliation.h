/*
 * affiliation.h - who is what to a room for good (XEP-0045 section 5.2), and
 * the nicks they have reserved (7.10).
 */
#ifndef MUC_AFFILIATION_H
#define MUC_AFFILIATION_H

#include "components/muc/role.h"
#include "components/muc/table.h"

struct jid;

struct affiliate {
	enum affiliation affiliation;
	char *nick;		/* reserved, or NULL */
	char *reason;		/* or NULL */
	UT_hash_handle hh;
	char jid[];		/* bare; of an outcast also a whole domain */
};

/* Keyed by address; NULL is an empty table. */

/* The entry of an address, or NULL. */
struct affiliate *affiliate_find(struct affiliate *table, const char *jid);
/* Who reserved the nick, or NULL. */
struct affiliate *affiliate_find_nick(struct affiliate *table,
				      const char *nick);

/* What an account is to the room; a ban of its domain counts (9.2). */
enum affiliation affiliation_of(struct affiliate *table,
				const struct jid *jid);
unsigned affiliation_count(struct affiliate *table,
			   enum affiliation affiliation);

/* Sets the affiliation, making or dropping the entry.  reason may be NULL.
   Whoever ends up as none or outcast loses the nick (9.2). */
void affiliation_set(struct affiliate **table, const char *jid,
		     enum affiliation affiliation, const char *reason);
/* nick NULL gives it up.  The entry must exist. */
void affiliation_reserve(struct affiliate *table, const char *jid,
			 const char *nick);
void affiliation_clear(struct affiliate **table);

#endif
