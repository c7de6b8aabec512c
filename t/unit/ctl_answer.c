#include "components/ctl/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char description[] =
	"{\"component\": \"test\", \"version\": 1, \"commands\": ["
	"{\"name\": \"list\", \"title\": \"List\"},"
	"{\"name\": \"show\", \"record\": true, \"rest\": false}]}";

static void
members_are_there_or_not(void **state)
{
	json_t *json = json_loads(description, 0, NULL);
	const json_t *show;

	(void)state;
	assert_string_equal(answer_text(json, "component"), "test");
	assert_string_equal(answer_text(json, "version"), "");
	assert_string_equal(answer_text(json, "other"), "");
	assert_string_equal(answer_text(NULL, "component"), "");
	show = answer_command(json, "show");
	assert_true(answer_flag(show, "record"));
	assert_false(answer_flag(show, "rest"));
	assert_false(answer_flag(show, "other"));
	json_decref(json);
}

static void
commands_are_found(void **state)
{
	json_t *json = json_loads(description, 0, NULL);

	(void)state;
	assert_string_equal(answer_text(answer_command(json, "list"), "title"),
			    "List");
	assert_null(answer_command(json, "lis"));
	assert_null(answer_command(NULL, "list"));
	json_decref(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_there_or_not),
		cmocka_unit_test(commands_are_found),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
