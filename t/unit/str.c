#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/str.h"

static void
is_empty_when_zero(void **state)
{
	struct str str = { 0 };

	(void)state;
	str_clear(&str);
	assert_null(str.data);
	assert_int_equal(str.len, 0);
	str_shift(&str, 0);
	str_add(&str, NULL, 0);
	assert_string_equal(str.data, "");
	str_fini(&str);
	assert_null(str.data);
	str_fini(&str);
}

static void
adds_in_order(void **state)
{
	struct str str = { 0 };

	(void)state;
	str_addz(&str, "one");
	str_addc(&str, ' ');
	str_addf(&str, "%s %d", "two", 3);
	str_add(&str, "\0x", 2);
	assert_int_equal(str.len, 11);
	assert_memory_equal(str.data, "one two 3\0x", 12);
	str_fini(&str);
}

static void
grows_at_every_edge(void **state)
{
	struct str str = { 0 };

	(void)state;
	for (size_t i = 0; i < 5000; i++) {
		str_addc(&str, (char)('a' + i % 26));
		assert_int_equal(str.len, i + 1);
		assert_true(str.size > str.len);
		assert_int_equal(str.data[str.len], '\0');
	}
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(str.data[i], 'a' + i % 26);
	str_fini(&str);
}

static void
extends_by_parts(void **state)
{
	struct str str = { 0 };
	char *at;

	(void)state;
	at = str_extend(&str, 3);
	memcpy(at, "abc", 3);
	assert_string_equal(str.data, "abc");
	assert_int_equal(str.len, 3);
	/* To the edge of what is allocated, and beyond it. */
	memset(str_extend(&str, str.size - 4), 'x', str.size - 4);
	assert_int_equal(str.len, str.size - 1);
	assert_int_equal(str.data[str.len], '\0');
	*str_extend(&str, 1) = 'y';
	assert_int_equal(strlen(str.data), str.len);
	assert_string_equal(str.data + str.len - 2, "xy");
	str_fini(&str);
}

static void
formats_longer_than_its_room(void **state)
{
	struct str str = { 0 };

	(void)state;
	for (int width = 0; width < 300; width++) {
		str_clear(&str);
		str_addf(&str, "%*d", width, 7);
		assert_int_equal(str.len, width > 0 ? width : 1);
		assert_int_equal(str.data[str.len - 1], '7');
		assert_int_equal(str.data[str.len], '\0');
	}
	str_fini(&str);
}

static void
keeps_storage_when_cleared(void **state)
{
	struct str str = { 0 };
	char *data;

	(void)state;
	str_addz(&str, "abc");
	data = str.data;
	str_clear(&str);
	assert_string_equal(str.data, "");
	str_addz(&str, "de");
	assert_ptr_equal(str.data, data);
	assert_string_equal(str.data, "de");
	str_fini(&str);
}

/* However much is written of what was reserved, a NUL follows it. */
static void
reserves_and_ends(void **state)
{
	struct str str = { 0 };

	(void)state;
	str_addz(&str, "abcdefgh");
	str_shift(&str, 6);
	assert_string_equal(str.data, "gh");
	for (size_t room = 0; room < 300; room++) {
		size_t used = room / 2, before = str.len;
		char *to = str_reserve(&str, room);

		assert_ptr_equal(to, str.data + before);
		assert_true(str.size - before > room);
		memset(to, 'x', used);
		str.len += used;
		assert_int_equal(strlen(str.data), str.len);
	}
	str_fini(&str);
}

static void
drops_from_the_front(void **state)
{
	struct str str = { 0 };

	(void)state;
	str_addz(&str, "abcdef");
	str_shift(&str, 2);
	assert_string_equal(str.data, "cdef");
	str_shift(&str, 0);
	assert_string_equal(str.data, "cdef");
	str_shift(&str, 4);
	assert_string_equal(str.data, "");
	assert_int_equal(str.len, 0);
	str_fini(&str);
}

static void
is_looked_for_in_lists(void **state)
{
	static const char *const list[] = { "ab", "", "c", NULL };
	static const char *const none[] = { NULL };

	(void)state;
	assert_true(str_is_one_of("ab", list));
	assert_true(str_is_one_of("", list));
	assert_true(str_is_one_of("c", list));
	assert_false(str_is_one_of("a", list));
	assert_false(str_is_one_of("abc", list));
	assert_false(str_is_one_of("", none));
}

static void
copies(void **state)
{
	static const char text[] = "a\xc3\xa4";
	char *copy = str_dup(text);

	(void)state;
	assert_string_equal(copy, "a\xc3\xa4");
	assert_ptr_not_equal(copy, text);
	free(copy);
	copy = str_dup("");
	assert_string_equal(copy, "");
	free(copy);
	assert_null(str_dup(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_empty_when_zero),
		cmocka_unit_test(adds_in_order),
		cmocka_unit_test(grows_at_every_edge),
		cmocka_unit_test(extends_by_parts),
		cmocka_unit_test(formats_longer_than_its_room),
		cmocka_unit_test(keeps_storage_when_cleared),
		cmocka_unit_test(reserves_and_ends),
		cmocka_unit_test(drops_from_the_front),
		cmocka_unit_test(is_looked_for_in_lists),
		cmocka_unit_test(copies),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
