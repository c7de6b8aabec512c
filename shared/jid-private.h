/*
 * jid-private.h - what jid.c has for jid_routed.c.
 */
#ifndef SHARED_JID_PRIVATE_H
#define SHARED_JID_PRIVATE_H

struct arena;
struct jid;
struct prep;

/* Of parts that are in their one form, all but the domain of any len, 0 for
   none. */
const struct jid *jid_build(struct arena *arena, const struct prep *local,
			    const struct prep *domain,
			    const struct prep *resource);

#endif
