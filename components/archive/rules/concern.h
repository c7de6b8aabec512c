/*
 * concern.h - which stanzas a policy is about.
 */
#ifndef ARCHIVE_CONCERN_H
#define ARCHIVE_CONCERN_H

#include <stdbool.h>

struct arena;
struct error;
struct exhibit;
struct groups;
struct party;

struct concern_settings {
	const char *const *who;		/* party.h; none: those of this
					   server */
	const char *direction;		/* "in", "out", "both" */
	const char *const *kinds;	/* exhibit.h */
};

struct concern {
	const struct party *who;
	bool all;		/* who is nobody in particular */
	bool in, out;
	unsigned kinds;
};

/* Lives as long as the arena and the groups.  Returns 0, or -1 with
   ERROR_BAD_REQUEST. */
int concern_read(struct arena *arena, const struct concern_settings *own,
		 const struct groups *groups, struct concern *concern_r,
		 struct error *err);

bool concern_covers(const struct concern *concern,
		    const struct exhibit *exhibit);

#endif
