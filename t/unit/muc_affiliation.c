#include "components/muc/affiliation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static struct affiliate *table;
static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	affiliation_set(&table, "ann@a.example", AFFILIATION_OWNER, NULL);
	affiliation_set(&table, "bob@b.example", AFFILIATION_ADMIN, NULL);
	affiliation_set(&table, "cid@c.example", AFFILIATION_MEMBER, "nice");
	affiliation_set(&table, "dan@d.example", AFFILIATION_OUTCAST, "rude");
	affiliation_set(&table, "spam.example", AFFILIATION_OUTCAST, NULL);
	affiliation_set(&table, "good@spam.example", AFFILIATION_MEMBER,
			NULL);
	/* Of a whole domain only a ban makes sense. */
	affiliation_set(&table, "e.example", AFFILIATION_OWNER, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	affiliation_clear(&table);
	assert_null(table);
	arena_free(&arena);
	return 0;
}

static enum affiliation
of(const char *text)
{
	const struct jid *jid;
	struct error err;

	assert_int_equal(jid_parsez(arena, text, &jid, &err), 0);
	return affiliation_of(table, jid);
}

static const struct {
	const char *jid;
	enum affiliation affiliation;
} known[] = {
	{ "ann@a.example", AFFILIATION_OWNER },
	{ "ann@a.example/phone", AFFILIATION_OWNER },
	{ "ANN@A.example/phone", AFFILIATION_OWNER },
	{ "bob@b.example/x", AFFILIATION_ADMIN },
	{ "cid@c.example/x", AFFILIATION_MEMBER },
	{ "dan@d.example/x", AFFILIATION_OUTCAST },
	{ "dan@a.example/x", AFFILIATION_NONE },
	{ "ann@b.example/x", AFFILIATION_NONE },
	{ "a.example", AFFILIATION_NONE },
	/* Section 9.2: the ban of a domain, with an exception. */
	{ "anyone@spam.example/x", AFFILIATION_OUTCAST },
	{ "spam.example", AFFILIATION_OUTCAST },
	{ "spam.example/x", AFFILIATION_OUTCAST },
	{ "good@spam.example/x", AFFILIATION_MEMBER },
	{ "anyone@sub.spam.example/x", AFFILIATION_NONE },
	{ "anyone@e.example", AFFILIATION_NONE },
};

static void
knows_who_is_what(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (of(known[i].jid) != known[i].affiliation)
			fail_msg("%s", known[i].jid);
}

static void
counts(void **state)
{
	(void)state;
	assert_int_equal(affiliation_count(table, AFFILIATION_OWNER), 2);
	assert_int_equal(affiliation_count(table, AFFILIATION_ADMIN), 1);
	assert_int_equal(affiliation_count(table, AFFILIATION_MEMBER), 2);
	assert_int_equal(affiliation_count(table, AFFILIATION_OUTCAST), 2);
	assert_int_equal(affiliation_count(table, AFFILIATION_NONE), 0);
	assert_int_equal(affiliation_count(NULL, AFFILIATION_OWNER), 0);
}

static void
keeps_the_reason(void **state)
{
	struct affiliate *who = affiliate_find(table, "dan@d.example");

	(void)state;
	assert_string_equal(who->jid, "dan@d.example");
	assert_string_equal(who->reason, "rude");
	affiliation_set(&table, "dan@d.example", AFFILIATION_MEMBER, NULL);
	assert_ptr_equal(affiliate_find(table, "dan@d.example"), who);
	assert_int_equal(who->affiliation, AFFILIATION_MEMBER);
	assert_null(who->reason);
}

/* Section 5.2: there is no list of those without affiliation. */
static void
drops_those_without(void **state)
{
	unsigned before = HASH_COUNT(table);

	(void)state;
	affiliation_set(&table, "cid@c.example", AFFILIATION_NONE, "went");
	assert_null(affiliate_find(table, "cid@c.example"));
	assert_int_equal(HASH_COUNT(table), before - 1);
	affiliation_set(&table, "new@c.example", AFFILIATION_NONE, NULL);
	assert_int_equal(HASH_COUNT(table), before - 1);
	assert_int_equal(of("cid@c.example"), AFFILIATION_NONE);
}

static void
reserves_nicks(void **state)
{
	(void)state;
	affiliation_reserve(table, "cid@c.example", "Cid");
	affiliation_reserve(table, "bob@b.example", "Bob");
	assert_string_equal(affiliate_find_nick(table, "Cid")->jid,
			    "cid@c.example");
	assert_string_equal(affiliate_find_nick(table, "Bob")->jid,
			    "bob@b.example");
	assert_null(affiliate_find_nick(table, "cid"));
	assert_null(affiliate_find_nick(table, ""));
	assert_null(affiliate_find_nick(NULL, "Cid"));

	affiliation_reserve(table, "cid@c.example", "Sid");
	assert_null(affiliate_find_nick(table, "Cid"));
	affiliation_reserve(table, "cid@c.example", NULL);
	assert_null(affiliate_find_nick(table, "Sid"));
}

/* Only those who go, or are banned, lose the nick (9.2). */
static void
keeps_nicks_through_changes(void **state)
{
	(void)state;
	affiliation_reserve(table, "cid@c.example", "Cid");
	affiliation_set(&table, "cid@c.example", AFFILIATION_ADMIN, NULL);
	assert_non_null(affiliate_find_nick(table, "Cid"));
	affiliation_set(&table, "cid@c.example", AFFILIATION_OUTCAST, NULL);
	assert_null(affiliate_find_nick(table, "Cid"));

	affiliation_reserve(table, "bob@b.example", "Bob");
	affiliation_set(&table, "bob@b.example", AFFILIATION_NONE, NULL);
	assert_null(affiliate_find_nick(table, "Bob"));
	affiliation_set(&table, "bob@b.example", AFFILIATION_MEMBER, NULL);
	assert_null(affiliate_find_nick(table, "Bob"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(knows_who_is_what, setup,
						teardown),
		cmocka_unit_test_setup_teardown(counts, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_the_reason, setup,
						teardown),
		cmocka_unit_test_setup_teardown(drops_those_without, setup,
						teardown),
		cmocka_unit_test_setup_teardown(reserves_nicks, setup,
						teardown),
		cmocka_unit_test_setup_teardown(keeps_nicks_through_changes,
						setup, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_affiliation", tests, NULL,
					   NULL);
}
