/*
 * hook_allowed.h - what may go on, said together.
 *
 * The checks that are allowed during a turn of the loop are answered in one
 * stanza at its end: to a router a stanza for each is much of what a check
 * costs.
 */
#ifndef SHARED_HOOK_ALLOWED_H
#define SHARED_HOOK_ALLOWED_H

#include <uv.h>

#include "shared/str.h"

struct runtime;

struct hook_allowed {
	struct runtime *runtime;
	const char *host;	/* whose checks they are */
	struct str ids;		/* of its IQs, a line each; empty when none is
				   to be said */
	uv_prepare_t prepare;	/* active while there are any */
};

void hook_allowed_init(struct hook_allowed *allowed, struct runtime *runtime);
/* Nothing is said any more.  closed is called when the memory may go; data is
   then the handle's. */
void hook_allowed_close(struct hook_allowed *allowed, void *data,
			uv_close_cb closed);

/* The check of that id is allowed.  host outlives it. */
void hook_allowed_add(struct hook_allowed *allowed, const char *host,
		      const char *id);
/* The link is lost: nobody waits for them. */
void hook_allowed_forget(struct hook_allowed *allowed);

#endif
