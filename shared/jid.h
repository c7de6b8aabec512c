/*
 * jid.h - XMPP addresses (RFC 7622).
 *
 * A jid is immutable and already normalised, so comparing two of them is a
 * byte comparison.  Parsing is the only way to make one from text.
 */
#ifndef SHARED_JID_H
#define SHARED_JID_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;

/* RFC 7622 section 3.1: each part at most 1023 bytes. */
#define JID_PART_MAX 1023

struct jid {
	const char *local;	/* "" when absent */
	const char *domain;	/* never empty */
	const char *resource;	/* "" when absent */
	const char *bare;	/* local@domain, or domain */
	const char *full;	/* bare/resource, or the same as bare */
};

/* Parses the len bytes at text, which need not end in NUL.  The result lives
   as long as the arena.  Returns 0, or -1 with ERROR_JID_MALFORMED: the fault
   is always in the text, never ours. */
int jid_parse(struct arena *arena, const char *text, size_t len,
	      const struct jid **jid_r, struct error *err);
int jid_parsez(struct arena *arena, const char *text,
	       const struct jid **jid_r, struct error *err);

/* The same address with another resource, which is prepared
   (resourceprep); "" or NULL for none. */
int jid_with_resource(struct arena *arena, const struct jid *jid,
		      const char *resource, const struct jid **jid_r,
		      struct error *err);

const struct jid *jid_bare(struct arena *arena, const struct jid *jid);
/* The text of a full address whose parts are prepared: bare/resource, or bare
   where that is "" or NULL.  It is in the arena. */
const char *jid_join(struct arena *arena, const char *bare,
		     const char *resource);
bool jid_equal(const struct jid *a, const struct jid *b);
bool jid_equal_bare(const struct jid *a, const struct jid *b);

#endif
