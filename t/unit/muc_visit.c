#include "components/muc/visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/standing.h"
#include "shared/arena.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define NONE AFFILIATION_NONE
#define MEMBER AFFILIATION_MEMBER
#define ADMIN AFFILIATION_ADMIN

#define VISITOR ROLE_VISITOR
#define PARTICIPANT ROLE_PARTICIPANT
#define MODERATOR ROLE_MODERATOR

#define BOB_BARE "bob@b.example"
#define ENTER(nick) \
	"<presence from='" BOB_BARE "/1' to='r@muc.example/" nick "'>" \
	"<x xmlns='http://jabber.org/protocol/muc'/></presence>"
#define MODERATED(value) \
	"<iq from='ann@a.example/1' to='r@muc.example' type='set' id='1'>" \
	"<query xmlns='http://jabber.org/protocol/muc#owner'>" \
	"<x xmlns='jabber:x:data' type='submit'>" \
	"<field var='muc#roomconfig_moderatedroom'><value>" value "</value>" \
	"</field></x></query></iq>"
#define LEAVE(nick) \
	"<presence from='" BOB_BARE "/1' to='r@muc.example/" nick "' " \
	"type='unavailable'/>"

/* Section 5.1: the role of somebody who leaves, and with which he comes
   again. */
static const struct {
	bool moderated;
	enum affiliation affiliation;
	enum role was, is;
} cases[] = {
	{ true, NONE, VISITOR, VISITOR },
	{ true, NONE, PARTICIPANT, PARTICIPANT },
	{ true, NONE, MODERATOR, PARTICIPANT },
	{ true, MEMBER, PARTICIPANT, PARTICIPANT },
	{ true, MEMBER, VISITOR, VISITOR },
	{ true, ADMIN, VISITOR, MODERATOR },
	{ false, NONE, VISITOR, PARTICIPANT },
	{ false, NONE, MODERATOR, PARTICIPANT },
	{ false, MEMBER, VISITOR, PARTICIPANT },
};

static struct room *
fill(struct mucbed *bed, bool moderated)
{
	struct room *room = mucbed_cast(bed, "Ann");

	room->options.moderatedroom = moderated;
	return room;
}

static void
keeps_voice(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct room *room = fill(bed, cases[i].moderated);
		const struct occupant *bob;

		mucbed_add(room, "Bob", BOB_BARE "/1", cases[i].affiliation,
			   cases[i].was);
		mucbed_receive(bed, LEAVE("Bob"));
		assert_null(occupant_find(room, "Bob"));
		/* Another nick makes no other person. */
		mucbed_receive(bed, ENTER("Rob"));
		bob = occupant_find(room, "Rob");
		assert_non_null(bob);
		if (bob->role != cases[i].is)
			fail_msg("case %zu: %s", i, role_name(bob->role));
		room_free(&room);
	}
}

/* He has what he leaves with the last time. */
static void
keeps_the_last(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed, true);

	mucbed_add(room, "Bob", BOB_BARE "/1", NONE, PARTICIPANT);
	mucbed_receive(bed, LEAVE("Bob"));
	mucbed_receive(bed, ENTER("Bob"));
	standing_set_role(occupant_find(room, "Bob"),
			  &(struct standing){ .role = VISITOR });
	mucbed_receive(bed, LEAVE("Bob"));
	assert_int_equal(visit_role(room, BOB_BARE, NONE), VISITOR);
}

/* With a kick, another affiliation, and when the room is moderated no more. */
static void
forgets(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed, true);

	mucbed_add(room, "Bob", BOB_BARE "/1", NONE, PARTICIPANT);
	mucbed_receive(bed, LEAVE("Bob"));
	mucbed_receive(bed, ENTER("Bob"));
	assert_int_equal(visit_role(room, BOB_BARE, NONE), PARTICIPANT);
	standing_set_role(occupant_find(room, "Bob"),
			  &(struct standing){ .role = ROLE_NONE });
	assert_int_equal(visit_role(room, BOB_BARE, NONE), VISITOR);

	mucbed_add(room, "Bob", BOB_BARE "/1", MEMBER, VISITOR);
	mucbed_receive(bed, LEAVE("Bob"));
	assert_int_equal(visit_role(room, BOB_BARE, MEMBER), VISITOR);
	standing_set_affiliation(room, bed->arena, mucbed_jid(bed, BOB_BARE),
				 &(struct standing){ .affiliation = NONE });
	assert_int_equal(visit_role(room, BOB_BARE, MEMBER), PARTICIPANT);

	mucbed_add(room, "Bob", BOB_BARE "/1", NONE, PARTICIPANT);
	mucbed_receive(bed, LEAVE("Bob"));
	mucbed_receive(bed, MODERATED("0"));
	mucbed_receive(bed, MODERATED("1"));
	assert_true(room->options.moderatedroom);
	assert_int_equal(visit_role(room, BOB_BARE, NONE), VISITOR);
}

/* Whoever left first. */
static void
keeps_so_many(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed, true);

	for (int i = 0; i <= VISITS_MAX; i++) {
		const char *jid = arena_printf(bed->arena, "u%d@e.example/1",
					       i);

		visit_note(mucbed_add(room, jid, jid, NONE, PARTICIPANT));
	}
	assert_int_equal(visit_role(room, "u0@e.example", NONE), VISITOR);
	assert_int_equal(visit_role(room, "u1@e.example", NONE), PARTICIPANT);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(keeps_voice),
		TEST(keeps_the_last),
		TEST(forgets),
		TEST(keeps_so_many),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_visit", tests, NULL, NULL);
}
