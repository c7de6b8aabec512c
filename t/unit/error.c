#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/error.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	enum error_cond cond;
	const char *name;
	const char *type;
} conds[] = {
	{ ERROR_BAD_REQUEST, "bad-request", "modify" },
	{ ERROR_CONFLICT, "conflict", "cancel" },
	{ ERROR_FEATURE_NOT_IMPLEMENTED, "feature-not-implemented",
	  "cancel" },
	{ ERROR_FORBIDDEN, "forbidden", "auth" },
	{ ERROR_GONE, "gone", "cancel" },
	{ ERROR_INTERNAL_SERVER_ERROR, "internal-server-error", "cancel" },
	{ ERROR_ITEM_NOT_FOUND, "item-not-found", "cancel" },
	{ ERROR_JID_MALFORMED, "jid-malformed", "modify" },
	{ ERROR_NOT_ACCEPTABLE, "not-acceptable", "modify" },
	{ ERROR_NOT_ALLOWED, "not-allowed", "cancel" },
	{ ERROR_NOT_AUTHORIZED, "not-authorized", "auth" },
	{ ERROR_POLICY_VIOLATION, "policy-violation", "modify" },
	{ ERROR_RECIPIENT_UNAVAILABLE, "recipient-unavailable", "wait" },
	{ ERROR_REDIRECT, "redirect", "modify" },
	{ ERROR_REGISTRATION_REQUIRED, "registration-required", "auth" },
	{ ERROR_REMOTE_SERVER_NOT_FOUND, "remote-server-not-found",
	  "cancel" },
	{ ERROR_REMOTE_SERVER_TIMEOUT, "remote-server-timeout", "wait" },
	{ ERROR_RESOURCE_CONSTRAINT, "resource-constraint", "wait" },
	{ ERROR_SERVICE_UNAVAILABLE, "service-unavailable", "cancel" },
	{ ERROR_SUBSCRIPTION_REQUIRED, "subscription-required", "auth" },
	{ ERROR_UNDEFINED_CONDITION, "undefined-condition", "cancel" },
	{ ERROR_UNEXPECTED_REQUEST, "unexpected-request", "wait" },
};

static void
names_conditions_and_types(void **state)
{
	(void)state;
	assert_int_equal(ARRAY_LEN(conds), ERROR_UNEXPECTED_REQUEST);
	for (size_t i = 0; i < ARRAY_LEN(conds); i++) {
		struct error err;

		assert_int_equal(error_set(&err, conds[i].cond, "x"), -1);
		assert_string_equal(error_cond_name(err.cond),
				    conds[i].name);
		assert_string_equal(error_type_name(&err), conds[i].type);
		assert_int_equal(error_cond_find(conds[i].name),
				 conds[i].cond);
	}
}

static void
finds_no_other_condition(void **state)
{
	(void)state;
	assert_int_equal(error_cond_find(""), ERROR_UNDEFINED_CONDITION);
	assert_int_equal(error_cond_find("Forbidden"),
			 ERROR_UNDEFINED_CONDITION);
	assert_int_equal(error_cond_find("forbidden "),
			 ERROR_UNDEFINED_CONDITION);
}

static void
gives_a_reason_without_text(void **state)
{
	struct error err;

	(void)state;
	error_set(&err, ERROR_SERVICE_UNAVAILABLE, "%s", "");
	assert_string_equal(error_reason(&err), "service-unavailable");
	error_set(&err, ERROR_SERVICE_UNAVAILABLE, "%s", "not now");
	assert_string_equal(error_reason(&err), "not now");
}

/* What is quoted in part ends anywhere. */
static void
says_it_in_whole_characters(void **state)
{
	struct error err;

	(void)state;
	error_set(&err, ERROR_CONFLICT, "the name \"%.3s\"", "ab\xc3\xbc");
	assert_string_equal(err.text, "the name \"ab\"");
	error_set(&err, ERROR_CONFLICT, "%s: %s", err.text, "\xc3\xbc");
	assert_string_equal(err.text, "the name \"ab\": \xc3\xbc");
}

/* Of the longest nothing is cut. */
static void
prints_the_condition_and_what_it_says(void **state)
{
	char text[ERROR_PRINT_SIZE];
	struct error err;

	(void)state;
	error_set(&err, ERROR_CONFLICT, "the nick is %d %% taken", 100);
	assert_ptr_equal(error_print(&err, text), text);
	assert_string_equal(text, "conflict: the nick is 100 % taken");
	error_set(&err, ERROR_CONFLICT, "%s", "");
	assert_string_equal(error_print(&err, text), "conflict");
	error_set(&err, ERROR_FEATURE_NOT_IMPLEMENTED, "%300s", "");
	assert_int_equal(strlen(error_print(&err, text)),
			 strlen("feature-not-implemented: ") +
			 sizeof(err.text) - 1);
}

static void
takes_another_type(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(error_set_type(&err, ERROR_NOT_ALLOWED,
					ERROR_TYPE_WAIT, "%d people", 3), -1);
	assert_int_equal(err.cond, ERROR_NOT_ALLOWED);
	assert_string_equal(error_type_name(&err), "wait");
	assert_string_equal(err.text, "3 people");
	error_set_type(&err, ERROR_CONFLICT, ERROR_TYPE_CONTINUE, "x");
	assert_string_equal(error_type_name(&err), "continue");
	assert_int_equal(error_add_detail(&err, "urn:x", "odd"), -1);
	assert_string_equal(err.detail_ns, "urn:x");
	assert_string_equal(err.detail, "odd");
	error_set(&err, ERROR_NOT_ALLOWED, "again");
	assert_string_equal(error_type_name(&err), "cancel");
	assert_null(err.detail);
}

static void
wraps_its_own_text(void **state)
{
	struct error err;

	(void)state;
	error_set(&err, ERROR_CONFLICT, "the nick is taken");
	error_set(&err, ERROR_CONFLICT, "room: %s", err.text);
	assert_string_equal(err.text, "room: the nick is taken");
}

/* 239 bytes fit; the character that does not goes as a whole. */
static void
cuts_between_characters(void **state)
{
	static const struct {
		int pad;
		const char *text;
		size_t len;
	} cuts[] = {
		{ 238, "a", 239 },
		{ 239, "a", 239 },
		{ 237, "\xc3\xa9", 239 },
		{ 238, "\xc3\xa9", 238 },
		{ 236, "\xe2\x82\xac", 239 },
		{ 237, "\xe2\x82\xac", 237 },
		{ 238, "\xe2\x82\xac", 238 },
		{ 235, "\xf0\x9f\x98\x80", 239 },
		{ 236, "\xf0\x9f\x98\x80", 236 },
		{ 238, "\xf0\x9f\x98\x80", 238 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		struct error err;

		error_set(&err, ERROR_CONFLICT, "%*s%s%s", cuts[i].pad, "",
			  cuts[i].text, cuts[i].text);
		assert_int_equal(strlen(err.text), cuts[i].len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_conditions_and_types),
		cmocka_unit_test(finds_no_other_condition),
		cmocka_unit_test(gives_a_reason_without_text),
		cmocka_unit_test(says_it_in_whole_characters),
		cmocka_unit_test(prints_the_condition_and_what_it_says),
		cmocka_unit_test(takes_another_type),
		cmocka_unit_test(wraps_its_own_text),
		cmocka_unit_test(cuts_between_characters),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
