#include "shared/control_request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/command.h"
#include "shared/error.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static int
parse(struct arena *arena, const char *line, struct control_request *request,
      struct error *err)
{
	*err = (struct error){ 0 };
	return control_request_parse(arena, line, strlen(line), request, err);
}

static void
a_command_has_fields(void **state)
{
	struct control_request request;
	const struct form_field *field;
	struct error err;

	assert_int_equal(parse(*state, "{\"command\": \"list\", \"fields\": "
			       "{\"a\": \"x\", \"b\": 5, \"c\": true, "
			       "\"d\": [\"y\", \"z\"], \"e\": null, "
			       "\"f\": []}}", &request, &err), 0);
	assert_false(request.describe);
	assert_string_equal(request.command, "list");
	assert_int_equal(request.form.count, 5);
	assert_string_equal(form_value(&request.form, "a"), "x");
	assert_string_equal(form_value(&request.form, "b"), "5");
	assert_string_equal(form_value(&request.form, "c"), "1");
	field = form_find(&request.form, "d");
	assert_int_equal(field->count, 2);
	assert_string_equal(field->values[1], "z");
	assert_null(form_find(&request.form, "e"));
	assert_int_equal(form_find(&request.form, "f")->count, 0);
}

static void
it_may_ask_for_a_description(void **state)
{
	struct control_request request;
	struct error err;

	assert_int_equal(parse(*state, "{\"describe\": true}", &request,
			       &err), 0);
	assert_true(request.describe);
}

static const struct {
	const char *line, *why;
} wrong[] = {
	{ "", "not JSON: " },
	{ "list", "not JSON: " },
	{ "{\"command\": \"a\", \"command\": \"b\"}", "not JSON: " },
	{ "{\"command\": \"a\"} x", "not JSON: " },
	{ "{\"command\": \"a\\u0000\"}", "not JSON: " },
	{ "[]", "neither a command nor describe" },
	{ "{}", "neither a command nor describe" },
	{ "{\"describe\": false}", "neither a command nor describe" },
	{ "{\"command\": 5}", "neither a command nor describe" },
	{ "{\"command\": \"a\", \"fields\": []}", "fields is not an object" },
	{ "{\"command\": \"a\", \"fields\": {\"x\": 1.5}}",
	  "x: neither a text" },
	{ "{\"command\": \"a\", \"fields\": {\"x\": {}}}",
	  "x: neither a text" },
	{ "{\"command\": \"a\", \"fields\": {\"x\": [[\"y\"]]}}",
	  "x: neither a text" },
	{ "{\"command\": \"a\", \"fields\": {\"x\": [null]}}",
	  "x: neither a text" },
};

static void
what_makes_no_sense_is_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct control_request request;
		struct error err;

		assert_int_equal(parse(*state, wrong[i].line, &request, &err),
				 -1);
		assert_int_equal(err.cond, ERROR_BAD_REQUEST);
		assert_memory_equal(err.text, wrong[i].why,
				    strlen(wrong[i].why));
	}
}

static void
assert_json(json_t *json, const char *wanted)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

	assert_string_equal(text, wanted);
	free(text);
	json_decref(json);
}

static void
a_row_has_types(void **state)
{
	static const struct command_column columns[] = {
		{ "a", COMMAND_TEXT, "A" }, { "b", COMMAND_UINT, "B" },
		{ "c", COMMAND_BOOL, "C" }, { "d", COMMAND_LIST, "D" },
		{ "e", COMMAND_LIST, "E" }, { "f", COMMAND_JID, "F" },
		{ "g", COMMAND_LINES, "G" }, { "h", COMMAND_TEXT, "H" },
		{ .name = NULL }
	};
	static const char *const cells[] = {
		"x\"", "12345678901", "0", "1\n\n2", "", NULL, "l\nm", "\xff",
	};
	const struct command command = { .columns = columns };

	(void)state;
	assert_json(control_row(&command, cells),
		    "{\"a\":\"x\\\"\",\"b\":12345678901,\"c\":false,"
		    "\"d\":[\"1\",\"\",\"2\"],\"e\":[],\"f\":null,"
		    "\"g\":\"l\\nm\",\"h\":null}");
}

static void
an_error_has_a_condition(void **state)
{
	struct error err;

	(void)state;
	error_set(&err, ERROR_ITEM_NOT_FOUND, "no such room");
	assert_json(control_error(&err), "{\"condition\":\"item-not-found\","
		    "\"text\":\"no such room\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(a_command_has_fields),
		BED_ARENA_TEST(it_may_ask_for_a_description),
		BED_ARENA_TEST(what_makes_no_sense_is_refused),
		cmocka_unit_test(a_row_has_types),
		cmocka_unit_test(an_error_has_a_condition),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
