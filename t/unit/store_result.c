#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/error.h"
#include "shared/store-private.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static unsigned released;

static void
release(void *owner)
{
	assert_string_equal(owner, "owner");
	released++;
}

/* As a driver makes it: row by row. */
static struct store_result *
make(const char *const *cells, size_t rows, size_t columns)
{
	struct store_result *result = calloc(1, sizeof(*result));

	ensure(result != NULL);
	result->rows = rows;
	result->columns = columns;
	result->cells = calloc(rows * columns + 1, sizeof(*cells));
	ensure(result->cells != NULL);
	for (size_t i = 0; i < rows * columns; i++)
		result->cells[i] = cells[i];
	return result;
}

static void
gives_cells_row_by_row(void **state)
{
	static const char *const cells[] = { "a", "1", "", NULL, "c", "-3" };
	struct store_result *result = make(cells, 3, 2);

	(void)state;
	assert_int_equal(store_rows(result), 3);
	assert_string_equal(store_get_text(result, 0, 0), "a");
	assert_string_equal(store_get_text(result, 0, 1), "1");
	assert_string_equal(store_get_text(result, 1, 0), "");
	assert_null(store_get_text(result, 1, 1));
	assert_string_equal(store_get_text(result, 2, 0), "c");
	assert_int_equal(store_get_int(result, 2, 1), -3);
	store_result_free(&result);
}

static const struct {
	const char *text;
	int64_t number;
} numbers[] = {
	{ NULL, 0 },
	{ "0", 0 },
	{ "42", 42 },
	{ "-1", -1 },
	{ "010", 10 },
	{ "4294967296", INT64_C(4294967296) },
	{ "9223372036854775807", INT64_MAX },
	{ "-9223372036854775808", INT64_MIN },
};

static void
reads_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		struct store_result *result = make(&numbers[i].text, 1, 1);

		if (store_get_int(result, 0, 0) != numbers[i].number)
			fail_msg("%s", numbers[i].text);
		store_result_free(&result);
	}
}

static void
may_have_no_rows(void **state)
{
	struct store_result *result = make(NULL, 0, 3);

	(void)state;
	assert_int_equal(store_rows(result), 0);
	store_result_free(&result);
	assert_null(result);
}

static void
says_whether_it_is_repeated(void **state)
{
	struct store_result *result = make(NULL, 0, 1);

	(void)state;
	assert_false(store_is_repeated(result));
	result->repeated = true;
	assert_true(store_is_repeated(result));
	store_result_free(&result);
}

/* Once, and by whom it is owned. */
static void
frees_what_it_points_into(void **state)
{
	static const char *const cell = "a";
	struct store_result *result = make(&cell, 1, 1);
	char owner[] = "owner";

	(void)state;
	released = 0;
	result->owner = owner;
	result->release = release;
	store_result_free(&result);
	assert_int_equal(released, 1);
	assert_null(result);
	store_result_free(&result);
	assert_int_equal(released, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_cells_row_by_row),
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(may_have_no_rows),
		cmocka_unit_test(says_whether_it_is_repeated),
		cmocka_unit_test(frees_what_it_points_into),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_result", tests, NULL, NULL);
}
