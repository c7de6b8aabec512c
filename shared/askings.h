/*
 * askings.h - what the shim was asked to send to many, until it has answered
 * (components/router/PROTOCOL section 10).
 *
 * Each is kept, as it may be refused: then its stanzas are sent one by one, in
 * the place of what was refused.  Where it is not known that nothing was sent,
 * nothing is sent again.
 */
#ifndef SHARED_ASKINGS_H
#define SHARED_ASKINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/str.h"

struct asking;
struct bundle;
struct fanout_shim;
struct metric;
struct runtime;

/* Embedded. */
struct askings {
	struct runtime *runtime;
	struct fanout_shim *shim;
	struct asking *spares;
	unsigned spares_count;
	struct str text;	/* of a request, used again and again */
	unsigned asked, done;	/* requests */
	unsigned credit;	/* as the router has it */
	bool careful;		/* one was refused, and the others may be, */
	unsigned until_sure;	/* until so many are done */
	void (*when_done)(void *ctx);	/* NULL: nobody waits */
	void *when_done_ctx;
	unsigned until_done;	/* he waits for so many */
	struct metric *requests, *stanzas, *failed;
};

/* Both outlive it; the runtime's router is closed before its end, so that none
   is on its way then.  The shim is left alone when it fails. */
void askings_init(struct askings *askings, struct runtime *runtime,
		  struct fanout_shim *shim);
void askings_fini(struct askings *askings);

/* How many bytes of addresses and stanzas a request with that bundle may still
   take.  There is somebody to ask, here and below. */
size_t askings_room(const struct askings *askings,
		    const struct bundle *bundle);
/* Asks for the bundle, which has addresses and stanzas: they are taken.  It has
   the same addresses afterwards, when more is to go there; or none. */
void askings_send(struct askings *askings, struct bundle *bundle, bool more);

/* How many may be without an answer. */
void askings_set_credit(struct askings *askings, unsigned credit);
/* Whether one was refused and others, which may be, are on their way: all that
   is sent waits for them, and the credit cannot be set. */
bool askings_are_careful(const struct askings *askings);

/* As fanout_when_done(). */
bool askings_when_done(struct askings *askings, void (*fn)(void *ctx),
		       void *ctx);

#endif
