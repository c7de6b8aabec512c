#include "components/ctl/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define WORDS_MAX 8

static const char declared[] =
	"{\"name\": \"test\", \"fields\": ["
	"{\"name\": \"room\", \"type\": \"text\", \"required\": true,"
	" \"label\": \"Which\"},"
	"{\"name\": \"who\", \"type\": \"jid\", \"required\": true,"
	" \"label\": \"Whom\"},"
	"{\"name\": \"reason\", \"type\": \"text\", \"label\": \"Why\"},"
	"{\"name\": \"quick\", \"type\": \"bool\", \"label\": \"How\"},"
	"{\"name\": \"rest\", \"type\": \"list\", \"rest\": true,"
	" \"label\": \"Rest\"}]}";

static const struct {
	const char *words[WORDS_MAX];
	const char *wanted;	/* NULL: refused */
} cases[] = {
	{ { "a", "b" }, "{\"room\":\"a\",\"who\":\"b\"}" },
	{ { "a", "--reason", "x y", "b" },
	  "{\"reason\":\"x y\",\"room\":\"a\",\"who\":\"b\"}" },
	{ { "--reason=x=y", "a", "b" },
	  "{\"reason\":\"x=y\",\"room\":\"a\",\"who\":\"b\"}" },
	{ { "a", "b", "c", "d=e" },
	  "{\"rest\":[\"c\",\"d=e\"],\"room\":\"a\",\"who\":\"b\"}" },
	{ { "a", "b", "--rest", "c", "--rest=d" },
	  "{\"rest\":[\"c\",\"d\"],\"room\":\"a\",\"who\":\"b\"}" },
	{ { "a", "b", "--quick" },
	  "{\"quick\":\"1\",\"room\":\"a\",\"who\":\"b\"}" },
	{ { "a", "b", "--no-quick" },
	  "{\"quick\":\"0\",\"room\":\"a\",\"who\":\"b\"}" },
	{ { "a", "b", "--quick=yes" },
	  "{\"quick\":\"1\",\"room\":\"a\",\"who\":\"b\"}" },
	{ { "--who=b", "a" }, "{\"room\":\"a\",\"who\":\"b\"}" },
	{ { "--room", "a", "b" }, "{\"room\":\"a\",\"who\":\"b\"}" },
	{ { "a", "--", "--reason", "c" },
	  "{\"rest\":[\"c\"],\"room\":\"a\",\"who\":\"--reason\"}" },
	{ { "a", "-" }, "{\"room\":\"a\",\"who\":\"-\"}" },
	{ { "a" }, NULL },
	{ { NULL }, NULL },
	{ { "a", "b", "--odd" }, NULL },
	{ { "a", "b", "--no-odd" }, NULL },
	{ { "a", "b", "--no-reason" }, NULL },
	{ { "a", "b", "--reason" }, NULL },
	{ { "a", "b", "--reason=x", "--reason=y" }, NULL },
	{ { "a", "b", "\xff" }, NULL },
};

static void
words_become_fields(void **state)
{
	json_t *command = json_loads(declared, 0, NULL);

	(void)state;
	assert_non_null(command);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t count = 0;
		json_t *fields;
		char *text;

		while (cases[i].words[count] != NULL)
			count++;
		fields = words_read(command, cases[i].words, count);
		if (cases[i].wanted == NULL) {
			assert_null(fields);
			continue;
		}
		assert_non_null(fields);
		text = json_dumps(fields, JSON_COMPACT | JSON_SORT_KEYS);
		assert_string_equal(text, cases[i].wanted);
		free(text);
		json_decref(fields);
	}
	json_decref(command);
}

static void
one_word_too_many_is_refused(void **state)
{
	static const char *const words[] = { "a", "b" };
	json_t *command = json_loads(
		"{\"fields\": [{\"name\": \"room\", \"type\": \"text\","
		" \"required\": true}]}", 0, NULL);

	(void)state;
	assert_null(words_read(command, words, 2));
	json_decref(command);
}

static void
places_are_in_order(void **state)
{
	json_t *command = json_loads(declared, 0, NULL);

	(void)state;
	assert_ptr_equal(words_place(command, 1),
			 words_field(command, "who", 3));
	assert_ptr_equal(words_place(command, 7),
			 words_field(command, "rest", 4));
	assert_null(words_field(command, "re", 2));
	assert_false(words_takes_value(words_field(command, "quick", 5)));
	json_decref(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_fields),
		cmocka_unit_test(one_word_too_many_is_refused),
		cmocka_unit_test(places_are_in_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
