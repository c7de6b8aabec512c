#include "components/muc/occupant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/room.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define BOB3 "bob@b.example/3"

static struct session *
add(struct mucbed *bed, struct room *room, const char *nick, const char *jid)
{
	return session_new(room, nick, mucbed_jid(bed, jid));
}

/* A member with three clients, the third of which is seen. */
static struct room *
fill(struct mucbed *bed)
{
	struct room *room = mucbed_room(bed, "r@muc.example");

	mucbed_add(room, "Bob", BOB, AFFILIATION_MEMBER, ROLE_VISITOR);
	add(bed, room, "Bob", BOB2);
	add(bed, room, "Bob", BOB3);
	return room;
}

static void
assert_clients(const struct room *room, const char *nick, const char *clients)
{
	const struct occupant *occupant = occupant_find(room, nick);
	const struct session *at = occupant ? occupant->sessions : NULL;

	for (; at != NULL && *clients != '\0'; at = at->next) {
		assert_ptr_equal(at->occupant, occupant);
		assert_int_equal(at->jid[strlen(at->jid) - 1], *clients++);
	}
	assert_null(at);
	assert_string_equal(clients, "");
}

/* Section 7.2.8: one nick, several clients of an account. */
static void
finds_people(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	assert_clients(room, "Bob", "321");
	assert_int_equal(HASH_COUNT(room->occupants), 1);
	assert_int_equal(HASH_COUNT(room->sessions), 3);
	assert_string_equal(occupant_find(room, "Bob")->jid, "bob@b.example");
	assert_string_equal(session_find(room, BOB2)->jid, BOB2);
	assert_null(occupant_find(room, "bob"));
	assert_null(occupant_find(room, "Bo"));
	assert_null(occupant_find(room, ""));
	assert_null(session_find(room, "bob@b.example"));
	assert_null(session_find(room, "bob@b.example/4"));
	assert_null(session_find(room, ""));
	/* As nobody has sent presence yet. */
	assert_string_equal(session_find(room, BOB)->presence, "");
}

static const struct {
	const char *jid, *to;
} addresses[] = {
	{ "ann@a.example/1", "ann@a.example/1" },
	{ "ann@a.example/\xc3\xa4", "ann@a.example/\xc3\xa4" },
	{ "ann@a.example/<'&\">",
	  "ann@a.example/&lt;&apos;&amp;&quot;&gt;" },
	{ "ann@a.example/&amp;", "ann@a.example/&amp;amp;" },
};

static void
escapes_addresses(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		struct session *session = add(bed, room, "Ann",
					      addresses[i].jid);

		assert_string_equal(session->jid, addresses[i].jid);
		assert_string_equal(session->to, addresses[i].to);
		assert_int_equal(session->to_len, strlen(addresses[i].to));
	}
}

static void
goes_with_the_last_client(void **state)
{
	static const struct {
		const char *jid, *left;
	} leaving[] = { { BOB2, "31" }, { BOB3, "1" }, { BOB, "" } };
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	add(bed, room, "Ann", "ann@a.example/1");
	for (size_t i = 0; i < ARRAY_LEN(leaving); i++) {
		struct session *session = session_find(room, leaving[i].jid);

		session_free(&session);
		assert_null(session);
		assert_null(session_find(room, leaving[i].jid));
		assert_clients(room, "Bob", leaving[i].left);
	}
	assert_null(occupant_find(room, "Bob"));
	assert_clients(room, "Ann", "1");
}

#define FORGED "<x xmlns='http://jabber.org/protocol/muc#user'>" \
	"<item role='moderator'/></x>"
static const struct {
	const char *presence, *kept;
} presences[] = {
	{ "<presence><show>away</show><status>&lt;&amp;</status></presence>",
	  "<show>away</show><status>&lt;&amp;</status>" },
	{ "<presence><c xmlns='urn:c' a='&apos;'/></presence>",
	  "<c xmlns='urn:c' a='&apos;'/>" },
	/* Section 17.3. */
	{ "<presence>" FORGED "<show>dnd</show></presence>",
	  "<show>dnd</show>" },
	{ "<presence>" FORGED "</presence>", "" },
	{ "<presence>text</presence>", "" },
	{ "<presence/>", "" },
};

static void
keeps_what_presence_holds(void **state)
{
	struct mucbed *bed = *state;
	struct session *session = session_find(fill(bed), BOB);

	for (size_t i = 0; i < ARRAY_LEN(presences); i++) {
		session->changed = 0;
		session_set_presence(session, mucbed_xml(bed,
						presences[i].presence));
		assert_string_equal(session->presence, presences[i].kept);
		assert_true(session->changed > 0);
	}
	/* It is seen now. */
	assert_clients(session->occupant->room, "Bob", "132");
}

/* Section 7.6, by client and nick. */
static const struct {
	const char *jid, *nick;
	const char *bob, *rob;	/* the clients of either nick afterwards */
} renames[] = {
	{ BOB2, "Rob", "31", "2" },
	{ BOB3, "Rob", "1", "32" },
	{ BOB, "Rob", "", "132" },
	{ BOB, "Rob", "", "132" },
	{ BOB2, "Rob", "", "213" },
	{ BOB3, "Bob", "3", "21" },
	{ BOB3, "Bob", "3", "21" },
};

static void
renames_clients(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	for (size_t i = 0; i < ARRAY_LEN(renames); i++) {
		struct session *session = session_find(room, renames[i].jid);

		session_rename(session, renames[i].nick);
		assert_clients(room, "Bob", renames[i].bob);
		assert_clients(room, "Rob", renames[i].rob);
		assert_string_equal(session->occupant->jid, "bob@b.example");
		assert_int_equal(session->occupant->role, ROLE_VISITOR);
		assert_int_equal(session->occupant->affiliation,
				 AFFILIATION_MEMBER);
	}
	assert_int_equal(HASH_COUNT(room->sessions), 3);
}

/* A new nick brings no new right to change it. */
static void
keeps_the_limit(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	occupant_find(room, "Bob")->presences.full_us = 77;
	session_rename(session_find(room, BOB), "Rob");
	assert_true(occupant_find(room, "Rob")->presences.full_us == 77);
}

/* What the table of a database may say that somebody has edited. */
static const struct {
	const char *nick, *jid;
	int64_t serial;
	bool restored;
	enum affiliation affiliation;
	int64_t newest;		/* serial that the room knows of */
} rows[] = {
	{ "", "eve@e.example/1", 90, false, AFFILIATION_NONE, 3 },
	{ "Eve", BOB, 90, false, AFFILIATION_NONE, 3 },
	{ "Bob", BOB, 90, false, AFFILIATION_NONE, 3 },
	{ "Bob", "eve@e.example/1", 90, false, AFFILIATION_NONE, 3 },
	{ "Eve", "eve@e.example/1", 90, true, AFFILIATION_NONE, 90 },
	{ "Eve", "eve@e.example/2", 4, true, AFFILIATION_NONE, 90 },
	{ "Bob", "bob@b.example/4", 92, true, AFFILIATION_MEMBER, 92 },
	{ "<'&\">", "dan@d.example/1", -1, true, AFFILIATION_OWNER, 92 },
};

static void
restores_what_makes_sense(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct session_past past = {
			mucbed_jid(bed, rows[i].jid), rows[i].nick,
			"<show>xa</show>", ROLE_PARTICIPANT,
			rows[i].affiliation, rows[i].serial, 5
		};
		struct session *session = session_restore(room, &past);

		assert_int_equal(session != NULL, rows[i].restored);
		assert_true(room->serial >= rows[i].newest);
		if (session == NULL)
			continue;
		assert_ptr_equal(occupant_find(room, rows[i].nick)->sessions,
				 session);
		assert_string_equal(session->presence, "<show>xa</show>");
		assert_int_equal(session->serial, rows[i].serial);
		assert_int_equal(session->changed, 5);
		assert_int_equal(session->occupant->role, ROLE_PARTICIPANT);
		assert_int_equal(session->occupant->affiliation,
				 rows[i].affiliation);
	}
	assert_clients(room, "Bob", "4321");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(finds_people),
		TEST(escapes_addresses),
		TEST(goes_with_the_last_client),
		TEST(keeps_what_presence_holds),
		TEST(renames_clients),
		TEST(keeps_the_limit),
		TEST(restores_what_makes_sense),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_occupant", tests, NULL, NULL);
}
