#include "shared/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/jid.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define VALUES_MAX 4

static const char *const colours[] = { "red", "green", NULL };

static const struct command_field fields[] = {
	COMMAND_FIELD("text", TEXT, "A text", .required = true),
	COMMAND_FIELD("flag", BOOL, "Whether", .def = "0"),
	COMMAND_FIELD("count", UINT, "How many", .min = 2, .max = 9),
	COMMAND_FIELD("big", UINT, "How many more", .def = "7"),
	COMMAND_FIELD("who", JID, "Whom"),
	COMMAND_FIELD("person", JID, "Whom else", .person = true),
	COMMAND_FIELD("colour", CHOICE, "Which", .choices = colours),
	COMMAND_FIELD("lines", LINES, "A longer text"),
	COMMAND_FIELD("rest", LIST, "All else", .rest = true),
	{ .name = NULL }
};

static const struct command command = {
	.name = "test", .title = "Test", .help = "Tests.", .fields = fields,
};

enum { TEXT, FLAG, COUNT, BIG, WHO, PERSON, COLOUR, LINES, REST };

/* Reads a form with text, and with these values of one other field. */
static int
read_values(struct arena *arena, const char *name,
	    const char *const values[VALUES_MAX],
	    const struct command_argument **args_r, struct error *err)
{
	static const char *const text[] = { "hello" };
	struct form_field given[] = {
		{ .var = "text", .values = text, .count = 1 },
		{ .var = name, .values = values },
	};
	struct form form = {
		.type = "submit", .fields = given,
		.count = name != NULL ? 2 : 1,
	};

	while (name != NULL && given[1].count < VALUES_MAX &&
	       values[given[1].count] != NULL)
		given[1].count++;
	*err = (struct error){ 0 };
	return command_read(&command, &form, arena, args_r, err);
}

static void
what_is_not_given_has_its_default(void **state)
{
	const struct command_argument *args;
	struct error err;

	assert_int_equal(read_values(*state, NULL, NULL, &args, &err), 0);
	assert_string_equal(args[TEXT].texts[0], "hello");
	assert_null(args[TEXT].texts[1]);
	assert_string_equal(args[FLAG].texts[0], "0");
	assert_null(args[COUNT].texts[0]);
	assert_string_equal(args[BIG].texts[0], "7");
	assert_null(args[WHO].texts[0]);
	assert_null(args[WHO].jid);
	assert_null(args[COLOUR].texts[0]);
	assert_null(args[LINES].texts[0]);
	assert_null(args[REST].texts[0]);
}

static const struct {
	const char *name;
	const char *values[VALUES_MAX];
	const char *wanted;	/* of the first; NULL: refused */
	const char *why;
} cases[] = {
	{ "flag", { "true" }, "1", NULL },
	{ "flag", { "1" }, "1", NULL },
	{ "flag", { "false" }, "0", NULL },
	{ "flag", { "" }, "0", NULL },
	{ "flag", { "yes" }, NULL, "flag is neither true nor false" },
	{ "count", { "2" }, "2", NULL },
	{ "count", { "9" }, "9", NULL },
	{ "count", { "1" }, NULL, "count is not a number from 2 to 9" },
	{ "count", { "10" }, NULL, "count is not a number from 2 to 9" },
	{ "count", { "x" }, NULL, "count is not a number from 2 to 9" },
	{ "count", { "-3" }, NULL, "count is not a number from 2 to 9" },
	{ "count", { "2", "3" }, NULL, "count: one value is wanted" },
	{ "big", { "4294967295" }, "4294967295", NULL },
	{ "big", { "4294967296" }, NULL,
	  "big is not a number from 0 to 4294967295" },
	{ "who", { "Romeo@Verona.example" }, "Romeo@Verona.example", NULL },
	{ "who", { "@" }, NULL, "who: " },
	{ "who", { "verona.example" }, "verona.example", NULL },
	{ "person", { "a@b" }, "a@b", NULL },
	{ "person", { "b.example" }, NULL, "person: b.example is a domain" },
	{ "colour", { "green" }, "green", NULL },
	{ "colour", { "blue" }, NULL, "colour: blue is none of red, green" },
	{ "lines", { "one" }, "one", NULL },
	{ "lines", { "one", "", "two" }, "one\n\ntwo", NULL },
	{ "rest", { "", "a=b", "", "c=d" }, "a=b", NULL },
	{ "other", { "1" }, NULL, "there is no field other" },
};

static size_t
place(const char *name)
{
	for (size_t i = 0; fields[i].name != NULL; i++)
		if (strcmp(fields[i].name, name) == 0)
			return i;
	fail();
	return 0;
}

static void
values_are_read_or_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct command_argument *args;
		struct error err;
		int ret = read_values(*state, cases[i].name, cases[i].values,
				      &args, &err);

		if (cases[i].wanted == NULL) {
			assert_int_equal(ret, -1);
			assert_memory_equal(err.text, cases[i].why,
					    strlen(cases[i].why));
			continue;
		}
		assert_int_equal(ret, 0);
		assert_string_equal(args[place(cases[i].name)].texts[0],
				    cases[i].wanted);
	}
}

static void
an_address_is_prepared(void **state)
{
	static const char *const who[VALUES_MAX] = { "Romeo@Verona.example/A" };
	const struct command_argument *args;
	struct error err;

	assert_int_equal(read_values(*state, "who", who, &args, &err), 0);
	assert_string_equal(args[WHO].jid->full, "romeo@verona.example/A");
}

static void
a_list_has_all_that_is_not_empty(void **state)
{
	static const char *const list[VALUES_MAX] = { "a", "", "b", "c" };
	const struct command_argument *args;
	struct error err;

	assert_int_equal(read_values(*state, "rest", list, &args, &err), 0);
	assert_string_equal(args[REST].texts[0], "a");
	assert_string_equal(args[REST].texts[1], "b");
	assert_string_equal(args[REST].texts[2], "c");
	assert_null(args[REST].texts[3]);
}

static void
what_is_required_must_be_given(void **state)
{
	static const char *const empty[] = { "" };
	const struct form_field field = {
		.var = "text", .values = empty, .count = 1,
	};
	const struct form forms[] = {
		{ .type = "submit" },
		{ .type = "submit", .fields = &field, .count = 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		const struct command_argument *args;
		struct error err = { 0 };

		assert_int_equal(command_read(&command, &forms[i], *state,
					      &args, &err), -1);
		assert_int_equal(err.cond, ERROR_BAD_REQUEST);
		assert_string_equal(err.text, "text is missing");
	}
}

static void
fields_and_columns_are_counted(void **state)
{
	static const struct command_column columns[] = {
		{ "a", COMMAND_TEXT, "A" }, { .name = NULL }
	};
	const struct command some = { .columns = columns };

	(void)state;
	assert_int_equal(command_field_count(&command), ARRAY_LEN(fields) - 1);
	assert_int_equal(command_column_count(&command), 0);
	assert_int_equal(command_field_count(&some), 0);
	assert_int_equal(command_column_count(&some), 1);
}

/* Behind these there may be secrets. */
static void
knows_what_a_log_may_show(void **state)
{
	static const struct {
		enum command_type type;
		bool quiet;
		const char *text;
		size_t shown;
	} texts[] = {
		{ COMMAND_TEXT, false, "a=b", 3 },
		{ COMMAND_SECRET, false, "a", 0 },
		{ COMMAND_TEXT, true, "a=b", 2 },
		{ COMMAND_TEXT, true, "/var/lib", 8 },
		{ COMMAND_TEXT, true, "x://h/n", 7 },
		{ COMMAND_TEXT, true, "x://u:p@h/n", 4 },
		{ COMMAND_TEXT, true, "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct command_field field = {
			.type = texts[i].type, .quiet = texts[i].quiet,
		};

		assert_int_equal(command_shown(&field, texts[i].text),
				 texts[i].shown);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(what_is_not_given_has_its_default),
		BED_ARENA_TEST(values_are_read_or_refused),
		BED_ARENA_TEST(an_address_is_prepared),
		BED_ARENA_TEST(a_list_has_all_that_is_not_empty),
		BED_ARENA_TEST(what_is_required_must_be_given),
		cmocka_unit_test(fields_and_columns_are_counted),
		cmocka_unit_test(knows_what_a_log_may_show),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
