/*
 * fanout_shim.h - the shim that sends to many, while there is one
 * (components/router/PROTOCOL section 10).
 *
 * One that does not do what it is asked is left alone for a minute, or until
 * its next hello.
 */
#ifndef SHARED_FANOUT_SHIM_H
#define SHARED_FANOUT_SHIM_H

#include <stdint.h>

#include "shared/error.h"

struct hook_host;
struct runtime;
struct str;

/* Embedded. */
struct fanout_shim {
	const struct runtime *runtime;
	const struct hook_host *host;	/* who is asked; NULL: nobody */
	uint64_t until_ms;	/* nobody is asked before, */
	unsigned hellos;	/* unless he has said one more than these */
	struct error why;	/* he is not */
};

/* Nobody is asked at first.  The runtime outlives it. */
void fanout_shim_init(struct fanout_shim *shim,
		      const struct runtime *runtime);

/* Who can be asked now, or NULL: that changes with hellos, the link and the
   time.  Valid until it does. */
const struct hook_host *fanout_shim_find(const struct fanout_shim *shim);
/* That one is asked from now on; NULL: nobody. */
void fanout_shim_use(struct fanout_shim *shim, const struct hook_host *host);

/* Who is asked did not do it, as why says; nobody is from now on. */
void fanout_shim_leave_alone(struct fanout_shim *shim,
			     const struct error *why);

/* Adds, for people, why nobody can be asked now. */
void fanout_shim_explain(const struct fanout_shim *shim, struct str *out);

#endif
