#include "shared/adhoc_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/command.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

static const char *const colours[] = { "red", "green", NULL };

static const struct command_field fields[] = {
	COMMAND_FIELD("a", TEXT, "Text", .required = true),
	COMMAND_FIELD("b", SECRET, "Secret"),
	COMMAND_FIELD("c", BOOL, "Bool", .def = "1"),
	COMMAND_FIELD("d", UINT, "Number"),
	COMMAND_FIELD("e", JID, "Address"),
	COMMAND_FIELD("f", CHOICE, "Choice", .choices = colours),
	COMMAND_FIELD("g", LIST, "List"),
	COMMAND_FIELD("h", LINES, "Lines"),
	{ .name = NULL }
};

static const struct command_column columns[] = {
	{ "a", COMMAND_CHOICE, "Choice" }, { "b", COMMAND_LINES, "Lines" },
	{ .name = NULL }
};

static void
assert_prints(const struct xml *el, const char *wanted)
{
	struct str text = { 0 };

	xml_print(&text, el, NS_DATA);
	assert_string_equal(text.data, wanted);
	str_fini(&text);
}

static void
each_type_has_its_field(void **state)
{
	const struct command command = {
		.title = "Test", .help = "Tests.", .fields = fields,
	};

	assert_prints(adhoc_form_new(*state, &command),
		"<x type='form'><title>Test</title>"
		"<instructions>Tests.</instructions>"
		"<field type='text-single' var='a' label='Text'><required/>"
		"</field><field type='text-private' var='b' label='Secret'/>"
		"<field type='boolean' var='c' label='Bool'><value>1</value>"
		"</field><field type='text-single' var='d' label='Number'/>"
		"<field type='jid-single' var='e' label='Address'/>"
		"<field type='list-single' var='f' label='Choice'>"
		"<option label='red'><value>red</value></option>"
		"<option label='green'><value>green</value></option></field>"
		"<field type='text-multi' var='g' label='List'/>"
		"<field type='text-multi' var='h' label='Lines'/></x>");
}

static void
rows_follow_what_is_reported(void **state)
{
	static const char *const first[] = { "red", "1\n\n2" };
	static const char *const second[] = { "<", NULL };
	const struct command command = { .title = "T", .columns = columns };
	struct xml *form = adhoc_form_result(*state, &command);

	assert_int_equal(adhoc_form_add_row(*state, &command, form, first),
			 50 + 50 + 1 + 3 + 50 + 1 + 4);
	adhoc_form_add_row(*state, &command, form, second);
	assert_prints(form, "<x type='result'><title>T</title><reported>"
		"<field type='text-single' var='a' label='Choice'/>"
		"<field type='text-multi' var='b' label='Lines'/></reported>"
		"<item><field var='a'><value>red</value></field>"
		"<field var='b'><value>1</value><value/><value>2</value>"
		"</field></item><item><field var='a'><value>&lt;</value>"
		"</field><field var='b'><value/></field></item></x>");
}

static void
a_record_has_only_what_is_there(void **state)
{
	static const char *const cells[] = { NULL, "x" };
	const struct command command = {
		.title = "T", .columns = columns, .record = true,
	};
	struct xml *form = adhoc_form_result(*state, &command);

	adhoc_form_add_row(*state, &command, form, cells);
	assert_prints(form, "<x type='result'><title>T</title>"
		"<field type='text-multi' var='b' label='Lines'>"
		"<value>x</value></field></x>");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(each_type_has_its_field),
		BED_ARENA_TEST(rows_follow_what_is_reported),
		BED_ARENA_TEST(a_record_has_only_what_is_there),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
