#include "components/muc/option.h"

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
#include "shared/store-private.h"
#include "shared/str.h"
#include "shared/xml.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

struct shop {
	bool open;
	char *name;
	unsigned mood;
	unsigned days;
	unsigned guests;
	unsigned wine;
};

static const char *const moods[] = { "good", "bad", NULL };
static const char *const days[] = { "sat", "sun", "mon", NULL };
static const char *const guests[] = { "10", "none", NULL };

enum { OPEN, NAME, MOOD, DAYS, GUESTS, WINE, COUNT };

static const struct option options[COUNT] = {
	[OPEN] = { "a#b_open", OPTION_BOOL, offsetof(struct shop, open),
		   "Open", NULL },
	[NAME] = { "{urn:a}shop_name", OPTION_TEXT,
		   offsetof(struct shop, name), "Name", NULL },
	[MOOD] = { "a#b_mood", OPTION_CHOICE, offsetof(struct shop, mood),
		   "Mood", moods },
	[DAYS] = { "a#b_days", OPTION_SET, offsetof(struct shop, days),
		   "Days", days },
	[GUESTS] = { "a#b_guests", OPTION_USERS,
		     offsetof(struct shop, guests), "Guests", guests },
	[WINE] = { "a#wine", OPTION_NUMBER, offsetof(struct shop, wine),
		   "Wine", NULL },
};

static struct arena *arena;
static struct shop shop;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	shop = (struct shop){ 0 };
	for (size_t i = 0; i < COUNT; i++)
		option_init(&options[i], &shop);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		option_fini(&options[i], &shop);
	arena_free(&arena);
	return 0;
}

static void
is_named(void **state)
{
	static const char *const names[COUNT] = {
		"open", "name", "mood", "days", "guests", "wine"
	};

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		assert_string_equal(option_name(&options[i]), names[i]);
}

/* How a value that was set comes out: in a form, and in the database. */
static const struct {
	size_t option;
	const char *text;
	const char *field;	/* NULL: is refused */
	const char *cell;
} cases[] = {
	{ OPEN, "1", "<value>1</value>", "1" },
	{ OPEN, "false", "<value>0</value>", "0" },
	{ OPEN, "yes", "<value>1</value>", "1" },
	{ OPEN, "no", "<value>0</value>", "0" },
	{ OPEN, "maybe", NULL, NULL },
	{ NAME, "a < b", "<value>a &lt; b</value>", "a < b" },
	{ NAME, "", "<value/>", "" },
	{ MOOD, "bad", "<value>bad</value><option><value>good</value>"
	  "</option><option><value>bad</value></option>", "bad" },
	{ MOOD, "Bad", NULL, NULL },
	{ MOOD, "", NULL, NULL },
#define ALL_DAYS \
	"<option><value>sat</value></option><option><value>sun</value>" \
	"</option><option><value>mon</value></option>"
	{ DAYS, "mon  sat", "<value>sat</value><value>mon</value>" ALL_DAYS,
	  "sat mon" },
	{ DAYS, "", ALL_DAYS, "" },
	{ DAYS, "none", ALL_DAYS, "" },
	{ DAYS, "sat tue", NULL, NULL },
#define MOST \
	"<option><value>10</value></option><option><value>none</value>" \
	"</option>"
	{ GUESTS, "10", "<value>10</value>" MOST, "10" },
	{ GUESTS, "none", "<value>none</value>" MOST, "0" },
	{ GUESTS, "0", "<value>none</value>" MOST, "0" },
	{ GUESTS, "7", "<value>7</value><option><value>7</value></option>"
	  MOST, "7" },
	{ GUESTS, "-1", NULL, NULL },
	{ WINE, "1000", "<value>1000</value>", "1000" },
	{ WINE, "1001", NULL, NULL },
	{ WINE, "none", NULL, NULL },
};

static const char *
field_of(const struct option *option)
{
	struct xml *form = form_new(arena, "form", NULL);
	struct str text = { 0 };
	const char *field;

	option_print(option, &shop, arena, form);
	for (const struct xml *el = form->first->first; el; el = el->next)
		xml_print(&text, el, NS_DATA);
	field = arena_strdup(arena, text.data ? text.data : "");
	str_fini(&text);
	return field;
}

static const char *
cell_of(const struct option *option)
{
	struct store_value value = option_value(option, &shop, arena);

	return value.type == STORE_INT ?
	       arena_printf(arena, "%lld", (long long)value.number) :
	       value.text;
}

static void
is_set_and_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct option *option = &options[cases[i].option];
		struct error err = { 0 };
		int ret = option_set(option, &shop, cases[i].text, &err);

		if (cases[i].field == NULL) {
			if (ret == 0)
				fail_msg("case %zu was taken", i);
			assert_int_equal(err.cond, ERROR_NOT_ACCEPTABLE);
			assert_int_equal(err.type, ERROR_TYPE_MODIFY);
			continue;
		}
		if (ret != 0)
			fail_msg("case %zu: %s", i, err.text);
		assert_string_equal(field_of(option), cases[i].field);
		assert_string_equal(cell_of(option), cases[i].cell);
	}
}

static void
comes_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct option *option = &options[cases[i].option];
		const char *cell = cases[i].cell;
		struct store_result result = {
			.rows = 1, .columns = 1, .cells = &cell,
		};

		if (cell == NULL)
			continue;
		option_load(option, &shop, &result, 0, 0);
		assert_string_equal(cell_of(option), cell);
	}
}

/* Somebody has edited the table: the value stays. */
static const struct {
	size_t option;
	const char *was, *cell;
	const char *is;
} edited[] = {
	{ OPEN, "1", NULL, "1" },
	{ OPEN, "1", "2", "1" },
	{ NAME, "n", NULL, "n" },
	{ MOOD, "bad", "worse", "bad" },
	{ DAYS, "sat mon", "sun tue", "sat mon" },
	{ GUESTS, "10", "-1", "10" },
	{ WINE, "5", "1001", "5" },
	{ WINE, "5", "much", "5" },
};

static void
outlasts_nonsense(void **state)
{
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edited); i++) {
		const struct option *option = &options[edited[i].option];
		const char *cell = edited[i].cell;
		struct store_result result = {
			.rows = 1, .columns = 1, .cells = &cell,
		};

		assert_int_equal(option_set(option, &shop, edited[i].was,
					    &err), 0);
		option_load(option, &shop, &result, 0, 0);
		assert_string_equal(cell_of(option), edited[i].is);
	}
}

/* Another value for each. */
static const char *const others[COUNT] = {
	"1", "n", "bad", "sun", "10", "1"
};

static void
is_one_s_own(void **state)
{
	struct error err;

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		struct shop other = shop;

		for (size_t j = 0; j < COUNT; j++)
			option_own(&options[j], &other);
		assert_true(option_equal(&options[i], &shop, &other));
		assert_int_equal(option_set(&options[i], &other, others[i],
					    &err), 0);
		for (size_t j = 0; j < COUNT; j++)
			if (option_equal(&options[j], &shop, &other) !=
			    (j != i))
				fail_msg("%zu of %zu", j, i);
		for (size_t j = 0; j < COUNT; j++)
			option_fini(&options[j], &other);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(is_named),
		TEST(is_set_and_written),
		TEST(comes_back),
		TEST(outlasts_nonsense),
		TEST(is_one_s_own),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_option", tests, NULL, NULL);
}
