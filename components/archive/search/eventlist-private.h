/*
 * eventlist-private.h - what reads events, as each database wants it said.
 *
 * Parameters: $1, $2 the serials after and before which; $3, $4 the first and
 * last time; $5 how many at most; $6 the kind or 0; $7 of whom, $8 in which
 * room, or NULL.  Of the two of each, the latter begins with the latest.
 */
#ifndef ARCHIVE_EVENTLIST_PRIVATE_H
#define ARCHIVE_EVENTLIST_PRIVATE_H

struct eventlist_sql {
	const char *all[2];	/* $7 and $8 are NULL */
	const char *of[2];	/* $7 is not */
	const char *in[2];	/* $8 is not, and $7 is NULL */
};

extern const struct eventlist_sql eventlist_pg;
extern const struct eventlist_sql eventlist_sqlite;

#endif
