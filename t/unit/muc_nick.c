#include "components/muc/nick.h"

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

#define PRESENCE(from, nick, rest) \
	"<presence from='" from "' to='r@muc.example/" nick "'" rest
/* What the room sends: the payload, the item beyond role and affiliation, and
   what follows it. */
#define SENT(nick, to, type, payload, item, rest) \
	"<presence from='r@muc.example/" nick "' to='" to "'" type ">" \
	payload "<x xmlns='http://jabber.org/protocol/muc#user'>" \
	"<item affiliation='none' role='participant'" item "/>" rest \
	"</x></presence>\n"
#define GONE " type='unavailable'"
#define JID(jid) " jid='" jid "'"
#define TO_BE(nick) " nick='" nick "'"
#define STATUS(code) "<status code='" code "'/>"
#define AWAY "<show>away</show>"
#define DND "<show>dnd</show>"

/* Ann, a moderator, sees real addresses; Bob has one client, or two.  The
   second one's presence is seen. */
static struct room *
fill(struct mucbed *bed, bool two)
{
	struct room *room = mucbed_cast(bed, "Ann Bob");
	struct session *session;

	if (!two)
		return room;
	mucbed_enter(room, "Bob2");
	session = session_find(room, BOB);
	session_set_presence(session,
			     mucbed_xml(bed, "<presence>" AWAY "</presence>"));
	session = session_find(room, BOB2);
	session_set_presence(session,
			     mucbed_xml(bed, "<presence>" DND "</presence>"));
	return room;
}

/* Section 7.6. */
static void
tells_the_old_and_the_new(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed, false);

	assert_string_equal(
		mucbed_receive(bed, PRESENCE(BOB, "Rob", ">" DND
						 "</presence>")),
		SENT("Bob", BOB, GONE, "", JID(BOB) TO_BE("Rob"),
		     STATUS("303") STATUS("110"))
		SENT("Bob", ANN, GONE, "", JID(BOB) TO_BE("Rob"),
		     STATUS("303"))
		SENT("Rob", BOB, "", DND, JID(BOB), STATUS("110"))
		SENT("Rob", ANN, "", DND, JID(BOB), ""));
	assert_null(occupant_find(room, "Bob"));
	assert_int_equal(occupant_find(room, "Rob")->role, ROLE_PARTICIPANT);
}

/* Of two clients the one whose presence is seen takes another nick: the old
   one is now the other client's, with its presence. */
static void
shows_the_client_that_is_left(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed, true);

	assert_string_equal(
		mucbed_receive(bed, PRESENCE(BOB2, "Rob", "/>")),
		SENT("Bob", BOB2, GONE, "", JID(BOB2) TO_BE("Rob"),
		     STATUS("303") STATUS("110"))
		SENT("Rob", BOB2, "", "", JID(BOB2), STATUS("110"))
		SENT("Rob", ANN, "", "", JID(BOB2), "")
		SENT("Rob", BOB, "", "", "", "")
		SENT("Bob", BOB, "", AWAY, JID(BOB), STATUS("110"))
		SENT("Bob", ANN, "", AWAY, JID(BOB), "")
		SENT("Bob", BOB2, "", AWAY, "", ""));
	assert_int_equal(HASH_COUNT(room->occupants), 3);
	assert_string_equal(occupant_find(room, "Bob")->sessions->jid, BOB);
	assert_string_equal(occupant_find(room, "Rob")->sessions->jid, BOB2);
}

/* The one whose presence is not seen does: nobody but itself learns anything
   new about the old nick. */
static void
leaves_the_client_that_is_seen(void **state)
{
	struct mucbed *bed = *state;

	fill(bed, true);
	assert_string_equal(
		mucbed_receive(bed, PRESENCE(BOB, "Rob", "/>")),
		SENT("Bob", BOB, GONE, "", JID(BOB) TO_BE("Rob"),
		     STATUS("303") STATUS("110"))
		SENT("Rob", BOB, "", "", JID(BOB), STATUS("110"))
		SENT("Rob", ANN, "", "", JID(BOB), "")
		SENT("Rob", BOB2, "", "", "", "")
		SENT("Bob", BOB, "", DND, "", ""));
}

/* Nor does it where the role is not shown. */
static void
shows_nobody_who_is_hidden(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed, true);

	room->options.presencebroadcast = OPTION_MODERATOR;
	assert_string_equal(
		mucbed_receive(bed, PRESENCE(BOB, "Rob", "/>")),
		SENT("Bob", BOB, GONE, "", JID(BOB) TO_BE("Rob"),
		     STATUS("303") STATUS("110"))
		SENT("Rob", BOB, "", "", JID(BOB), STATUS("110")));
}

/* The clients meet again under one nick. */
static void
joins_the_other_client(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed, true);

	mucbed_receive(bed, PRESENCE(BOB2, "Rob", "/>"));
	assert_string_equal(
		mucbed_receive(bed, PRESENCE(BOB, "Rob", ">" DND
						 "</presence>")),
		SENT("Bob", BOB, GONE, "", JID(BOB) TO_BE("Rob"),
		     STATUS("303") STATUS("110"))
		SENT("Bob", ANN, GONE, "", JID(BOB) TO_BE("Rob"),
		     STATUS("303"))
		SENT("Bob", BOB2, GONE, "", TO_BE("Rob"), STATUS("303"))
		SENT("Rob", BOB, "", DND, JID(BOB), STATUS("110"))
		SENT("Rob", BOB2, "", DND, JID(BOB), STATUS("110"))
		SENT("Rob", ANN, "", DND, JID(BOB), ""));
	assert_int_equal(HASH_COUNT(room->occupants), 2);
}

static const struct {
	const char *nick;
	bool locked;
	const char *errors;
} refusals[] = {
	{ "Ann", false, " conflict" },		/* in use */
	{ "Cid", false, " conflict" },		/* reserved */
	{ " ", false, " jid-malformed" },
	{ "Rob", true, " not-acceptable" },
	{ "Bob", true, "" },
	{ "Rob", false, "" },
};

static void
refuses(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct room *room = fill(bed, false);
		const char *errors;

		affiliation_set(&room->affiliates, "cid@c.example",
				AFFILIATION_MEMBER, NULL);
		affiliation_reserve(room->affiliates, "cid@c.example", "Cid");
		affiliation_set(&room->affiliates, "bob@b.example",
				AFFILIATION_MEMBER, NULL);
		affiliation_reserve(room->affiliates, "bob@b.example", "Bob");
		bed->settings.lock_nicks = refusals[i].locked;
		errors = mucbed_errors(bed, arena_printf(bed->arena,
				PRESENCE(BOB, "%s", "/>"), refusals[i].nick));
		if (strcmp(errors, refusals[i].errors) != 0)
			fail_msg("%s:%s", refusals[i].nick, errors);
		room_free(&room);
	}
}

/* By whatever way a client comes under a nick. */
static void
limits_the_clients_of_a_nick(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed, true);

	bed->settings.max_clients = 1;
	assert_string_equal(mucbed_errors(bed, PRESENCE(BOB2, "Rob", "/>")),
			    "");
	assert_string_equal(mucbed_errors(bed, PRESENCE(BOB, "Rob", "/>")),
			    " resource-constraint");
	assert_string_equal(session_find(room, BOB)->occupant->nick, "Bob");
	bed->settings.max_clients = 2;
	assert_string_equal(mucbed_errors(bed, PRESENCE(BOB, "Rob", "/>")),
			    "");
	assert_int_equal(HASH_COUNT(room->occupants), 2);
}

/* Section 7.7. */
static void
shows_availability(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed, true);

	assert_string_equal(
		mucbed_receive(bed, PRESENCE(BOB, "Bob", ">" AWAY
						 "</presence>")),
		SENT("Bob", BOB, "", AWAY, JID(BOB), STATUS("110"))
		SENT("Bob", BOB2, "", AWAY, JID(BOB), STATUS("110"))
		SENT("Bob", ANN, "", AWAY, JID(BOB), ""));
	assert_string_equal(occupant_find(room, "Bob")->sessions->jid, BOB);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(tells_the_old_and_the_new),
		TEST(shows_the_client_that_is_left),
		TEST(leaves_the_client_that_is_seen),
		TEST(shows_nobody_who_is_hidden),
		TEST(joins_the_other_client),
		TEST(refuses),
		TEST(limits_the_clients_of_a_nick),
		TEST(shows_availability),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_nick", tests, NULL, NULL);
}
