#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *text;
	const char *local, *domain, *resource;	/* domain NULL: refused */
	const char *bare, *full;
} cases[] = {
	{ "muc.example", "", "muc.example", "", "muc.example", "muc.example" },
	{ "muc.example/a@b/c", "", "muc.example", "a@b/c", "muc.example",
	  "muc.example/a@b/c" },
	{ "Room@MUC.example/Nick", "room", "muc.example", "Nick",
	  "room@muc.example", "room@muc.example/Nick" },
	{ "room@muc.example", "room", "muc.example", "", "room@muc.example",
	  "room@muc.example" },
	{ "a@b./c", "a", "b", "c", "a@b", "a@b/c" },
	{ "a@b//", "a", "b", "/", "a@b", "a@b//" },
	{ "a/b@c", "", "a", "b@c", "a", "a/b@c" },
	{ "a@[2001:DB8::1]/x", "a", "[2001:db8::1]", "x", "a@[2001:db8::1]",
	  "a@[2001:db8::1]/x" },
	{ "\xc3\x9c@xn--bcher-kva.example/\xc3\x9c", "\xc3\xbc",
	  "xn--bcher-kva.example", "\xc3\x9c",
	  "\xc3\xbc@xn--bcher-kva.example",
	  "\xc3\xbc@xn--bcher-kva.example/\xc3\x9c" },
	{ .text = "" },
	{ .text = "@" },
	{ .text = "/" },
	{ .text = "@/" },
	{ .text = "room@" },
	{ .text = "@muc.example" },
	{ .text = "muc.example/" },
	{ .text = "/nick" },
	{ .text = "room@/nick" },
	{ .text = "room@muc.example/" },
	{ .text = "a@b@c" },
	{ .text = "a@@b" },
	{ .text = "a@./b" },
	{ .text = "a b@c" },
	{ .text = "a@b c" },
	{ .text = " a@b" },
	{ .text = "a@b/c\n" },
	{ .text = "xmpp:a@b" },
	{ .text = "\xff@b" },
	{ .text = "a@\xff" },
	{ .text = "a@b/\xff" },
	/* Nothing is left of any of the parts. */
	{ .text = "\xc2\xad@b" },
	{ .text = "a@\xc2\xad" },
	{ .text = "a@b/\xc2\xad" },
};

static const struct jid *
jid(struct arena *arena, const char *text)
{
	const struct jid *jid = NULL;
	struct error err;

	assert_int_equal(jid_parsez(arena, text, &jid, &err), 0);
	return jid;
}

static void
parses_or_refuses(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct jid *jid = NULL;
		struct error err = { 0 };
		int ret = jid_parsez(arena, cases[i].text, &jid, &err);

		if (cases[i].domain == NULL) {
			if (ret == 0)
				print_message("accepted: %s\n", cases[i].text);
			assert_int_equal(ret, -1);
			assert_int_equal(err.cond, ERROR_JID_MALFORMED);
			assert_null(jid);
			continue;
		}
		assert_int_equal(ret, 0);
		assert_string_equal(jid->local, cases[i].local);
		assert_string_equal(jid->domain, cases[i].domain);
		assert_string_equal(jid->resource, cases[i].resource);
		assert_string_equal(jid->bare, cases[i].bare);
		assert_string_equal(jid->full, cases[i].full);
	}
}

static void
reads_no_further_than_told(void **state)
{
	const struct jid *jid;
	struct error err;

	assert_int_equal(jid_parse(*state, "a@b/cd", 5, &jid, &err), 0);
	assert_string_equal(jid->full, "a@b/c");
	assert_int_equal(jid_parse(*state, "a@b/c", 3, &jid, &err), 0);
	assert_string_equal(jid->full, "a@b");
	assert_int_equal(jid_parse(*state, "a@b/c", 4, &jid, &err), -1);
	assert_int_equal(jid_parse(*state, "a@b", 2, &jid, &err), -1);
	assert_int_equal(jid_parse(*state, "a@b", 0, &jid, &err), -1);
	assert_int_equal(jid_parse(*state, "a@b\0c", 5, &jid, &err), -1);
	assert_int_equal(jid_parse(*state, "a\0@b", 4, &jid, &err), -1);
	assert_int_equal(jid_parse(*state, "a@b/\0", 5, &jid, &err), -1);
}

/* Text with parts of these lengths; 0 leaves the part out. */
static int
parse_sized(struct arena *arena, size_t local, size_t domain, size_t resource)
{
	size_t len = domain;
	char *text = arena_alloc(arena, local + domain + resource + 3);
	const struct jid *jid;
	struct error err;

	memset(text, 'x', local + domain + resource + 2);
	if (local > 0) {
		text[local] = '@';
		len += local + 1;
	}
	if (resource > 0) {
		text[len] = '/';
		len += 1 + resource;
	}
	if (jid_parse(arena, text, len, &jid, &err) < 0) {
		assert_int_equal(err.cond, ERROR_JID_MALFORMED);
		return -1;
	}
	assert_int_equal(strlen(jid->full), len);
	return 0;
}

/* RFC 7622 section 3.1. */
static void
keeps_to_the_limits(void **state)
{
	assert_int_equal(parse_sized(*state, 1023, 1023, 1023), 0);
	assert_int_equal(parse_sized(*state, 1024, 1023, 1022), -1);
	assert_int_equal(parse_sized(*state, 1022, 1024, 1023), -1);
	assert_int_equal(parse_sized(*state, 1022, 1023, 1024), -1);
	assert_int_equal(parse_sized(*state, 1024, 1, 1), -1);
	assert_int_equal(parse_sized(*state, 1, 1024, 1), -1);
	assert_int_equal(parse_sized(*state, 1, 1, 1024), -1);
	assert_int_equal(parse_sized(*state, 0, 1023, 0), 0);
	assert_int_equal(parse_sized(*state, 0, 3071, 0), -1);
	assert_int_equal(parse_sized(*state, 0, 1000000, 0), -1);
}

static void
changes_the_resource(void **state)
{
	const struct jid *room = jid(*state, "room@muc.example/old");
	const struct jid *made = NULL;
	struct error err = { 0 };

	assert_int_equal(jid_with_resource(*state, room, "New", &made, &err),
			 0);
	assert_string_equal(made->full, "room@muc.example/New");
	assert_string_equal(made->bare, "room@muc.example");
	assert_string_equal(made->resource, "New");
	assert_int_equal(jid_with_resource(*state, room, "u\xcc\x88", &made,
					   &err), 0);
	assert_string_equal(made->full, "room@muc.example/\xc3\xbc");
	assert_int_equal(jid_with_resource(*state, room, "a/b@c", &made, &err),
			 0);
	assert_string_equal(made->resource, "a/b@c");
	assert_int_equal(jid_with_resource(*state, room, "", &made, &err), 0);
	assert_string_equal(made->full, "room@muc.example");
	assert_int_equal(jid_with_resource(*state, room, NULL, &made, &err),
			 0);
	assert_string_equal(made->full, "room@muc.example");
	assert_string_equal(made->resource, "");
	assert_int_equal(jid_with_resource(*state, room, "a\tb", &made, &err),
			 -1);
	assert_int_equal(err.cond, ERROR_JID_MALFORMED);
	assert_int_equal(jid_with_resource(*state, jid(*state, "muc.example"),
					   "x", &made, &err), 0);
	assert_string_equal(made->full, "muc.example/x");
	assert_string_equal(made->local, "");
}

static void
joins_what_is_prepared(void **state)
{
	assert_string_equal(jid_join(*state, "room@muc.example", "New"),
			    "room@muc.example/New");
	assert_string_equal(jid_join(*state, "muc.example", "a/b@c"),
			    "muc.example/a/b@c");
	assert_string_equal(jid_join(*state, "muc.example", ""),
			    "muc.example");
	assert_string_equal(jid_join(*state, "muc.example", NULL),
			    "muc.example");
}

static void
compares(void **state)
{
	const struct jid *a = jid(*state, "Room@MUC.example/Nick");
	const struct jid *b = jid(*state, "room@muc.example/Nick");
	const struct jid *c = jid(*state, "room@muc.example/nick");
	const struct jid *d = jid(*state, "moor@muc.example/Nick");
	const struct jid *e = jid(*state, "room@muc.example");

	assert_true(jid_equal(a, b));
	assert_false(jid_equal(b, c));
	assert_false(jid_equal(b, e));
	assert_false(jid_equal(b, d));
	assert_true(jid_equal_bare(b, c));
	assert_true(jid_equal_bare(b, e));
	assert_false(jid_equal_bare(b, d));
}

static void
a_bare_address_outlives_the_full_one(void **state)
{
	struct arena *first = arena_new();
	const struct jid *full = jid(first, "room@muc.example/Nick");
	const struct jid *domain = jid(first, "muc.example");
	const struct jid *bare = jid_bare(*state, full);
	const struct jid *bare_of_bare = jid_bare(*state, domain);

	arena_free(&first);
	assert_string_equal(bare->full, "room@muc.example");
	assert_string_equal(bare->bare, "room@muc.example");
	assert_string_equal(bare->local, "room");
	assert_string_equal(bare->domain, "muc.example");
	assert_string_equal(bare->resource, "");
	assert_string_equal(bare_of_bare->full, "muc.example");
	assert_string_equal(bare_of_bare->local, "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(parses_or_refuses),
		BED_ARENA_TEST(reads_no_further_than_told),
		BED_ARENA_TEST(keeps_to_the_limits),
		BED_ARENA_TEST(changes_the_resource),
		BED_ARENA_TEST(joins_what_is_prepared),
		BED_ARENA_TEST(compares),
		BED_ARENA_TEST(a_bare_address_outlives_the_full_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("jid", tests, NULL, NULL);
}
