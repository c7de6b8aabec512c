#include "components/archive/rules/ruling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/str.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *text;
	struct ruling ruling;
} cases[] = {
	{ "{\"verdict\":\"allow\"}", { .kind = RULING_ALLOW } },
	{ " { \"verdict\" : \"allow\" }\n", { .kind = RULING_ALLOW } },
	{ "{\"verdict\":\"block\"}", { .kind = RULING_BLOCK } },
	{ "{\"verdict\":\"block\",\"condition\":\"not-allowed\","
	  "\"notice\":\"No: \\u00e9\",\"silent\":false}",
	  { .kind = RULING_BLOCK, .condition = ERROR_NOT_ALLOWED,
	    .notice = "No: \xc3\xa9" } },
	{ "{\"silent\":true,\"verdict\":\"block\"}",
	  { .kind = RULING_BLOCK, .silent = true } },
	{ "{\"verdict\":\"block\",\"condition\":\"undefined-condition\"}",
	  { .kind = RULING_BLOCK, .condition = ERROR_UNDEFINED_CONDITION } },
	{ "{\"verdict\":\"hold\"}", { .kind = RULING_HOLD } },
	{ "{\"verdict\":\"modify\",\"body\":\"\"}",
	  { .kind = RULING_MODIFY, .body = "" } },
	{ "{\"verdict\":\"modify\",\"append\":\"a\\nb\"}",
	  { .kind = RULING_MODIFY, .append = "a\nb" } },
};

static void
assert_same(const char *a, const char *b)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a != NULL)
		assert_string_equal(a, b);
}

static void
understands_verdicts(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct ruling *wanted = &cases[i].ruling;
		struct ruling ruling;
		struct error err = { 0 };

		assert_int_equal(ruling_parse(*state, cases[i].text,
					      strlen(cases[i].text), &ruling,
					      &err), 0);
		assert_int_equal(ruling.kind, wanted->kind);
		assert_int_equal(ruling.condition, wanted->condition);
		assert_int_equal(ruling.silent, wanted->silent);
		assert_same(ruling.notice, wanted->notice);
		assert_same(ruling.body, wanted->body);
		assert_same(ruling.append, wanted->append);
	}
}

static const char *const nonsense[] = {
	"",
	"allow",
	"[]",
	"\"allow\"",
	"{}",
	"{\"verdict\":\"allow\"",
	"{\"verdict\":\"allow\"} x",
	"{\"verdict\":\"Allow\"}",
	"{\"verdict\":\"perhaps\"}",
	"{\"verdict\":1}",
	"{\"verdict\":null}",
	"{\"verdict\":\"allow\",\"verdict\":\"block\"}",
	"{\"verdict\":\"allow\",\"notice\":\"x\"}",
	"{\"verdict\":\"block\",\"notise\":\"x\"}",
	"{\"verdict\":\"block\",\"notice\":1}",
	"{\"verdict\":\"block\",\"notice\":\"a\\u0000b\"}",
	"{\"verdict\":\"block\",\"notice\":\"\xff\"}",
	"{\"verdict\":\"block\",\"condition\":\"perhaps\"}",
	"{\"verdict\":\"block\",\"condition\":\"\"}",
	"{\"verdict\":\"block\",\"silent\":\"true\"}",
	"{\"verdict\":\"block\",\"body\":\"x\"}",
	"{\"verdict\":\"hold\",\"notice\":\"x\"}",
	"{\"verdict\":\"modify\"}",
	"{\"verdict\":\"modify\",\"body\":\"x\",\"append\":\"y\"}",
	"{\"verdict\":\"modify\",\"body\":[\"x\"]}",
	"{\"verdict\":\"modify\",\"body\":\"x\",\"notice\":\"y\"}",
};

static void
refuses_nonsense(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(nonsense); i++) {
		struct ruling ruling;
		struct error err = { 0 };

		if (ruling_parse(*state, nonsense[i], strlen(nonsense[i]),
				 &ruling, &err) == 0)
			fail_msg("%s", nonsense[i]);
		assert_int_equal(err.cond, ERROR_BAD_REQUEST);
		assert_string_not_equal(err.text, "");
	}
}

static int
parse_long(struct arena *arena, const char *head, size_t len)
{
	struct str text = { 0 };
	struct ruling ruling;
	struct error err;
	int ret;

	str_addz(&text, head);
	while (len-- > 0)
		str_addc(&text, 'x');
	str_addz(&text, "\"}");
	ret = ruling_parse(arena, text.data, text.len, &ruling, &err);
	str_fini(&text);
	return ret;
}

#define NOTICE "{\"verdict\":\"block\",\"notice\":\""
#define BODY "{\"verdict\":\"modify\",\"body\":\""

static void
refuses_what_is_too_long(void **state)
{
	assert_int_equal(parse_long(*state, NOTICE, RULING_NOTICE_MAX), 0);
	assert_int_equal(parse_long(*state, NOTICE, RULING_NOTICE_MAX + 1),
			 -1);
	assert_int_equal(parse_long(*state, BODY, RULING_BODY_MAX), 0);
	assert_int_equal(parse_long(*state, BODY, RULING_BODY_MAX + 1), -1);
	assert_int_equal(parse_long(*state, BODY, RULING_BYTES_MAX), -1);
}

static void
adds_to_what_goes_on(void **state)
{
	const struct ruling allow = { .kind = RULING_ALLOW };
	const struct ruling body = { .kind = RULING_MODIFY, .body = "b" };
	const struct ruling hold = { .kind = RULING_HOLD };

	(void)state;
	assert_int_equal(ruling_with(&allow, NULL).kind, RULING_ALLOW);
	assert_int_equal(ruling_with(&allow, "x").kind, RULING_MODIFY);
	assert_string_equal(ruling_with(&allow, "x").append, "x");
	assert_string_equal(ruling_with(&body, "x").body, "b");
	assert_string_equal(ruling_with(&body, "x").besides, "x");
	assert_null(ruling_with(&body, "x").append);
	assert_int_equal(ruling_with(&hold, "x").kind, RULING_HOLD);
	assert_null(ruling_with(&hold, "x").besides);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(understands_verdicts),
		BED_ARENA_TEST(refuses_nonsense),
		BED_ARENA_TEST(refuses_what_is_too_long),
		cmocka_unit_test(adds_to_what_goes_on),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_ruling", tests, NULL,
					   NULL);
}
