#include "components/muc/bounce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define R "r@muc.example"
#define S "s@muc.example"
#define ANN "ann@a.example/1"
#define BOB "bob@b.example/1"
#define CID "cid@c.example"
#define DAN "dan@d.example"

static struct bounces bounces;

static int
teardown(void **state)
{
	(void)state;
	bounces_fini(&bounces);
	bounces = (struct bounces){ 0 };
	return 0;
}

/* NULL wants nothing to be found. */
static void
assert_taken(const char *room, const char *invitee, const char *inviter,
	     const char *id)
{
	struct bounce bounce = bounce_take(&bounces, room, invitee);

	if (inviter == NULL) {
		assert_null(bounce.room);
		assert_null(bounce.inviter);
		return;
	}
	assert_string_equal(bounce.room, room);
	assert_string_equal(bounce.invitee, invitee);
	assert_string_equal(bounce.inviter, inviter);
	if (id == NULL)
		assert_null(bounce.id);
	else
		assert_string_equal(bounce.id, id);
	bounce_fini(&bounce);
	assert_null(bounce.room);
}

/* In this order, after Ann has invited Cid to both rooms, and Bob has invited
   Dan, without an id, to one. */
static const struct {
	const char *room, *invitee;
	const char *inviter, *id;
} takes[] = {
	{ R, "nobody@n.example", NULL, NULL },
	{ "t@muc.example", CID, NULL, NULL },
	{ S, DAN, NULL, NULL },
	{ S, CID, ANN, "2" },
	{ R, DAN, BOB, NULL },
	{ R, CID, ANN, "1" },
	/* Each is taken once. */
	{ R, CID, NULL, NULL },
	{ S, CID, NULL, NULL },
	{ R, DAN, NULL, NULL },
};

static void
finds_who_invited(void **state)
{
	(void)state;
	bounce_note(&bounces, R, ANN, CID, "1");
	bounce_note(&bounces, S, ANN, CID, "2");
	bounce_note(&bounces, R, BOB, DAN, NULL);
	for (size_t i = 0; i < ARRAY_LEN(takes); i++)
		assert_taken(takes[i].room, takes[i].invitee,
			     takes[i].inviter, takes[i].id);
}

/* Two invite the same person: each gets one answer. */
static void
serves_two_inviters(void **state)
{
	(void)state;
	bounce_note(&bounces, R, ANN, CID, "1");
	bounce_note(&bounces, R, BOB, CID, "2");
	assert_taken(R, CID, ANN, "1");
	assert_taken(R, CID, BOB, "2");
	assert_taken(R, CID, NULL, NULL);
}

/* The oldest is overwritten. */
static void
forgets_the_oldest(void **state)
{
	char id[16];

	(void)state;
	bounce_note(&bounces, R, ANN, CID, "first");
	bounce_note(&bounces, R, ANN, DAN, "second");
	for (int i = 0; i < BOUNCE_SIZE - 1; i++) {
		snprintf(id, sizeof(id), "%d", i);
		bounce_note(&bounces, S, BOB, id, id);
	}
	assert_taken(R, CID, NULL, NULL);
	assert_taken(R, DAN, ANN, "second");
	assert_taken(S, "0", BOB, "0");
	assert_taken(S, "62", BOB, "62");
	assert_taken(S, "63", NULL, NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
		TEST(finds_who_invited),
		TEST(serves_two_inviters),
		TEST(forgets_the_oldest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_bounce", tests, NULL, NULL);
}
