/*
 * inquiry.h - a question that is put to the servers of a policy, one after the
 * other, until one rules.
 */
#ifndef ARCHIVE_INQUIRY_H
#define ARCHIVE_INQUIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct inquiry;
struct policy;
struct ruling;

/* Called once, never from within inquiry_begin(): with the ruling; or with
   err, ruling being NULL, as no server has one.  The inquiry is gone then. */
typedef void inquiry_fn(void *ctx, const struct ruling *ruling,
			const struct error *err);

struct inquiry_plan {
	struct arena *arena;	/* of texts in the ruling; outlives it */
	const char *question;	/* copied */
	size_t len;
	uint64_t until_ms;	/* as uv_now() counts: those that are left
				   share the time that is left */
	/* It is about what waited: that a server fails tells nothing of it, as
	   it may fail with that one alone, again and again. */
	bool again;
	inquiry_fn *fn;
	void *ctx;
};

/* NULL when no server can be asked now. */
struct inquiry *inquiry_begin(struct policy *policy,
			      const struct inquiry_plan *plan);
/* Its fn is not called any more.  It may be NULL. */
void inquiry_cancel(struct inquiry **inquiry);

#endif
