/*
 * Text becomes text, and what is plain by now stays as it is.
 */
#include "components/archive/rules/plain.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The most that NFKC makes of a byte, of U+FDFA, is eleven. */
#define GROWTH 11

static void
check(struct arena *arena, const char *text,
      const char *(*make)(struct arena *arena, const char *text))
{
	const char *made = make(arena, text);

	ensure(strlen(made) <= GROWTH * strlen(text));
	ensure(strcmp(make(arena, made), made) == 0);
	ensure(!plain_is(text) || made == text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text = arena_dup(arena, (const char *)data, size);

	check(arena, text, plain_text);
	check(arena, text, plain_fold);
	arena_free(&arena);
	return 0;
}
