/*
 * standing.h - changing what people are and may do in a room: their roles
 * (XEP-0045 section 8) and affiliations (9 and 10).
 */
#ifndef MUC_STANDING_H
#define MUC_STANDING_H

#include <stddef.h>

#include "components/muc/role.h"

struct arena;
struct error;
struct jid;
struct occupant;
struct room;

/* Who wants a change. */
struct actor {
	const struct jid *jid;
	enum affiliation affiliation;
	enum role role;			/* ROLE_NONE outside the room */
	const char *nick;		/* NULL outside the room */
};

struct actor standing_actor(const struct room *room, const struct jid *jid);

/* Whether the actor may give that role, or affiliation.  Returns 0, or -1 with
   the error the XEP names. */
int standing_check_role(const struct actor *actor, const struct occupant *who,
			enum role role, struct error *err);
int standing_check_affiliation(const struct room *room,
			       const struct actor *actor,
			       const struct jid *who,
			       enum affiliation affiliation,
			       struct error *err);

/* What that asks of the address alone: that it is no domain, unless it is
   banned; or ERROR_NOT_ACCEPTABLE. */
int standing_check_address(const struct room *room, const struct jid *who,
			   enum affiliation affiliation, struct error *err);

/* Whether so many more addresses may have an affiliation; -1 with
   ERROR_RESOURCE_CONSTRAINT. */
int standing_check_count(const struct room *room, size_t more,
			 struct error *err);

/* NULL as well; or ERROR_POLICY_VIOLATION. */
int standing_check_reason(const char *reason, struct error *err);

/* A change that was checked. */
struct standing {
	const char *actor;		/* nick, or NULL */
	const char *by;			/* bare address of who changes it */
	const char *reason;		/* or NULL */
	enum role role;			/* of standing_set_role() */
	enum affiliation affiliation;	/* of standing_set_affiliation() */
	const char *nick;		/* to reserve; "" gives it up; NULL
					   leaves it */
};

/* Gives the role and tells all; ROLE_NONE is a kick (8.2).  As after the
   functions below, the room may now be empty: the caller calls
   room_settle(). */
void standing_set_role(struct occupant *who, const struct standing *change);

/* Gives the affiliation, in the store too, and tells all; those who may not
   stay are removed (9.1, 9.4), those who are not here get word, as long as who
   makes the change has not sent too many of them. */
void standing_set_affiliation(struct room *room, struct arena *arena,
			      const struct jid *who,
			      const struct standing *change);

/* Removes everyone who may not be in the room as it is configured now, with
   322: it has become members-only. */
void standing_remove_strangers(struct room *room);

#endif
