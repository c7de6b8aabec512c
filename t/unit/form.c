#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static int
parse(struct arena *arena, const char *text, const struct form **form_r,
      struct error *err)
{
	struct xml *el;

	assert_int_equal(parser_document(arena, text, strlen(text),
					 &parser_limits_default, &el, err),
			 0);
	return form_parse(arena, el, form_r, err);
}

static void
assert_prints(const struct xml *el, const char *expected)
{
	struct str out = { 0 };

	xml_print(&out, el, NS_DATA);
	assert_string_equal(out.data, expected);
	str_fini(&out);
}

static void
builds(void **state)
{
	struct xml *form = form_new(*state, "form", "urn:example:form");
	struct xml *field;

	form_add_title(*state, form, "A <room>");
	form_add_instructions(*state, form, "Fill in.");
	form_add_instructions(*state, form, "Send.");
	field = form_add(*state, form, "boolean", "public", "Seen by all?");
	form_add_bool(*state, field, true);
	field = form_add(*state, form, "boolean", "open", NULL);
	form_add_bool(*state, field, false);
	field = form_add(*state, form, "list-multi", "who", NULL);
	form_add_value(*state, field, "a");
	form_add_value(*state, field, "b");
	form_add_option(*state, field, "The first", "a");
	form_add_option(*state, field, NULL, "b");
	form_set_required(*state, field);
	form_add(*state, form, NULL, "plain", NULL);
	assert_prints(form, "<x type='form'>"
		"<title>A &lt;room&gt;</title>"
		"<instructions>Fill in.</instructions>"
		"<instructions>Send.</instructions>"
		"<field type='hidden' var='FORM_TYPE'>"
		"<value>urn:example:form</value></field>"
		"<field type='boolean' var='public' label='Seen by all?'>"
		"<value>1</value></field>"
		"<field type='boolean' var='open'><value>0</value></field>"
		"<field type='list-multi' var='who'>"
		"<value>a</value><value>b</value>"
		"<option label='The first'><value>a</value></option>"
		"<option><value>b</value></option><required/></field>"
		"<field var='plain'/></x>");
	assert_prints(form_new(*state, "cancel", NULL), "<x type='cancel'/>");
	form = form_new(*state, "result", NULL);
	form_add(*state, form, NULL, "a", NULL);
	form_add(*state, form, NULL, "b", NULL);
	form_add_title(*state, form, "Late");
	assert_prints(form, "<x type='result'><title>Late</title>"
		"<field var='a'/><field var='b'/></x>");
}

#define SUBMIT "<x xmlns='jabber:x:data' type='submit'>"
#define FORM "<x xmlns='jabber:x:data' type='form'>"
#define RESULT "<x xmlns='jabber:x:data' type='result'>"

static void
reads_fields_and_values(void **state)
{
	const struct form *form;
	const struct form_field *field;
	struct error err;

	assert_int_equal(parse(*state, SUBMIT
		"<title>t</title>"
		"<field var='FORM_TYPE'><value>urn:example</value></field>"
		"<field var='one' type='text-single'><value>a b</value>"
		"</field>"
		"<field type='fixed'><value>only text</value></field>"
		"<field type='fixed' var='one'><value>x</value></field>"
		"<field var='many' type='jid-multi'><value>a</value>"
		"<desc/><value/><value>c&amp;d</value></field>"
		"<field var='none'/>"
		"<field xmlns='other' var='foreign'/>"
		"</x>", &form, &err), 0);
	assert_string_equal(form->type, "submit");
	assert_string_equal(form->form_type, "urn:example");
	assert_int_equal(form->count, 3);
	field = form_find(form, "one");
	assert_string_equal(field->type, "text-single");
	assert_int_equal(field->count, 1);
	assert_string_equal(field->values[0], "a b");
	field = form_find(form, "many");
	assert_int_equal(field->count, 3);
	assert_string_equal(field->values[0], "a");
	assert_string_equal(field->values[1], "");
	assert_string_equal(field->values[2], "c&d");
	field = form_find(form, "none");
	assert_null(field->type);
	assert_int_equal(field->count, 0);
	assert_null(form_find(form, "FORM_TYPE"));
	assert_null(form_find(form, "foreign"));
	assert_string_equal(form_value(form, "many"), "a");
	assert_null(form_value(form, "none"));
	assert_null(form_value(form, "foreign"));
}

static const struct {
	const char *text;
	const char *form_type;
	size_t count;
} form_types[] = {
	{ SUBMIT "<field var='FORM_TYPE'><value>u</value></field></x>",
	  "u", 0 },
	{ SUBMIT "<field var='FORM_TYPE' type='hidden'><value>u</value>"
	  "</field></x>", "u", 0 },
	{ SUBMIT "<field var='FORM_TYPE'/></x>", NULL, 0 },
	{ SUBMIT "</x>", NULL, 0 },
	{ FORM "<field var='FORM_TYPE' type='hidden'><value>u</value>"
	  "</field></x>", "u", 0 },
	{ RESULT "<field var='FORM_TYPE' type='hidden'><value>u</value>"
	  "</field></x>", "u", 0 },
	/* XEP-0068 section 4.3: not a hidden field, not the form's type. */
	{ FORM "<field var='FORM_TYPE'><value>u</value></field></x>",
	  NULL, 1 },
	{ RESULT "<field var='FORM_TYPE' type='text-single'>"
	  "<value>u</value></field></x>", NULL, 1 },
};

static void
reads_the_form_type(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(form_types); i++) {
		const struct form *form;
		struct error err;

		assert_int_equal(parse(*state, form_types[i].text, &form,
				       &err), 0);
		if (form_types[i].form_type == NULL)
			assert_null(form->form_type);
		else
			assert_string_equal(form->form_type,
					    form_types[i].form_type);
		assert_int_equal(form->count, form_types[i].count);
	}
}

static void
refuses(void **state)
{
	static const char *const texts[] = {
		"<x xmlns='jabber:x:data'/>",
		"<x xmlns='jabber:x:data' type=''/>",
		"<x xmlns='jabber:x:data' type='Submit'/>",
		"<x xmlns='jabber:x:data' type='error'/>",
		SUBMIT "<field/></x>",
		SUBMIT "<field var=''/></x>",
		SUBMIT "<field type='text-single'><value>a</value></field>"
		"</x>",
		SUBMIT "<field var='a'/><field var='a'/></x>",
		SUBMIT "<field var='a'/><field var='b'/><field var='a'/></x>",
		SUBMIT "<field var='FORM_TYPE'><value>a</value></field>"
		"<field var='FORM_TYPE'><value>b</value></field></x>",
		FORM "<field var='FORM_TYPE' type='hidden'/>"
		"<field var='FORM_TYPE' type='text-single'/></x>",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const struct form *form = NULL;
		struct error err = { 0 };

		assert_int_equal(parse(*state, texts[i], &form, &err), -1);
		assert_int_equal(err.cond, ERROR_BAD_REQUEST);
		assert_null(form);
	}
}

static void
ignores_reported_and_items(void **state)
{
	const struct form *form;
	struct error err;

	assert_int_equal(parse(*state, RESULT
		"<reported><field var='a'/></reported>"
		"<item><field var='a'><value>1</value></field></item>"
		"<item><field var='a'><value>2</value></field></item></x>",
		&form, &err), 0);
	assert_int_equal(form->count, 0);
}

static const struct {
	const char *values[3];
	int ret;
	bool value;
} bools[] = {
	{ { "1" }, 0, true },
	{ { "true" }, 0, true },
	{ { "0" }, 0, false },
	{ { "false" }, 0, false },
	{ { NULL }, -1, false },
	{ { "" }, -1, false },
	{ { "True" }, -1, false },
	{ { "yes" }, -1, false },
	{ { " 1" }, -1, false },
	{ { "1", "1" }, -1, false },
};

static struct form_field
make_field(const char *const *values)
{
	struct form_field field = { .var = "it", .values = values };

	while (values[field.count] != NULL)
		field.count++;
	return field;
}

static void
reads_booleans(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bools); i++) {
		struct form_field field = make_field(bools[i].values);
		struct error err = { 0 };
		bool value = !bools[i].value;

		assert_int_equal(form_field_bool(&field, &value, &err),
				 bools[i].ret);
		if (bools[i].ret == 0)
			assert_int_equal(value, bools[i].value);
		else
			assert_int_equal(err.cond, ERROR_BAD_REQUEST);
	}
}

static const struct {
	const char *values[3];
	unsigned min, max;
	int ret;
	unsigned value;
} uints[] = {
	{ { "0" }, 0, 10, 0, 0 },
	{ { "10" }, 0, 10, 0, 10 },
	{ { "007" }, 0, 10, 0, 7 },
	{ { "4294967295" }, 0, 4294967295U, 0, 4294967295U },
	{ { "11" }, 0, 10, -1, 0 },
	{ { "4" }, 5, 10, -1, 0 },
	{ { "4294967296" }, 0, 4294967295U, -1, 0 },
	{ { "18446744073709551616" }, 0, 4294967295U, -1, 0 },
	{ { "99999999999999999999999999" }, 0, 4294967295U, -1, 0 },
	{ { "-1" }, 0, 4294967295U, -1, 0 },
	{ { "+1" }, 0, 10, -1, 0 },
	{ { " 1" }, 0, 10, -1, 0 },
	{ { "1 " }, 0, 10, -1, 0 },
	{ { "0x1" }, 0, 10, -1, 0 },
	{ { "1.0" }, 0, 10, -1, 0 },
	{ { "" }, 0, 10, -1, 0 },
	{ { "none" }, 0, 10, -1, 0 },
	{ { NULL }, 0, 10, -1, 0 },
	{ { "1", "2" }, 0, 10, -1, 0 },
};

static void
reads_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(uints); i++) {
		struct form_field field = make_field(uints[i].values);
		struct error err = { 0 };
		unsigned value = 4711;

		assert_int_equal(form_field_uint(&field, uints[i].min,
						 uints[i].max, &value, &err),
				 uints[i].ret);
		if (uints[i].ret == 0)
			assert_int_equal(value, uints[i].value);
		else
			assert_int_equal(err.cond, ERROR_BAD_REQUEST);
	}
}

/* A peer may send as many fields as fit into a stanza. */
static void
reads_many_fields(void **state)
{
	struct str text = { 0 };
	const struct form *form;
	struct error err;

	str_addz(&text, SUBMIT);
	for (int i = 0; i < 20000; i++)
		str_addf(&text, "<field var='v%d'/>", i);
	str_addz(&text, "</x>");
	assert_int_equal(parse(*state, text.data, &form, &err), 0);
	assert_int_equal(form->count, 20000);
	str_fini(&text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(builds),
		BED_ARENA_TEST(reads_fields_and_values),
		BED_ARENA_TEST(reads_the_form_type),
		BED_ARENA_TEST(refuses),
		BED_ARENA_TEST(ignores_reported_and_items),
		BED_ARENA_TEST(reads_booleans),
		BED_ARENA_TEST(reads_numbers),
		BED_ARENA_TEST(reads_many_fields),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
