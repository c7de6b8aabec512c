#include "shared/jid_routed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* No library that we use knows what they do: the zero width space, which is
   mapped to nothing, and a Khmer letter that is neither left nor right. */
#define NOTHING "\xe2\x80\x8b"
#define BETWEEN "\xd7\x90\xe1\x9e\xb4\xd7\x90"

static const struct {
	const char *text;
	const char *local, *domain, *resource;	/* domain NULL: refused */
} cases[] = {
	/* As jid_parse() has it. */
	{ "Juliet@HOST./B", "juliet", "host", "B" },
	{ "\xc3\x9c@b\xc3\xbc" "cher.example", "\xc3\xbc",
	  "b\xc3\xbc" "cher.example", "" },
	/* Nothing is left of them. */
	{ "juliet@host/" NOTHING, "juliet", "host", "" },
	{ "juliet@host/", "juliet", "host", "" },
	{ NOTHING "@host", "", "host", "" },
	{ "@host", "", "host", "" },
	{ .text = "juliet@" NOTHING "/b" },
	/* Refused, and taken as they are. */
	{ "Juliet@host/" BETWEEN, "juliet", "host", BETWEEN },
	{ "A" BETWEEN "@host", "a" BETWEEN, "host", "" },
	{ "bob@xn--I-7iq.WS.", "bob", "xn--i-7iq.ws", "" },
	{ "bob@i\xe2\x9d\xa4.ws/x", "bob", "i\xe2\x9d\xa4.ws", "x" },
	{ "bob@a b", "bob", "a b", "" },
	/* Lines and second addresses are made by nobody. */
	{ "bob@a\nb", "bob", "a?b", "" },
	{ "bob@a@B", "bob", "a?b", "" },
	{ "bob@a/\x7f@\t", "bob", "a", "?@?" },
	/* What is left after that is prepared after all. */
	{ "A\x01\xc3\x9c@b", "a?\xc3\xbc", "b", "" },
	{ .text = "" },
	{ .text = "juliet@" },
	{ .text = "/b" },
};

static void
takes_what_routers_take(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct jid *jid = NULL;
		struct error err = { 0 };
		int ret = jid_routed(*state, cases[i].text, &jid, &err);

		if (cases[i].domain == NULL) {
			assert_int_equal(ret, -1);
			assert_int_equal(err.cond, ERROR_JID_MALFORMED);
			continue;
		}
		assert_int_equal(ret, 0);
		assert_string_equal(jid->local, cases[i].local);
		assert_string_equal(jid->domain, cases[i].domain);
		assert_string_equal(jid->resource, cases[i].resource);
	}
}

static const char *
repeat(struct arena *arena, const char *before, const char *what, size_t times,
       const char *after)
{
	char *text = arena_alloc(arena, strlen(before) + times * strlen(what) +
				 strlen(after) + 1);
	char *at = stpcpy(text, before);

	for (size_t i = 0; i < times; i++)
		at = stpcpy(at, what);
	stpcpy(at, after);
	return text;
}

/* However much of it is mapped to nothing; of more there are whole
   characters. */
static void
takes_them_at_any_length(void **state)
{
	const struct jid *jid;
	struct error err;

	assert_int_equal(jid_routed(*state, repeat(*state, "ju", NOTHING,
						   50000, "liet@host/b"),
				    &jid, &err), 0);
	assert_string_equal(jid->full, "juliet@host/b");
	assert_int_equal(jid_routed(*state, repeat(*state, "juliet@host/",
						   NOTHING, 50000, ""),
				    &jid, &err), 0);
	assert_string_equal(jid->full, "juliet@host");
	assert_int_equal(jid_routed(*state, repeat(*state, "juliet@host/",
						   "\xc3\xbc", 50000, ""),
				    &jid, &err), 0);
	assert_string_equal(jid->bare, "juliet@host");
	assert_int_equal(strlen(jid->resource), JID_PART_MAX - 1);
	assert_int_equal(jid_routed(*state, repeat(*state, "juliet@", ".x",
						   5000, "."),
				    &jid, &err), 0);
	assert_int_equal(strlen(jid->domain), JID_PART_MAX - 1);
}

static const struct {
	const char *text, *full;	/* full NULL: refused */
} sought[] = {
	{ "Juliet@HOST/B", "juliet@host/B" },
	{ "bob@xn--i-7iq.ws", "bob@xn--i-7iq.ws" },
	{ "juliet@host/" BETWEEN, "juliet@host/" BETWEEN },
	{ "juliet@host/" NOTHING, "juliet@host" },
	{ "juliet capulet@host", NULL },
	{ "juliet@host/", NULL },
	{ "@host", NULL },
	{ "juliet@ho st", NULL },
	{ "\xc3\xbc@", NULL },
};

static void
is_looked_for(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(sought); i++) {
		const struct jid *jid = NULL;
		struct error err = { 0 };
		int ret = jid_sought(*state, sought[i].text, &jid, &err);

		assert_int_equal(ret, sought[i].full == NULL ? -1 : 0);
		if (ret == 0)
			assert_string_equal(jid->full, sought[i].full);
		else
			assert_int_equal(err.cond, ERROR_JID_MALFORMED);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(takes_what_routers_take),
		BED_ARENA_TEST(takes_them_at_any_length),
		BED_ARENA_TEST(is_looked_for),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("jid_routed", tests, NULL, NULL);
}
