#include "components/muc/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/ns.h"
#include "shared/store-private.h"
#include "shared/str.h"
#include "shared/xml.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define CONFIG(name) "muc#roomconfig_" name

static struct arena *arena;
static struct options options;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	options_init(&options);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	options_fini(&options);
	arena_free(&arena);
	return 0;
}

/* Every field of section 16.5.3 that is not an affiliation, and ours: its
   type, and what it is unless somebody says otherwise. */
static const struct {
	const char *var, *type, *values;	/* with | in between */
	const char *column;
} fields[] = {
	{ CONFIG("roomname"), "text-single", "", "roomname" },
	{ CONFIG("roomdesc"), "text-single", "", "roomdesc" },
	{ CONFIG("lang"), "text-single", "", "lang" },
	{ CONFIG("persistentroom"), "boolean", "0", "persistentroom" },
	{ CONFIG("publicroom"), "boolean", "1", "publicroom" },
	{ CONFIG("membersonly"), "boolean", "0", "membersonly" },
	{ CONFIG("passwordprotectedroom"), "boolean", "0",
	  "passwordprotectedroom" },
	{ CONFIG("roomsecret"), "text-private", "", "roomsecret" },
	{ CONFIG("moderatedroom"), "boolean", "0", "moderatedroom" },
	{ CONFIG("allowinvites"), "boolean", "0", "allowinvites" },
	{ CONFIG("changesubject"), "boolean", "0", "changesubject" },
	{ CONFIG("enablelogging"), "boolean", "0", "enablelogging" },
	{ CONFIG("enablearchiving"), "boolean", "0", "enablearchiving" },
	{ CONFIG("allowpm"), "list-single", "anyone", "allowpm" },
	{ CONFIG("whois"), "list-single", "moderators", "whois" },
	{ CONFIG("presencebroadcast"), "list-multi",
	  "moderator|participant|visitor", "presencebroadcast" },
	{ CONFIG("getmemberlist"), "list-multi", NULL, "getmemberlist" },
	{ CONFIG("maxusers"), "list-single", "none", "maxusers" },
	{ "{urn:x-annex:0}roomconfig_showabsent", "boolean", "0",
	  "showabsent" },
	{ "muc#maxhistoryfetch", "text-single", "20", "maxhistoryfetch" },
	{ CONFIG("pubsub"), "text-single", "", "pubsub" },
};

static struct xml *
print(void)
{
	struct xml *form = form_new(arena, "form", NS_MUC_ROOMCONFIG);

	options_print(&options, true, arena, form);
	return form;
}

static struct xml *
find_field(const struct xml *form, const char *var)
{
	struct xml *el = xml_child(form, NS_DATA, "field");

	while (el != NULL && strcmp(xml_attr(el, "var"), var) != 0)
		el = xml_next(el, NS_DATA, "field");
	return el;
}

/* The texts of <value/> in the element, or in its options. */
static const char *
values(const struct xml *field)
{
	const struct xml *el = xml_child(field, NS_DATA, "value");
	const char *text = NULL;

	for (; el != NULL; el = xml_next(el, NS_DATA, "value"))
		text = arena_printf(arena, "%s%s%s", text ? text : "",
				    text ? "|" : "", xml_text(arena, el));
	return text;
}

static void
assert_text(const char *got, const char *want)
{
	if (want == NULL)
		assert_null(got);
	else
		assert_string_equal(got, want);
}

static void
has_every_field(void **state)
{
	const struct xml *form = print(), *el;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		el = find_field(form, fields[i].var);
		assert_non_null(el);
		assert_string_equal(xml_attr(el, "type"), fields[i].type);
		assert_non_null(xml_attr(el, "label"));
		assert_text(values(el), fields[i].values);
	}
	for (el = xml_child(form, NS_DATA, "field"); el != NULL;
	     el = xml_next(el, NS_DATA, "field"))
		n++;
	/* With FORM_TYPE. */
	assert_int_equal(n, ARRAY_LEN(fields) + 1);
}

static void
names_columns(void **state)
{
	const char *columns = "";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		columns = arena_printf(arena, "%s%s%s", columns,
				       i == 0 ? "" : ", ", fields[i].column);
	assert_int_equal(options_count(), ARRAY_LEN(fields));
	assert_string_equal(options_columns(arena), columns);
}

/* What may be chosen. */
static const struct {
	const char *var, *options;
} choices[] = {
	{ CONFIG("allowpm"), "anyone|participants|moderators|none" },
	{ CONFIG("whois"), "moderators|anyone" },
	{ CONFIG("presencebroadcast"), "moderator|participant|visitor" },
	{ CONFIG("getmemberlist"), "moderator|participant|visitor" },
	{ CONFIG("maxusers"), "10|20|30|50|100|200|500|1000|none" },
	{ CONFIG("roomname"), "" },
	{ CONFIG("publicroom"), "" },
};

static const char *
option_values(const struct xml *field)
{
	const struct xml *el = xml_child(field, NS_DATA, "option");
	const char *text = "";

	for (; el != NULL; el = xml_next(el, NS_DATA, "option"))
		text = arena_printf(arena, "%s%s%s", text, *text ? "|" : "",
				    values(el));
	return text;
}

static void
offers_choices(void **state)
{
	const struct xml *form = print();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(choices); i++)
		assert_string_equal(
			option_values(find_field(form, choices[i].var)),
			choices[i].options);
}

/* What somebody has chosen beyond that stands there too. */
static void
offers_what_is_in_force(void **state)
{
	(void)state;
	options.maxusers = 55;
	assert_string_equal(
		option_values(find_field(print(), CONFIG("maxusers"))),
		"55|10|20|30|50|100|200|500|1000|none");
}

/* A form with one field, its values with | in between; NULL for none. */
static const struct form *
form_of(const char *var, const char *text)
{
	struct xml *el = form_new(arena, "submit", NS_MUC_ROOMCONFIG);
	struct xml *field = form_add(arena, el, NULL, var, NULL);
	const struct form *form;
	struct error err;

	while (text != NULL) {
		size_t len = strcspn(text, "|");

		form_add_value(arena, field, arena_dup(arena, text, len));
		text = text[len] != '\0' ? text + len + 1 : NULL;
	}
	assert_int_equal(form_parse(arena, el, &form, &err), 0);
	return form;
}

static const struct {
	const char *var, *submitted;
	const char *values;	/* afterwards; "refused": as before */
} submissions[] = {
	{ CONFIG("roomname"), "A <place> & more", "A <place> & more" },
	{ CONFIG("roomname"), NULL, "" },
	{ CONFIG("roomname"), "two|lines", "refused" },
	{ CONFIG("membersonly"), "1", "1" },
	{ CONFIG("membersonly"), "true", "1" },
	{ CONFIG("publicroom"), "0", "0" },
	{ CONFIG("publicroom"), "false", "0" },
	{ CONFIG("publicroom"), "no", "refused" },
	{ CONFIG("publicroom"), "", "refused" },
	{ CONFIG("publicroom"), NULL, "refused" },
	{ CONFIG("publicroom"), "0|1", "refused" },
	{ CONFIG("whois"), "anyone", "anyone" },
	{ CONFIG("whois"), "moderators", "moderators" },
	{ CONFIG("whois"), "Anyone", "refused" },
	{ CONFIG("whois"), "anyone|moderators", "refused" },
	{ CONFIG("whois"), NULL, "refused" },
	{ CONFIG("allowpm"), "participants", "participants" },
	{ CONFIG("allowpm"), "none", "none" },
	{ CONFIG("allowpm"), "visitors", "refused" },
	{ CONFIG("presencebroadcast"), "visitor|moderator",
	  "moderator|visitor" },
	{ CONFIG("presencebroadcast"), NULL, NULL },
	{ CONFIG("presencebroadcast"), "none", NULL },
	{ CONFIG("presencebroadcast"), "moderator|owner", "refused" },
	{ CONFIG("getmemberlist"), "participant", "participant" },
	{ CONFIG("maxusers"), "30", "30" },
	{ CONFIG("maxusers"), "55", "55" },
	{ CONFIG("maxusers"), "0", "none" },
	{ CONFIG("maxusers"), "", "none" },
	{ CONFIG("maxusers"), "none", "none" },
	{ CONFIG("maxusers"), "-1", "refused" },
	{ CONFIG("maxusers"), "many", "refused" },
	{ CONFIG("maxusers"), "4294967296", "refused" },
	{ "muc#maxhistoryfetch", "0", "0" },
	{ "muc#maxhistoryfetch", "1000", "1000" },
	{ "muc#maxhistoryfetch", "1001", "refused" },
	{ "muc#maxhistoryfetch", "", "refused" },
	{ "{urn:x-annex:0}roomconfig_showabsent", "1", "1" },
	{ CONFIG("pubsub"), "xmpp:p@h.example?;node=n",
	  "xmpp:p@h.example?;node=n" },
	{ CONFIG("roomsecret"), "s'e\"cret", "s'e\"cret" },
	/* Without a password nobody could enter. */
	{ CONFIG("passwordprotectedroom"), "1", "refused" },
};

static void
takes_or_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(submissions); i++) {
		const char *var = submissions[i].var;
		const struct form *form;
		struct error err = { 0 };
		int ret;

		setup(NULL);
		form = form_of(var, submissions[i].submitted);
		ret = options_submit(&options, form, &err);
		if (submissions[i].values == NULL ||
		    strcmp(submissions[i].values, "refused") != 0) {
			if (ret != 0)
				fail_msg("case %zu: %s", i, err.text);
			assert_text(values(find_field(print(), var)),
				    submissions[i].values);
		} else {
			if (ret == 0)
				fail_msg("case %zu was taken", i);
			/* Section 10.1.3. */
			assert_int_equal(err.cond, ERROR_NOT_ACCEPTABLE);
			assert_int_equal(err.type, ERROR_TYPE_MODIFY);
		}
		teardown(NULL);
	}
}

static void
refuses_long_texts(void **state)
{
	char text[1002];
	struct error err;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[1001] = '\0';
	assert_int_equal(options_submit(&options,
					form_of(CONFIG("roomdesc"), text),
					&err), -1);
	assert_int_equal(err.cond, ERROR_NOT_ACCEPTABLE);
	text[1000] = '\0';
	assert_int_equal(options_submit(&options,
					form_of(CONFIG("roomdesc"), text),
					&err), 0);
}

/* Unknown fields, and those of affiliations, are for others. */
static void
leaves_the_rest(void **state)
{
	struct options before;
	struct error err;

	(void)state;
	options_copy(&before, &options);
	assert_int_equal(options_submit(&options,
					form_of(CONFIG("roomowners"),
						"a@b.example|c@d.example"),
					&err), 0);
	assert_int_equal(options_submit(&options, form_of("x", "y"), &err),
			 0);
	assert_true(options_equal(&options, &before));
	options_fini(&before);
}

/* As in the configuration file. */
static const struct {
	const char *name, *value;
	const char *var, *values;	/* values "refused": is not taken */
} settings[] = {
	{ "roomname", "Coven", CONFIG("roomname"), "Coven" },
	{ "roomname", "two words", CONFIG("roomname"), "two words" },
	{ "membersonly", "1", CONFIG("membersonly"), "1" },
	{ "whois", "anyone", CONFIG("whois"), "anyone" },
	{ "presencebroadcast", "visitor moderator",
	  CONFIG("presencebroadcast"), "moderator|visitor" },
	{ "getmemberlist", "", CONFIG("getmemberlist"), NULL },
	{ "maxusers", "10", CONFIG("maxusers"), "10" },
	{ "maxhistoryfetch", "7", "muc#maxhistoryfetch", "7" },
	{ "showabsent", "true", "{urn:x-annex:0}roomconfig_showabsent", "1" },
	{ "membersonly", "yes", CONFIG("membersonly"), "1" },
	{ "membersonly", "no", CONFIG("membersonly"), "0" },
	{ "membersonly", "maybe", NULL, "refused" },
	{ "presencebroadcast", "moderator,visitor", NULL, "refused" },
	{ "roomowners", "a@b.example", NULL, "refused" },
	{ "muc#roomconfig_roomname", "x", NULL, "refused" },
	{ "", "x", NULL, "refused" },
};

static void
is_set_by_name(void **state)
{
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		int ret = options_set(&options, settings[i].name,
				      settings[i].value, &err);

		assert_int_equal(ret, settings[i].var != NULL ? 0 : -1);
		if (settings[i].var != NULL)
			assert_text(values(find_field(print(),
						      settings[i].var)),
				    settings[i].values);
		else
			assert_int_equal(err.cond, ERROR_NOT_ACCEPTABLE);
	}
}

/* Another value for each. */
static const struct {
	const char *name, *value;
} others[] = {
	{ "roomname", "n" }, { "roomdesc", "d" }, { "lang", "en" },
	{ "persistentroom", "1" }, { "publicroom", "0" },
	{ "membersonly", "1" }, { "passwordprotectedroom", "1" },
	{ "roomsecret", "s" }, { "moderatedroom", "1" },
	{ "allowinvites", "1" }, { "changesubject", "1" },
	{ "enablelogging", "1" }, { "enablearchiving", "1" },
	{ "allowpm", "none" },
	{ "whois", "anyone" }, { "presencebroadcast", "visitor" },
	{ "getmemberlist", "moderator participant" }, { "maxusers", "12" },
	{ "showabsent", "1" }, { "maxhistoryfetch", "3" },
	{ "pubsub", "xmpp:p@h.example" },
};

static void
sees_every_difference(void **state)
{
	struct options other;
	struct error err;

	(void)state;
	assert_int_equal(ARRAY_LEN(others), options_count());
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		options_copy(&other, &options);
		assert_true(options_equal(&options, &other));
		assert_int_equal(options_set(&other, others[i].name,
					     others[i].value, &err), 0);
		if (options_equal(&options, &other))
			fail_msg("%s", others[i].name);
		options_fini(&other);
	}
}

static void
set_all(struct options *to)
{
	struct error err;

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_int_equal(options_set(to, others[i].name,
					     others[i].value, &err), 0);
}

static void
take_difference(void *ctx, const char *name, const char *value)
{
	struct str *told = ctx;

	str_addf(told, "%s=%s;", name, value != NULL ? value : "(none)");
}

static void
tells_what_differs(void **state)
{
	struct str told = { 0 };
	struct options other;
	struct error err;

	(void)state;
	options_copy(&other, &options);
	options_differ(&options, &other, take_difference, &told);
	assert_int_equal(told.len, 0);
	options_set(&other, "roomname", "Coven", &err);
	options_set(&other, "roomsecret", "broom", &err);
	options_set(&other, "membersonly", "1", &err);
	options_set(&other, "presencebroadcast", "moderator visitor", &err);
	options_set(&other, "maxusers", "7", &err);
	options_differ(&options, &other, take_difference, &told);
	assert_string_equal(told.data, "roomname=Coven;membersonly=1;"
			    "roomsecret=(none);"
			    "presencebroadcast=moderator visitor;maxusers=7;");
	str_fini(&told);
	options_fini(&other);
}

/* What a database would make of the values. */
static const char **
cells_of(const struct store_value *stored)
{
	const char **cells = arena_alloc(arena, options_count() *
					 sizeof(*cells));

	for (size_t i = 0; i < options_count(); i++)
		cells[i] = stored[i].type == STORE_INT ?
			   arena_printf(arena, "%lld",
					(long long)stored[i].number) :
			   arena_strdup(arena, stored[i].text);
	return cells;
}

static void
comes_back_from_the_store(void **state)
{
	struct store_value *stored =
		arena_alloc(arena, options_count() * sizeof(*stored));
	struct store_result result = { .rows = 1 };
	struct options read;

	(void)state;
	set_all(&options);
	options_values(&options, arena, stored);
	result.columns = options_count();
	result.cells = cells_of(stored);
	options_init(&read);
	options_load(&read, &result, 0, 0);
	assert_true(options_equal(&read, &options));
	options_fini(&read);

	/* So that people can read the table. */
	assert_string_equal(result.cells[13], "none");
	assert_string_equal(result.cells[16], "moderator participant");
	assert_string_equal(result.cells[17], "12");
}

/* What makes no sense there keeps the default. */
static void
survives_a_strange_row(void **state)
{
	struct store_value *stored =
		arena_alloc(arena, options_count() * sizeof(*stored));
	struct store_result result = { .rows = 1 };

	(void)state;
	options_values(&options, arena, stored);
	result.columns = options_count();
	result.cells = cells_of(stored);
	result.cells[0] = NULL;
	result.cells[12] = "everybody";
	result.cells[13] = NULL;
	result.cells[14] = "moderator king";
	options_load(&options, &result, 0, 0);
	assert_string_equal(options.roomname, "");
	assert_int_equal(options.allowpm, ALLOWPM_ANYONE);
	assert_int_equal(options.whois, WHOIS_MODERATORS);
	assert_int_equal(options.presencebroadcast, OPTION_MODERATOR |
			 OPTION_PARTICIPANT | OPTION_VISITOR);
	assert_true(options.publicroom);
}

static void
copies_own_texts(void **state)
{
	struct options other;

	(void)state;
	set_all(&options);
	options_copy(&other, &options);
	assert_true(options_equal(&options, &other));
	assert_ptr_not_equal(options.roomname, other.roomname);
	options_fini(&options);
	assert_string_equal(other.roomname, "n");
	assert_string_equal(other.roomsecret, "s");
	options_fini(&other);
	options_init(&options);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(has_every_field),
		TEST(names_columns),
		TEST(offers_choices),
		TEST(offers_what_is_in_force),
		cmocka_unit_test(takes_or_refuses),
		TEST(refuses_long_texts),
		TEST(leaves_the_rest),
		TEST(is_set_by_name),
		TEST(sees_every_difference),
		TEST(tells_what_differs),
		TEST(comes_back_from_the_store),
		TEST(survives_a_strange_row),
		TEST(copies_own_texts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_options", tests, NULL, NULL);
}
