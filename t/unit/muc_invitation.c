#include "components/muc/invitation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/jid.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define R "r@muc.example"
#define S "s@muc.example"
#define CID "cid@c.example"
#define DAN "dan@d.example"

static const struct jid ann = {
	.bare = "ann@a.example", .full = "ann@a.example/1",
};
static const struct jid bob = {
	.bare = "bob@b.example", .full = "bob@b.example/1",
};

static struct invitations invitations;

static int
teardown(void **state)
{
	(void)state;
	invitations_fini(&invitations);
	assert_null(invitations.parties);
	assert_int_equal(invitations.count, 0);
	return 0;
}

static void
note(const char *room, const struct jid *inviter, const char *invitee,
     const char *id)
{
	invitation_note(&invitations, &(struct invited){ room, inviter,
			invitee, id }, 1000);
}

/* After Ann has invited Cid to both rooms, and Bob has invited Dan, without an
   id, to one. */
static const struct {
	const char *room, *invitee, *inviter;
	const char *full, *id;		/* full NULL: there is none */
} finds[] = {
	{ R, CID, "ann@a.example", "ann@a.example/1", "1" },
	{ S, CID, "ann@a.example", "ann@a.example/1", "2" },
	{ R, DAN, "bob@b.example", "bob@b.example/1", NULL },
	{ S, DAN, "bob@b.example", NULL, NULL },
	{ R, CID, "bob@b.example", NULL, NULL },
	{ R, CID, "ann@a.example/1", NULL, NULL },
	{ "t@muc.example", CID, "ann@a.example", NULL, NULL },
	/* Nobody has invited her. */
	{ R, "ann@a.example", CID, NULL, NULL },
	{ R, "nobody@n.example", "ann@a.example", NULL, NULL },
};

static void
finds_who_invited(void **state)
{
	(void)state;
	note(R, &ann, CID, "1");
	note(S, &ann, CID, "2");
	note(R, &bob, DAN, NULL);
	for (size_t i = 0; i < ARRAY_LEN(finds); i++) {
		const struct invitation *found = invitation_find(&invitations,
			finds[i].room, finds[i].invitee, finds[i].inviter);

		if (finds[i].full == NULL) {
			assert_null(found);
			continue;
		}
		assert_string_equal(found->room, finds[i].room);
		assert_string_equal(found->inviter, finds[i].full);
		if (finds[i].id == NULL)
			assert_null(found->id);
		else
			assert_string_equal(found->id, finds[i].id);
	}
}

static void
assert_bounced(const char *id, const char *inviter)
{
	struct invitation *found = invitation_bounced(&invitations, R, CID,
						      id);

	if (inviter == NULL) {
		assert_null(found);
		return;
	}
	assert_string_equal(found->inviter, inviter);
	invitation_forget(&invitations, &found);
	assert_null(found);
}

/* Each gets one answer. */
static void
serves_several_inviters(void **state)
{
	(void)state;
	assert_bounced("1", NULL);
	note(R, &ann, CID, "1");
	note(S, &ann, CID, "2");
	note(R, &bob, CID, "2");
	note(R, &bob, CID, NULL);
	assert_bounced("2", bob.full);
	assert_bounced("2", ann.full);
	assert_bounced(NULL, bob.full);
	assert_bounced("2", NULL);
	assert_int_equal(invitations.count, 1);
}

/* Who sends very many pushes out his own. */
static void
keeps_the_latest_of_each(void **state)
{
	char who[32];

	(void)state;
	note(R, &ann, CID, "1");
	for (int i = 0; i <= INVITATION_OWN; i++) {
		snprintf(who, sizeof(who), "u%d@u.example", i);
		note(R, &bob, who, NULL);
	}
	assert_int_equal(invitations.count, 1 + INVITATION_OWN);
	assert_non_null(invitation_find(&invitations, R, CID, ann.bare));
	assert_null(invitation_find(&invitations, R, "u0@u.example",
				    bob.bare));
	assert_non_null(invitation_find(&invitations, R, "u1@u.example",
					bob.bare));
}

static void
note_many(int from, int to)
{
	for (int i = from; i < to; i++) {
		char who[32];
		struct jid jid = { .bare = who, .full = who };

		snprintf(who, sizeof(who), "u%d@u.example", i);
		note(R, &jid, CID, NULL);
		snprintf(who, sizeof(who), "v%d@u.example", i);
		note(R, &jid, who, NULL);
	}
}

static void
is_bounded(void **state)
{
	(void)state;
	note_many(0, INVITATION_OWN + 1);
	assert_null(invitation_find(&invitations, R, CID, "u0@u.example"));
	assert_non_null(invitation_find(&invitations, R, CID,
					"u1@u.example"));
	note_many(INVITATION_OWN + 1, INVITATION_ALL + 1);
	assert_int_equal(invitations.count, INVITATION_ALL);
	assert_null(invitation_find(&invitations, R, "v0@u.example",
				    "v0@u.example"));
}

static void
lasts_a_week(void **state)
{
	const uint64_t week_ms = INVITATION_SECS * UINT64_C(1000);

	(void)state;
	note(R, &ann, CID, "1");
	invitation_note(&invitations, &(struct invited){ R, &ann, DAN, "2" },
			2000);
	invitations_expire(&invitations, 1000 + week_ms - 1);
	assert_int_equal(invitations.count, 2);
	invitations_expire(&invitations, 1000 + week_ms);
	assert_int_equal(invitations.count, 1);
	assert_non_null(invitation_find(&invitations, R, DAN, ann.bare));
}

/* Whatever id somebody chose. */
static void
keeps_no_long_ids(void **state)
{
	char id[INVITATION_ID + 2] = { 0 };

	(void)state;
	memset(id, 'x', INVITATION_ID);
	note(R, &ann, CID, id);
	assert_string_equal(invitation_bounced(&invitations, R, CID, id)->id,
			    id);
	id[INVITATION_ID] = 'x';
	note(R, &ann, DAN, id);
	assert_null(invitation_bounced(&invitations, R, DAN, id)->id);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
		TEST(finds_who_invited),
		TEST(serves_several_inviters),
		TEST(keeps_the_latest_of_each),
		TEST(is_bounded),
		TEST(keeps_no_long_ids),
		TEST(lasts_a_week),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_invitation", tests, NULL,
					   NULL);
}
