/*
 * link.h - what is told of messages that are about each other: what a search
 * has found (archive_row.h), understood.
 */
#ifndef ARCHIVE_LINK_H
#define ARCHIVE_LINK_H

#include <stddef.h>

struct archive_row;
struct arena;

struct link {
	const char *relation;	/* "edit" and so on */
	const char *uid;
	const char *from;	/* with the resource, as far as it is known */
	const char *sent;	/* as XEP-0082 writes it */
	const char *text;	/* of an edit, as far as it is short, and what
				   somebody reacted with; or NULL */
};

/* Those about the row's message, in order, in the arena. */
struct link *link_list(struct arena *arena, const struct archive_row *row,
		       size_t *count_r);

/* In one line for people, as "edit 2, reaction 1"; NULL: there is none. */
const char *link_summary(struct arena *arena, const struct archive_row *row);

#endif
