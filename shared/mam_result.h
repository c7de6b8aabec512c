/*
 * mam_result.h - a message out of an archive (XEP-0313 section 4.2).
 */
#ifndef SHARED_MAM_RESULT_H
#define SHARED_MAM_RESULT_H

#include <stdint.h>

struct arena;
struct xml;

struct mam_result {
	const char *queryid;	/* the query's; NULL: it had none */
	const char *id;		/* the message's in the archive */
	int64_t stamp;		/* when it came: microseconds since 1970 */
	const struct xml *message;	/* in NS_CLIENT; NULL: it was removed
					   (section 3.2) */
};

/* The stanza that brings it from the archive to who asked, in the arena.  The
   message is copied, all else borrowed. */
struct xml *mam_result_new(struct arena *arena, const char *from,
			   const char *to, const struct mam_result *result);

#endif
