#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"

static void
allocates_zeroed_and_aligned(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t bytes = 0; bytes < 6000; bytes += 7) {
		unsigned char *got = arena_alloc(arena, bytes);

		assert_int_equal((uintptr_t)got % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < bytes; i++)
			assert_int_equal(got[i], 0);
		memset(got, 0xa5, bytes);
	}
	arena_free(&arena);
	assert_null(arena);
}

static void
keeps_what_was_given_before(void **state)
{
	static char *kept[3000];
	struct arena *arena = arena_new();

	(void)state;
	for (int i = 0; i < 3000; i++)
		kept[i] = arena_printf(arena, "%d:%*d", i, i % 1500, i);
	for (int i = 0; i < 3000; i++) {
		assert_int_equal(strtol(kept[i], NULL, 10), i);
		assert_int_equal(strtol(strchr(kept[i], ':') + 1, NULL, 10),
				 i);
	}
	arena_free(&arena);
}

static void
copies_text(void **state)
{
	struct arena *arena = arena_new();
	char text[] = "abcdef";
	char *dup = arena_dup(arena, text, 3);
	char *whole = arena_strdup(arena, text);

	(void)state;
	text[0] = 'x';
	assert_string_equal(dup, "abc");
	assert_string_equal(whole, "abcdef");
	assert_string_equal(arena_dup(arena, NULL, 0), "");
	assert_memory_equal(arena_dup(arena, "a\0b", 3), "a\0b", 4);
	assert_string_equal(arena_printf(arena, "%s-%d", "a", 7), "a-7");
	arena_free(&arena);
}

static void
zeroes_again_after_reset(void **state)
{
	struct arena *arena = arena_new();
	char *first = arena_alloc(arena, 100), *again;

	(void)state;
	memset(first, 'x', 100);
	arena_alloc(arena, 100000);
	for (int i = 0; i < 100; i++)
		arena_alloc(arena, 500);
	arena_reset(arena);

	again = arena_alloc(arena, 100);
	assert_ptr_equal(again, first);
	for (int i = 0; i < 100; i++)
		assert_int_equal(again[i], 0);
	arena_free(&arena);
}

/* The rest of a chunk is used although something large came between. */
static void
large_blocks_waste_nothing(void **state)
{
	struct arena *arena = arena_new();
	char *before = arena_alloc(arena, 16), *after;

	(void)state;
	arena_alloc(arena, 1 << 20);
	after = arena_alloc(arena, 16);
	assert_ptr_equal(after, before + 16);
	arena_free(&arena);
}

static void
is_empty_and_zeroed_whoever_had_it_before(void **state)
{
	static const char zeroes[3000];
	struct arena *first = arena_new(), *second = arena_new();

	(void)state;
	memset(arena_alloc(first, sizeof(zeroes)), 'x', sizeof(zeroes));
	memset(arena_alloc(second, sizeof(zeroes)), 'y', sizeof(zeroes));
	arena_free(&first);
	arena_free(&second);
	first = arena_new();
	second = arena_new();
	assert_ptr_not_equal(first, second);
	assert_memory_equal(arena_alloc(first, sizeof(zeroes)), zeroes,
			    sizeof(zeroes));
	memset(arena_alloc(first, 900), 'x', 900);
	assert_memory_equal(arena_alloc(second, sizeof(zeroes)), zeroes,
			    sizeof(zeroes));
	arena_free(&first);
	arena_free(&second);
}

static void
prints_numbers(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(arena_number(arena, INT64_MIN),
			    "-9223372036854775808");
	assert_string_equal(arena_number(arena, 0), "0");
	arena_free(&arena);
}

static void
frees_nothing_twice(void **state)
{
	struct arena *none = NULL;

	(void)state;
	arena_free(&none);
	assert_null(none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allocates_zeroed_and_aligned),
		cmocka_unit_test(keeps_what_was_given_before),
		cmocka_unit_test(copies_text),
		cmocka_unit_test(zeroes_again_after_reset),
		cmocka_unit_test(large_blocks_waste_nothing),
		cmocka_unit_test(is_empty_and_zeroed_whoever_had_it_before),
		cmocka_unit_test(prints_numbers),
		cmocka_unit_test(frees_nothing_twice),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
