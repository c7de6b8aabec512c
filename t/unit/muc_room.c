#include "components/muc/room.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/presence.h"
#include "components/muc/template.h"
#include "shared/clock.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "t/lib/fake_store.h"
#include "t/lib/fake_router.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define X "<x xmlns='http://jabber.org/protocol/muc#user'>"

static struct room *
fill(struct mucbed *bed)
{
	return mucbed_cast(bed, "Ann Bob");
}

static void
is_found(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example"), *found;
	struct request req = {
		.to = mucbed_jid(bed, "r@muc.example/Ann"),
		.from = mucbed_jid(bed, "bob@b.example/1"),
	};

	assert_ptr_equal(room_find(bed->muc, "r@muc.example"), room);
	assert_null(room_find(bed->muc, "s@muc.example"));
	assert_int_equal(room_require(bed->muc, &req, &found, &bed->err), 0);
	assert_ptr_equal(found, room);

	room->state = ROOM_LOCKED;
	assert_ptr_equal(room_find(bed->muc, "r@muc.example"), room);
	/* Nobody sees it while it is only half there. */
	room->state = ROOM_LOADING;
	assert_null(room_find(bed->muc, "r@muc.example"));
	assert_int_equal(room_require(bed->muc, &req, &found, &bed->err), -1);
	assert_int_equal(bed->err.cond, ERROR_ITEM_NOT_FOUND);
}

static void
knows_who_is_inside(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct request req = { .from = mucbed_jid(bed, "bob@b.example/1") };
	struct session *session;

	assert_int_equal(room_require_session(room, &req, &session,
					      &bed->err), 0);
	assert_string_equal(session->occupant->nick, "Bob");
	/* Another client of the same account is not. */
	req.from = mucbed_jid(bed, "bob@b.example/2");
	assert_int_equal(room_require_session(room, &req, &session,
					      &bed->err), -1);
	assert_int_equal(bed->err.cond, ERROR_NOT_ACCEPTABLE);
}

static const struct {
	const char *jid;
	enum affiliation affiliation;
} people[] = {
	{ "ann@a.example/1", AFFILIATION_OWNER },
	{ "ann@a.example", AFFILIATION_OWNER },
	{ "bob@b.example/1", AFFILIATION_NONE },
	{ "dan@d.example/1", AFFILIATION_ADMIN },
	{ "eve@bad.example/1", AFFILIATION_OUTCAST },
	/* Of the service, whatever the room says. */
	{ "admin@example/1", AFFILIATION_OWNER },
	{ "admin@example", AFFILIATION_OWNER },
	{ "admin@a.example", AFFILIATION_NONE },
};

static void
knows_who_owns_it(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	affiliation_set(&room->affiliates, "dan@d.example", AFFILIATION_ADMIN,
			NULL);
	affiliation_set(&room->affiliates, "bad.example", AFFILIATION_OUTCAST,
			NULL);
	affiliation_set(&room->affiliates, "admin@example",
			AFFILIATION_OUTCAST, NULL);
	for (size_t i = 0; i < ARRAY_LEN(people); i++) {
		const struct jid *jid = mucbed_jid(bed, people[i].jid);

		assert_int_equal(room_affiliation(room, jid),
				 people[i].affiliation);
		assert_int_equal(room_is_owner(room, jid),
				 people[i].affiliation == AFFILIATION_OWNER);
	}
}

#define SUBJECT(from, rest) \
	"<message type='groupchat' from='" from "' to='bob@b.example/1'>" \
	rest "</message>\n"

/* Section 7.2.15. */
static void
sends_the_subject(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct session *bob = occupant_find(room, "Bob")->sessions;

	room_send_subject(room, bob);
	assert_string_equal(mucbed_sent(bed),
			    SUBJECT("r@muc.example", "<subject/>"));

	room_set_subject(room, "<subject>Fire &amp; brew</subject>", "O'N",
			 INT64_C(1034553517) * CLOCK_SECOND);
	room_send_subject(room, bob);
	assert_string_equal(mucbed_sent(bed),
SUBJECT("r@muc.example/O&apos;N", "<subject>Fire &amp; brew</subject>"
	"<delay xmlns='urn:xmpp:delay' from='r@muc.example' "
	"stamp='2002-10-13T23:58:37Z'/>"));

	/* Somebody has cleared it. */
	room_set_subject(room, "<subject/>", "Ann",
			 INT64_C(1034553517) * CLOCK_SECOND);
	room_send_subject(room, bob);
	assert_string_equal(mucbed_sent(bed),
SUBJECT("r@muc.example/Ann", "<subject/>"
	"<delay xmlns='urn:xmpp:delay' from='r@muc.example' "
	"stamp='2002-10-13T23:58:37Z'/>"));
}

/* Newcomers wait for it (7.2.15), so something is sent in its place. */
static void
sends_no_subject_above_the_routers_limit(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	fake_router_limit(bed->runtime.router, 110);
	room_set_subject(room, "<subject>Fire and brew</subject>", "Ann",
			 INT64_C(1034553517) * CLOCK_SECOND);
	room_send_subject(room, occupant_find(room, "Bob")->sessions);
	assert_string_equal(mucbed_sent(bed),
			    SUBJECT("r@muc.example/Ann", "<subject/>"));
}

static void
broadcasts(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct template template;

	mucbed_add(room, "Bob", "bob@b.example/<'2'>", AFFILIATION_NONE,
		   ROLE_PARTICIPANT);
	template_init(&template, mucbed_xml(bed,
		"<message from='r@muc.example/Ann' to='r@muc.example' "
		"id='&lt;1&gt;' type='groupchat' xml:lang='en'>"
		"<body>&amp;</body><x xmlns='urn:x'/></message>"));
	assert_true(room_broadcast(room, &template));
	template_fini(&template);
#define SAID(to) \
	"<message from='r@muc.example/Ann' id='&lt;1&gt;' type='groupchat' " \
	"xml:lang='en' to='" to "'><body>&amp;</body><x xmlns='urn:x'/>" \
	"</message>\n"
	assert_string_equal(mucbed_sent(bed),
		SAID("ann@a.example/1") SAID("bob@b.example/1")
		SAID("bob@b.example/&lt;&apos;2&apos;&gt;"));
}

/* Section 10.2.1. */
static void
tells_codes(void **state)
{
	static const unsigned codes[] = { 170, 172, 0 };
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	room_tell_codes(room, bed->arena, codes);
#define CODES(to) \
	"<message from='r@muc.example' type='groupchat' to='" to "'>" X \
	"<status code='170'/><status code='172'/></x></message>\n"
	assert_string_equal(mucbed_sent(bed),
		CODES("ann@a.example/1") CODES("bob@b.example/1"));
}

static void
removes_somebody(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct session *bob = occupant_find(room, "Bob")->sessions;
	struct notice notice = notice_going(bob->occupant);

	room_remove(&bob, &notice);
	assert_null(bob);
	assert_null(occupant_find(room, "Bob"));
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/Bob' to='bob@b.example/1' type='unavailable'>"
	X "<item affiliation='none' role='none' jid='bob@b.example/1'/>"
	"<status code='110'/></x></presence>\n"
"<presence from='r@muc.example/Bob' to='ann@a.example/1' type='unavailable'>"
	X "<item affiliation='none' role='none' jid='bob@b.example/1'/>"
	"</x></presence>\n");
}

/* Section 7.2.8: the nick stays, and others see who is left. */
static void
removes_one_client_of_several(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct occupant *bob = mucbed_add(room, "Bob", "bob@b.example/2",
					  AFFILIATION_NONE, ROLE_PARTICIPANT);
	struct notice notice = notice_going(bob);
	struct session *session = session_find(room, "bob@b.example/1");

	/* Not the one that others see. */
	room_remove(&session, &notice);
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/Bob' to='bob@b.example/1' type='unavailable'>"
	X "<item affiliation='none' role='none' jid='bob@b.example/1'/>"
	"<status code='110'/></x></presence>\n");

	mucbed_add(room, "Bob", "bob@b.example/3", AFFILIATION_NONE,
		   ROLE_PARTICIPANT);
	session = session_find(room, "bob@b.example/3");
	room_remove(&session, &notice);
	assert_ptr_equal(occupant_find(room, "Bob"), bob);
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/Bob' to='bob@b.example/3' type='unavailable'>"
	X "<item affiliation='none' role='none' jid='bob@b.example/3'/>"
	"<status code='110'/></x></presence>\n"
"<presence from='r@muc.example/Bob' to='bob@b.example/2'>" X
	"<item affiliation='none' role='participant' jid='bob@b.example/2'/>"
	"<status code='110'/></x></presence>\n"
"<presence from='r@muc.example/Bob' to='ann@a.example/1'>" X
	"<item affiliation='none' role='participant' jid='bob@b.example/2'/>"
	"</x></presence>\n");
}

static const struct {
	bool somebody, persistent;
	enum room_state state;
	bool stays;
} ends[] = {
	{ true, false, ROOM_OPEN, true },
	{ true, false, ROOM_LOCKED, true },
	{ false, false, ROOM_OPEN, false },
	{ false, false, ROOM_LOCKED, false },
	{ false, true, ROOM_OPEN, true },
	/* Never configured, so nobody's. */
	{ false, true, ROOM_LOCKED, false },
};

static void
ends_when_empty(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct room *room = mucbed_room(bed, "r@muc.example");

		room->state = ends[i].state;
		room->options.persistentroom = ends[i].persistent;
		if (ends[i].somebody)
			mucbed_add(room, "Ann", "ann@a.example/1",
				   AFFILIATION_OWNER, ROLE_MODERATOR);
		room_settle(&room);
		assert_int_equal(room != NULL, ends[i].stays);
		assert_ptr_equal(room_find(bed->muc, "r@muc.example"), room);
		if (room != NULL)
			room_free(&room);
	}
}

/* Section 10.9. */
static void
is_destroyed(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	room->options.persistentroom = true;
	roomstore_save(room);
	mucbed_save(bed);
	assert_int_equal(fake_store_ask(bed->runtime.store,
			 "SELECT count(*) FROM muc_affiliation"), 1);
	room_destroy(&room, bed->arena, "s@muc.example", "p&w", "moved");
	assert_null(room);
	assert_null(room_find(bed->muc, "r@muc.example"));
	mucbed_save(bed);
#define GONE(nick, to) \
	"<presence from='r@muc.example/" nick "' to='" to "' " \
	"type='unavailable'>" X "<item affiliation='none' role='none' " \
	"jid='" to "'/><status code='110'/><destroy jid='s@muc.example'>" \
	"<password>p&amp;w</password><reason>moved</reason></destroy></x>" \
	"</presence>\n"
	assert_string_equal(mucbed_sent(bed),
		GONE("Ann", "ann@a.example/1") GONE("Bob", "bob@b.example/1"));
	assert_int_equal(fake_store_ask(bed->runtime.store,
			 "SELECT count(*) FROM muc_room"), 0);
	assert_int_equal(fake_store_ask(bed->runtime.store,
			 "SELECT count(*) FROM muc_affiliation"), 0);
}

static void
is_destroyed_without_a_word(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");

	mucbed_add(room, "Ann", "ann@a.example/1", AFFILIATION_OWNER,
		   ROLE_MODERATOR);
	room_destroy(&room, bed->arena, NULL, NULL, NULL);
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/Ann' to='ann@a.example/1' type='unavailable'>"
	X "<item affiliation='none' role='none' jid='ann@a.example/1'/>"
	"<status code='110'/><destroy/></x></presence>\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(is_found),
		TEST(knows_who_is_inside),
		TEST(knows_who_owns_it),
		TEST(sends_the_subject),
		TEST(sends_no_subject_above_the_routers_limit),
		TEST(broadcasts),
		TEST(tells_codes),
		TEST(removes_somebody),
		TEST(removes_one_client_of_several),
		TEST(ends_when_empty),
		TEST(is_destroyed),
		TEST(is_destroyed_without_a_word),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_room", tests, NULL, NULL);
}
