/*
 * jid_routed.h - addresses that a router has let pass.
 *
 * Routers know of other characters than we do, send to domains that IDNA2008
 * refuses, and hand on what is mapped to nothing as it was written.  Who
 * copies or judges what they deliver must not refuse it for that.
 */
#ifndef SHARED_JID_ROUTED_H
#define SHARED_JID_ROUTED_H

struct arena;
struct error;
struct jid;

/* The same as jid_parsez() where that takes the text.  Else a part that is
   refused is without what stringprep maps to nothing; and if it is refused
   still, as it is: in lower case as far as it is ASCII, but for a resource;
   with '?' for control characters and a second '@'; cut to JID_PART_MAX bytes.
   A local part or resource of which nothing is left is none.  What this makes
   it makes of that again.  Returns 0, or -1 with ERROR_JID_MALFORMED when
   there is no domain. */
int jid_routed(struct arena *arena, const char *text,
	       const struct jid **jid_r, struct error *err);

/* An address that somebody looks for: the same, but what jid_parsez() refuses
   must have other characters than ASCII or an A-label, for all else is a slip
   of the pen. */
int jid_sought(struct arena *arena, const char *text,
	       const struct jid **jid_r, struct error *err);

#endif
