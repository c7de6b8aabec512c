/*
 * inbox.h - stanzas that came, and wait until they can be dealt with.
 *
 * Embedded in its owner; all zero is an empty one.
 */
#ifndef SHARED_INBOX_H
#define SHARED_INBOX_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct inbox_item;
struct xml;

struct inbox {
	struct inbox_item *first;
	size_t bytes;		/* of memory */
};

/* Forgets all of them. */
void inbox_clear(struct inbox *inbox);

bool inbox_is_empty(const struct inbox *inbox);

/* Takes the arena. */
void inbox_put(struct inbox *inbox, struct arena *arena, struct xml *el);
/* The oldest, whose arena is then the caller's; false when there is none. */
bool inbox_take(struct inbox *inbox, struct arena **arena_r,
		struct xml **el_r);

#endif
