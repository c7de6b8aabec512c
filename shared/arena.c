#include "shared/arena.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/error.h"

/* AddressSanitizer is told which bytes were given out, so that it sees reads
   beyond them; in other builds the macros do nothing. */
#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(addr, size) ((void)(addr), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(addr, size) ((void)(addr), (void)(size))
#endif

/* Where it looks for memory used after it was freed, nothing is used again. */
#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define REUSE false
#else
#define REUSE true
#endif

#define ALIGN _Alignof(max_align_t)

/* A usual stanza and what its handler builds fit in one; with malloc's own
   header it stays below a page. */
#define CHUNK_BYTES ((size_t)4000)

/* More than this gets a chunk of its own, lest the rest of the current one
   be wasted. */
#define LARGE_BYTES (CHUNK_BYTES / 4)

struct chunk {
	struct chunk *next;
	_Alignas(max_align_t) char data[];
};

struct arena {
	struct chunk *more;	/* all chunks but the first, newest first */
	char *next, *end;	/* what is free in the current one */
	size_t bytes;		/* of all chunks */
	_Alignas(max_align_t) char first[];
};

/* The last one freed, for the next: the arenas of most stanzas follow each
   other, and malloc() is slow with this size. */
static _Thread_local struct arena *spare;

struct arena *
arena_new(void)
{
	struct arena *arena = spare;

	spare = NULL;
	if (arena != NULL)
		return arena;
	arena = malloc(sizeof(*arena) + CHUNK_BYTES);
	ensure(arena != NULL);
	arena->more = NULL;
	arena_reset(arena);
	return arena;
}

void
arena_free(struct arena **arena)
{
	if (*arena == NULL)
		return;
	arena_reset(*arena);
	if (REUSE && spare == NULL)
		spare = *arena;
	else
		free(*arena);
	*arena = NULL;
}

void
arena_reset(struct arena *arena)
{
	struct chunk *chunk, *next;

	for (chunk = arena->more; chunk != NULL; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	arena->more = NULL;
	arena->bytes = CHUNK_BYTES;
	arena->next = arena->first;
	arena->end = arena->first + CHUNK_BYTES;
	ASAN_POISON_MEMORY_REGION(arena->first, CHUNK_BYTES);
}

size_t
arena_bytes(const struct arena *arena)
{
	return arena->bytes;
}

static char *
add_chunk(struct arena *arena, size_t bytes)
{
	struct chunk *chunk = malloc(sizeof(*chunk) + bytes);

	ensure(chunk != NULL);
	chunk->next = arena->more;
	arena->more = chunk;
	arena->bytes += bytes;
	ASAN_POISON_MEMORY_REGION(chunk->data, bytes);
	return chunk->data;
}

static char *
take_elsewhere(struct arena *arena, size_t need)
{
	char *got;

	if (need > LARGE_BYTES)
		return add_chunk(arena, need);
	got = add_chunk(arena, CHUNK_BYTES);
	arena->next = got + need;
	arena->end = got + CHUNK_BYTES;
	return got;
}

static inline void *
take(struct arena *arena, size_t bytes)
{
	size_t need = (bytes + ALIGN - 1) & ~(ALIGN - 1);
	char *got = arena->next;

	ensure(bytes <= PTRDIFF_MAX - sizeof(struct chunk) - ALIGN);
	if (need <= (size_t)(arena->end - got))
		arena->next += need;
	else
		got = take_elsewhere(arena, need);
	ASAN_UNPOISON_MEMORY_REGION(got, bytes);
	return got;
}

void *
arena_alloc(struct arena *arena, size_t bytes)
{
	return memset(take(arena, bytes), 0, bytes);
}

char *
arena_dup(struct arena *arena, const char *text, size_t len)
{
	char *copy;

	ensure(len < SIZE_MAX);
	copy = take(arena, len + 1);
	if (len > 0)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_dup(arena, text, strlen(text));
}

char *
arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	ensure(len >= 0);

	text = take(arena, (size_t)len + 1);
	va_start(args, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, args);
	va_end(args);
	return text;
}

char *
arena_number(struct arena *arena, int64_t number)
{
	return arena_printf(arena, "%" PRId64, number);
}
