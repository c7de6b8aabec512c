/*
 * word.h - what a room writes to people who need not be in it: that they are
 * invited (XEP-0045 section 7.8.2), and what they are to it now (18.1).
 */
#ifndef MUC_WORD_H
#define MUC_WORD_H

#include "components/muc/role.h"

struct arena;
struct room;
struct xml;

/* An invitation to be sent, with the password if there is one.  Returns its
   <invite/>, and the message that holds it. */
struct xml *word_new_invite(const struct room *room, struct arena *arena,
			    const char *from, const char *to,
			    struct xml **message_r);
/* Invites somebody in the name of the room itself.  reason may be NULL. */
void word_invite(const struct room *room, struct arena *arena, const char *to,
		 const char *reason);

/* jid is a bare address. */
void word_affiliation(const struct room *room, struct arena *arena,
		      const char *jid, enum affiliation affiliation);

#endif
