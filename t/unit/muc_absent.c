#include "components/muc/absent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define MANY 3000

#define SHOWN(nick, to, item) \
	"<presence from='r@muc.example/" nick "' type='unavailable' " \
	"to='" to "'><x xmlns='http://jabber.org/protocol/muc#user'>" \
	"<item " item "/></x></presence>\n"
#define MEMBER(nick, to) \
	SHOWN(nick, to, "affiliation='member' role='none'")
#define MEMBER_OF(nick, to, jid) \
	SHOWN(nick, to, "affiliation='member' role='none' jid='" jid "'")

static void
reserve(struct room *room, const char *jid, enum affiliation affiliation,
	const char *nick)
{
	affiliation_set(&room->affiliates, jid, affiliation, NULL);
	affiliation_reserve(room->affiliates, jid, nick);
}

/* Ann, a moderator, and Bob, who is none, are in the room that shows those
   who are not. */
static struct room *
fill(struct mucbed *bed)
{
	struct room *room = mucbed_cast(bed, "Ann");

	mucbed_add(room, "Bob", BOB, AFFILIATION_MEMBER, ROLE_PARTICIPANT);
	room->options.showabsent = true;
	return room;
}

/* What somebody else may be to the room, and what Ann and Bob see of it. */
static const struct {
	const char *jid;
	enum affiliation affiliation;
	const char *nick;
	const char *to_ann, *to_bob;
} cases[] = {
	{ "cid@c.example", AFFILIATION_MEMBER, "Cid",
	  MEMBER_OF("Cid", ANN, "cid@c.example"), MEMBER("Cid", BOB) },
	{ "cid@c.example", AFFILIATION_ADMIN, "C & D",
	  SHOWN("C &amp; D", ANN,
		"affiliation='admin' role='none' jid='cid@c.example'"),
	  SHOWN("C &amp; D", BOB, "affiliation='admin' role='none'") },
	{ "cid@c.example", AFFILIATION_OWNER, "Cid",
	  SHOWN("Cid", ANN,
		"affiliation='owner' role='none' jid='cid@c.example'"),
	  SHOWN("Cid", BOB, "affiliation='owner' role='none'") },
	/* There is no nick to show. */
	{ "cid@c.example", AFFILIATION_MEMBER, NULL, "", "" },
	{ "cid@c.example", AFFILIATION_OUTCAST, "Cid", "", "" },
	/* They are here, be it by another nick. */
	{ "ann@a.example", AFFILIATION_OWNER, "Ann", "", "" },
	{ "bob@b.example", AFFILIATION_MEMBER, "Rob", "", "" },
};

static void
shows_who_is_not_here(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct room *room = fill(bed);

		reserve(room, cases[i].jid, cases[i].affiliation,
			cases[i].nick);
		absent_send(room, session_find(room, ANN));
		assert_string_equal(mucbed_sent(bed), cases[i].to_ann);
		absent_send(room, session_find(room, BOB));
		assert_string_equal(mucbed_sent(bed), cases[i].to_bob);
		room_free(&room);
	}
}

/* XEP-0421: as when they are here. */
static void
tells_that_it_is_the_same_person(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct occupant *cid;
	const char *sent;

	reserve(room, "cid@c.example", AFFILIATION_MEMBER, "Cid");
	absent_send(room, session_find(room, ANN));
	sent = mucbed_sent_whole(bed);
	cid = mucbed_add(room, "Rob", CID, AFFILIATION_MEMBER,
			 ROLE_PARTICIPANT);
	assert_non_null(strstr(sent, cid->pseudonym));
}

static void
tells_everybody(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	reserve(room, "cid@c.example", AFFILIATION_MEMBER, "Cid");
	reserve(room, "dan@d.example", AFFILIATION_MEMBER, "Dan");
	absent_broadcast(room);
	assert_string_equal(mucbed_sent(bed),
		MEMBER_OF("Cid", ANN, "cid@c.example")
		MEMBER_OF("Dan", ANN, "dan@d.example")
		MEMBER("Cid", BOB) MEMBER("Dan", BOB));
}

/* Where all see addresses, Bob does too. */
static void
shows_addresses_where_all_do(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	room->options.whois = WHOIS_ANYONE;
	reserve(room, "cid@c.example", AFFILIATION_MEMBER, "Cid");
	absent_send(room, session_find(room, BOB));
	assert_string_equal(mucbed_sent(bed),
			    MEMBER_OF("Cid", BOB, "cid@c.example"));
}

static void
shows_nobody_unless_asked_to(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	room->options.showabsent = false;
	reserve(room, "cid@c.example", AFFILIATION_MEMBER, "Cid");
	absent_send(room, session_find(room, ANN));
	absent_broadcast(room);
	assert_string_equal(mucbed_sent(bed), "");
}

/* An account by two nicks, and many who are here but for one. */
static void
finds_one_among_many(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	mucbed_add(room, "Rob", "bob@b.example/2", AFFILIATION_MEMBER,
		   ROLE_PARTICIPANT);
	affiliation_reserve(room->affiliates, "bob@b.example", "Bob");
	for (int i = 0; i < MANY; i++) {
		const char *nick = arena_printf(bed->arena, "n%d", i);
		const char *jid = arena_printf(bed->arena, "u%d@u.example",
					       i);

		if (i == MANY / 2)
			affiliation_set(&room->affiliates, jid,
					AFFILIATION_MEMBER, NULL);
		else
			mucbed_add(room, nick, jid, AFFILIATION_MEMBER,
				   ROLE_PARTICIPANT);
		affiliation_reserve(room->affiliates, jid, nick);
	}
	absent_send(room, session_find(room, ANN));
	assert_string_equal(mucbed_sent(bed),
			    MEMBER_OF("n1500", ANN, "u1500@u.example"));
}

static size_t
count_lines(const char *text)
{
	size_t n = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		n++;
	return n;
}

/* The first thousand, and not to all where they are more than a hundred. */
static void
shows_so_many_at_once(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	for (int i = 0; i < MANY; i++)
		reserve(room, arena_printf(bed->arena, "u%d@u.example", i),
			AFFILIATION_MEMBER,
			arena_printf(bed->arena, "n%d", i));
	absent_send(room, session_find(room, ANN));
	assert_int_equal(count_lines(mucbed_sent(bed)), 1000);
	absent_broadcast(room);
	assert_int_equal(count_lines(mucbed_sent(bed)), 2000);
	for (int i = 2; i < 100; i++)
		mucbed_add(room, arena_printf(bed->arena, "o%d", i),
			   arena_printf(bed->arena, "o%d@o.example/1", i),
			   AFFILIATION_NONE, ROLE_PARTICIPANT);
	absent_broadcast(room);
	assert_int_equal(count_lines(mucbed_sent(bed)), 100000);
	mucbed_add(room, "o100", "o100@o.example/1", AFFILIATION_NONE,
		   ROLE_PARTICIPANT);
	absent_broadcast(room);
	assert_string_equal(mucbed_sent(bed), "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(shows_who_is_not_here),
		TEST(tells_that_it_is_the_same_person),
		TEST(tells_everybody),
		TEST(shows_addresses_where_all_do),
		TEST(shows_nobody_unless_asked_to),
		TEST(finds_one_among_many),
		TEST(shows_so_many_at_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_absent", tests, NULL, NULL);
}
