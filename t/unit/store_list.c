#include "shared/store_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *text, *array, *json;
} texts[] = {
	{ "a", "{\"a\"}", "[\"a\"]" },
	{ "", "{\"\"}", "[\"\"]" },
	{ NULL, "{NULL}", "[null]" },
	{ "NULL", "{\"NULL\"}", "[\"NULL\"]" },
	{ "null", "{\"null\"}", "[\"null\"]" },
	{ "a\"b\\", "{\"a\\\"b\\\\\"}", "[\"a\\\"b\\\\\"]" },
	{ "{,}[ ]'", "{\"{,}[ ]'\"}", "[\"{,}[ ]'\"]" },
	{ "\t\n\x01\x1f\x7f", "{\"\t\n\x01\x1f\x7f\"}",
	  "[\"\\u0009\\u000a\\u0001\\u001f\x7f\"]" },
	{ "\xf0\x9f\x98\x80", "{\"\xf0\x9f\x98\x80\"}",
	  "[\"\xf0\x9f\x98\x80\"]" },
};

static void
writes_texts_as_the_database_reads_them(void **state)
{
	struct store_list list = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		store_list_begin(&list, "postgresql");
		store_list_add_text(&list, texts[i].text);
		assert_string_equal(store_list_end(&list), texts[i].array);
		store_list_begin(&list, "sqlite");
		store_list_add_text(&list, texts[i].text);
		assert_string_equal(store_list_end(&list), texts[i].json);
	}
	store_list_fini(&list);
}

static void
writes_many(void **state)
{
	struct store_list list = { 0 };

	(void)state;
	store_list_begin(&list, "postgresql");
	assert_int_equal(list.count, 0);
	assert_string_equal(store_list_end(&list), "{}");
	store_list_begin(&list, "sqlite");
	assert_string_equal(store_list_end(&list), "[]");
	store_list_begin(&list, "postgresql");
	store_list_add_int(&list, INT64_MIN);
	store_list_add_text(&list, NULL);
	store_list_add_int(&list, INT64_MAX);
	assert_int_equal(list.count, 3);
	assert_string_equal(store_list_end(&list),
			    "{-9223372036854775808,NULL,9223372036854775807}");
	store_list_begin(&list, "sqlite");
	store_list_add_text(&list, "a");
	store_list_add_text(&list, "b");
	store_list_add_int(&list, 0);
	assert_string_equal(store_list_end(&list), "[\"a\",\"b\",0]");
	store_list_fini(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_texts_as_the_database_reads_them),
		cmocka_unit_test(writes_many),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_list", tests, NULL, NULL);
}
