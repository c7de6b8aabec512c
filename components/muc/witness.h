/*
 * witness.h - what people do in rooms, for the archive: as events, as far as a
 * section "events" of the configuration wants them.
 *
 * Who it is that does it, by, is a bare address; NULL: the service itself.
 */
#ifndef MUC_WITNESS_H
#define MUC_WITNESS_H

#include "components/muc/role.h"

struct notice;
struct occupant;
struct options;
struct room;
struct session;

/* Somebody is in the room, or no longer; his other clients come and go without
   a word.  The session is his first, or last, and still there. */
void witness_joined(const struct session *session);
void witness_left(const struct session *session);
/* He is made to go, as notice says, and is still there. */
void witness_removed(const struct occupant *who, const char *by,
		     const struct notice *notice);

void witness_invited(const struct occupant *who, const char *invitee,
		     const char *reason);
void witness_created(const struct room *room, const char *by);
/* It had other options, and has those that it has now. */
void witness_configured(const struct room *room, const char *by,
			const struct options *was);
void witness_affiliated(const struct room *room, const char *by,
			const char *whom, enum affiliation was,
			enum affiliation is);
/* It is still there. */
void witness_destroyed(const struct room *room, const char *by,
		       const char *reason);

#endif
