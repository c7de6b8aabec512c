/*
 * arena.h - memory that is freed all at once.
 *
 * Everything that belongs to one stanza lives in one arena and goes with it.
 * Out of memory aborts, so nothing here returns NULL.
 */
#ifndef SHARED_ARENA_H
#define SHARED_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena **arena);

/* Forgets all that was allocated, keeping one chunk for the next use. */
void arena_reset(struct arena *arena);

/* What it takes up. */
size_t arena_bytes(const struct arena *arena);

/* Zeroed and aligned for any type. */
void *arena_alloc(struct arena *arena, size_t bytes);

/* Copies of text, always ended by NUL. */
char *arena_dup(struct arena *arena, const char *text, size_t len);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* A number in digits. */
char *arena_number(struct arena *arena, int64_t number);

#endif
