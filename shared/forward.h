/*
 * forward.h - a stanza inside another (XEP-0297), with its time (XEP-0203).
 */
#ifndef SHARED_FORWARD_H
#define SHARED_FORWARD_H

#include <stdint.h>

#include "shared/stanza.h"

struct arena;
struct error;
struct xml;

struct forward {
	struct stanza stanza;	/* from and to NULL when absent */
	int64_t stamp;		/* microseconds since 1970; 0: none given */
};

/* Reads <forwarded/> in el.  Returns 0, or -1: ERROR_BAD_REQUEST when there is
   none with a stanza, and what stanza_parse_routed() says; then it holds what
   was understood. */
int forward_parse(struct arena *arena, const struct xml *el,
		  struct forward *forward_r, struct error *err);

/* Adds <forwarded/> with a copy of stanza, which is in NS_CLIENT, or with none
   when that is NULL; stamp 0 leaves the time out.  Returns it. */
struct xml *forward_add(struct arena *arena, struct xml *el,
			const struct xml *stanza, int64_t stamp);

#endif
