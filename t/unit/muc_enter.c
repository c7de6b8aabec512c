#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/ns.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define X "<x xmlns='http://jabber.org/protocol/muc#user'>"
#define MUC "<x xmlns='http://jabber.org/protocol/muc'/>"
#define PRESENCE(from, nick, rest) \
	"<presence from='" from "' to='r@muc.example/" nick "'" rest
#define ENTER(from, nick) PRESENCE(from, nick, ">" MUC "</presence>")
#define WITH(from, nick, what) \
	PRESENCE(from, nick, "><x xmlns='http://jabber.org/protocol/muc'>" \
		 what "</x></presence>")
#define LEAVE(from, nick) PRESENCE(from, nick, " type='unavailable'/>")

/* Ann owns a room, Bob is a member and outside, Dan is banned. */
static struct room *
fill(struct mucbed *bed)
{
	struct room *room = mucbed_cast(bed, "Ann");

	affiliation_set(&room->affiliates, "bob@b.example",
			AFFILIATION_MEMBER, NULL);
	affiliation_reserve(room->affiliates, "bob@b.example", "Bob");
	affiliation_set(&room->affiliates, "dan@d.example",
			AFFILIATION_OUTCAST, NULL);
	return room;
}

static void
set(struct room *room, const char *name, const char *value)
{
	struct error err;

	if (name != NULL)
		assert_int_equal(options_set(&room->options, name, value,
					     &err), 0);
}

/* Sections 7.2.1 to 7.2.9, with an option of the room. */
static const struct {
	const char *option, *value;
	const char *stanza;
	const char *errors;
} refusals[] = {
	{ NULL, NULL, ENTER("cid@c.example/1", "Cid"), "" },
	{ NULL, NULL, "<presence from='cid@c.example/1' to='r@muc.example'>"
	  MUC "</presence>", " jid-malformed" },
	{ NULL, NULL, ENTER("cid@c.example/1", "  "), " jid-malformed" },
	{ NULL, NULL, ENTER("cid@c.example/1", "Ann"), " conflict" },
	{ NULL, NULL, ENTER("cid@c.example/1", "Bob"), " conflict" },
	{ NULL, NULL, ENTER("bob@b.example/1", "Bob"), "" },
	{ NULL, NULL, ENTER("bob@b.example/1", "Rob"), "" },
	{ NULL, NULL, ENTER("dan@d.example/1", "Dan"), " forbidden" },
	{ "membersonly", "1", ENTER("cid@c.example/1", "Cid"),
	  " registration-required" },
	{ "membersonly", "1", ENTER("dan@d.example/1", "Dan"),
	  " forbidden" },
	{ "membersonly", "1", ENTER("bob@b.example/1", "Bob"), "" },
	{ "membersonly", "1", ENTER("admin@example/1", "Root"), "" },
	{ "passwordprotectedroom", "1", ENTER("cid@c.example/1", "Cid"),
	  " not-authorized" },
	{ "passwordprotectedroom", "1", WITH("cid@c.example/1", "Cid",
	  "<password>Secret</password>"), " not-authorized" },
	{ "passwordprotectedroom", "1", WITH("cid@c.example/1", "Cid",
	  "<password>secret</password>"), "" },
	{ "maxusers", "1", ENTER("cid@c.example/1", "Cid"),
	  " service-unavailable" },
	{ "maxusers", "1", ENTER("bob@b.example/1", "Bob"),
	  " service-unavailable" },
	{ "maxusers", "1", ENTER("admin@example/1", "Root"), "" },
	{ "maxusers", "1", ENTER("ann@a.example/2", "Ann"), "" },
	{ "maxusers", "2", ENTER("cid@c.example/1", "Cid"), "" },
	{ NULL, NULL, WITH("cid@c.example/1", "Cid",
	  "<history maxstanzas='x'/>"), " bad-request" },
	/* What is no request to enter, from somebody outside. */
	{ NULL, NULL, LEAVE("cid@c.example/1", "Cid"), "" },
	{ NULL, NULL, "<presence from='cid@c.example/1' to='r@muc.example' "
	  "type='unavailable'/>", "" },
};

static void
lets_in_or_refuses(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct room *room = fill(bed);
		const char *errors;

		set(room, refusals[i].option, refusals[i].value);
		set(room, "roomsecret", "secret");
		errors = mucbed_errors(bed, refusals[i].stanza);
		if (strcmp(errors, refusals[i].errors) != 0)
			fail_msg("%s:%s", refusals[i].stanza, errors);
		/* Who was refused is not inside. */
		if (*errors != '\0')
			assert_int_equal(HASH_COUNT(room->sessions), 1);
		room_free(&room);
	}
}

/* The errors' types, by their examples. */
static void
says_what_to_do(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	assert_non_null(strstr(mucbed_receive(bed,
			       ENTER("cid@c.example/1", "Ann")),
			       "<error type='cancel' by='r@muc.example'>"
			       "<conflict "));
	assert_non_null(strstr(mucbed_receive(bed,
			       ENTER("dan@d.example/1", "Dan")),
			       "<error type='auth' by='r@muc.example'>"
			       "<forbidden "));
	set(room, "maxusers", "1");
	assert_non_null(strstr(mucbed_receive(bed,
			       ENTER("cid@c.example/1", "Cid")),
			       "<error type='wait' by='r@muc.example'>"
			       "<service-unavailable "));
	set(room, "membersonly", "1");
	assert_non_null(strstr(mucbed_receive(bed,
			       ENTER("cid@c.example/1", "Cid")),
			       "<error type='auth' by='r@muc.example'>"
			       "<registration-required "));
}

/* The order of section 7.1: others, oneself, history, subject. */
static void
welcomes(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	mucbed_receive(bed, "<message from='ann@a.example/1' "
		       "to='r@muc.example' type='groupchat'>"
		       "<subject>News</subject></message>");
	mucbed_receive(bed, "<message from='ann@a.example/1' "
		       "to='r@muc.example' type='groupchat' id='1'>"
		       "<body>hi</body></message>");
	assert_string_equal(mucbed_receive(bed,
		PRESENCE("bob@b.example/1", "Bob",
			 "><show>chat</show>" MUC "</presence>")),
"<presence from='r@muc.example/Bob' to='ann@a.example/1'><show>chat</show>" X
	"<item affiliation='member' role='participant' "
	"jid='bob@b.example/1'/></x></presence>\n"
"<presence from='r@muc.example/Ann' to='bob@b.example/1'>" X
	"<item affiliation='owner' role='moderator'/></x></presence>\n"
"<presence from='r@muc.example/Bob' to='bob@b.example/1'><show>chat</show>" X
	"<item affiliation='member' role='participant' "
	"jid='bob@b.example/1'/><status code='110'/></x></presence>\n"
"<message to='bob@b.example/1' from='r@muc.example/Ann' type='groupchat' "
	"id='1'><body>hi</body><delay xmlns='urn:xmpp:delay' "
	"from='r@muc.example' stamp='now'/></message>\n"
"<message type='groupchat' from='r@muc.example/Ann' to='bob@b.example/1'>"
	"<subject>News</subject><delay xmlns='urn:xmpp:delay' "
	"from='r@muc.example' stamp='now'/></message>\n");
}

/* Sections 7.2.3 and 7.2.12. */
static void
warns(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	const char *sent;

	set(room, "whois", "anyone");
	set(room, "enablelogging", "1");
	sent = mucbed_receive(bed, ENTER("bob@b.example/1", "Bob"));
	assert_non_null(strstr(sent, "<status code='110'/>"
			       "<status code='100'/><status code='170'/>"));
	/* Only to the newcomer. */
	assert_null(strstr(strstr(sent, "code='100'") + 1, "code='100'"));
}

/* Section 10.1.1. */
static void
creates(void **state)
{
	struct mucbed *bed = *state;
	struct room *room;

	assert_string_equal(mucbed_receive(bed,
					   ENTER("ann@a.example/1", "Ann")),
"<presence from='r@muc.example/Ann' to='ann@a.example/1'>" X
	"<item affiliation='owner' role='moderator' jid='ann@a.example/1'/>"
	"<status code='110'/><status code='201'/></x></presence>\n"
"<message type='groupchat' from='r@muc.example' to='ann@a.example/1'>"
	"<subject/></message>\n");
	room = room_find(bed->muc, "r@muc.example");
	assert_int_equal(room->state, ROOM_OPEN);
	/* It was temporary. */
	mucbed_receive(bed, LEAVE("ann@a.example/1", "Ann"));
	assert_null(room_find(bed->muc, "r@muc.example"));
}

static void
locks_a_new_room(void **state)
{
	struct mucbed *bed = *state;

	bed->settings.lock_new_rooms = true;
	mucbed_receive(bed, ENTER("ann@a.example/1", "Ann"));
	assert_string_equal(mucbed_errors(bed,
					  ENTER("bob@b.example/1", "Bob")),
			    " item-not-found");
	assert_string_equal(mucbed_errors(bed,
					  ENTER("ann@a.example/2", "Ann")),
			    "");
	assert_int_equal(room_find(bed->muc, "r@muc.example")->state,
			 ROOM_LOCKED);
	mucbed_receive(bed, LEAVE("ann@a.example/1", "Ann"));
	assert_non_null(room_find(bed->muc, "r@muc.example"));
	/* Who leaves without having configured it gives it up (10.1.3). */
	mucbed_receive(bed, LEAVE("ann@a.example/2", "Ann"));
	assert_null(room_find(bed->muc, "r@muc.example"));
}

static void
creates_for_some_only(void **state)
{
	static const char *const create[] = { "local", "b.example", NULL };
	struct mucbed *bed = *state;

	bed->settings.create = create;
	assert_string_equal(mucbed_errors(bed,
					  ENTER("ann@a.example/1", "Ann")),
			    " not-allowed");
	assert_null(room_find(bed->muc, "r@muc.example"));
	assert_string_equal(mucbed_errors(bed,
					  ENTER("bob@b.example/1", "Bob")),
			    "");
	mucbed_receive(bed, LEAVE("bob@b.example/1", "Bob"));
	/* Of muc.example, example is local. */
	assert_string_equal(mucbed_errors(bed, ENTER("x@example/1", "X")),
			    "");
}

/* Nothing is left of a room that could not be entered. */
static void
creates_nothing_in_vain(void **state)
{
	struct mucbed *bed = *state;

	bed->muc->defaults.persistentroom = true;
	assert_string_equal(mucbed_errors(bed,
					  ENTER("ann@a.example/1", " ")),
			    " jid-malformed");
	assert_null(room_find(bed->muc, "r@muc.example"));
}

/* Section 7.2.18. */
static void
turns_away_who_seems_lost(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	assert_string_equal(mucbed_receive(bed,
				PRESENCE("cid@c.example/1", "Cid", "/>")),
"<presence from='r@muc.example/Cid' to='cid@c.example/1' type='unavailable'>"
	X "<item affiliation='none' role='none'>"
	"<reason>You are not in the room.</reason></item>"
	"<status code='110'/><status code='307'/><status code='333'/></x>"
	"</presence>\n");
}

/* Section 7.2.8: one nick, two clients of one account. */
static void
takes_a_second_client(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct occupant *ann;

	mucbed_receive(bed, ENTER("ann@a.example/2", "Ann"));
	ann = occupant_find(room, "Ann");
	assert_int_equal(HASH_COUNT(room->occupants), 1);
	assert_string_equal(ann->sessions->jid, "ann@a.example/2");
	assert_string_equal(ann->sessions->next->jid, "ann@a.example/1");
	assert_int_equal(ann->role, ROLE_MODERATOR);
}

/* A server may make as many as it likes. */
static void
limits_the_clients(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	bed->settings.max_clients = 2;
	assert_string_equal(mucbed_errors(bed,
					  ENTER("ann@a.example/2", "Ann")),
			    "");
	assert_non_null(strstr(mucbed_receive(bed,
			       ENTER("ann@a.example/3", "Ann")),
			       "<error type='wait' by='r@muc.example'>"
			       "<resource-constraint "));
	assert_int_equal(HASH_COUNT(room->sessions), 2);
	/* Those who are inside may go on, and ask again. */
	bed->settings.max_clients = 1;
	assert_string_equal(mucbed_errors(bed,
					  ENTER("ann@a.example/1", "Ann")),
			    "");
	assert_string_equal(mucbed_errors(bed,
				PRESENCE("ann@a.example/2", "Ann", "/>")),
			    "");
	/* Others have not come to it. */
	assert_string_equal(mucbed_errors(bed,
					  ENTER("cid@c.example/1", "Cid")),
			    "");
	bed->settings.max_clients = 0;
	assert_string_equal(mucbed_errors(bed,
					  ENTER("ann@a.example/3", "Ann")),
			    "");
}

/* Section 17.3: who asks again is told all again. */
static void
tells_all_again(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	mucbed_receive(bed, ENTER("bob@b.example/1", "Bob"));
	assert_string_equal(mucbed_receive(bed,
					   ENTER("bob@b.example/1", "Bob")),
"<presence from='r@muc.example/Bob' to='ann@a.example/1'>" X
	"<item affiliation='member' role='participant' "
	"jid='bob@b.example/1'/></x></presence>\n"
"<presence from='r@muc.example/Ann' to='bob@b.example/1'>" X
	"<item affiliation='owner' role='moderator'/></x></presence>\n"
"<presence from='r@muc.example/Bob' to='bob@b.example/1'>" X
	"<item affiliation='member' role='participant' "
	"jid='bob@b.example/1'/><status code='110'/></x></presence>\n"
"<message type='groupchat' from='r@muc.example' to='bob@b.example/1'>"
	"<subject/></message>\n");
	assert_int_equal(HASH_COUNT(room->sessions), 2);
}

/* How many messages of the past somebody gets who asks for nothing. */
static unsigned
count_history(struct mucbed *bed, const char *stanza)
{
	const char *sent = mucbed_receive(bed, stanza);
	unsigned n = 0;

	while ((sent = strstr(sent, "<body>")) != NULL) {
		sent++;
		n++;
	}
	return n;
}

/* The room says how much, be it more than is usual. */
static void
sends_as_much_as_the_room_says(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	for (int i = 0; i < 40; i++)
		mucbed_receive(bed, "<message from='ann@a.example/1' "
			       "to='r@muc.example' type='groupchat'>"
			       "<body>hi</body></message>");
	assert_int_equal(count_history(bed, ENTER("bob@b.example/1", "Bob")),
			 20);
	set(room, "maxhistoryfetch", "5");
	assert_int_equal(count_history(bed, ENTER("cid@c.example/1", "Cid")),
			 5);
	set(room, "maxhistoryfetch", "30");
	assert_int_equal(count_history(bed, ENTER("eve@e.example/1", "Eve")),
			 30);
	assert_int_equal(count_history(bed, WITH("eve@e.example/2", "Eve2",
			 "<history maxstanzas='25'/>")), 25);
}

/* Section 7.6. */
static void
changes_nick(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	mucbed_receive(bed, ENTER("cid@c.example/1", "Cid"));
	assert_string_equal(mucbed_receive(bed,
				PRESENCE("cid@c.example/1", "Sid", "/>")),
"<presence from='r@muc.example/Cid' to='cid@c.example/1' type='unavailable'>"
	X "<item affiliation='none' role='participant' "
	"jid='cid@c.example/1' nick='Sid'/><status code='303'/>"
	"<status code='110'/></x></presence>\n"
"<presence from='r@muc.example/Cid' to='ann@a.example/1' type='unavailable'>"
	X "<item affiliation='none' role='participant' "
	"jid='cid@c.example/1' nick='Sid'/><status code='303'/></x>"
	"</presence>\n"
"<presence from='r@muc.example/Sid' to='cid@c.example/1'>" X
	"<item affiliation='none' role='participant' "
	"jid='cid@c.example/1'/><status code='110'/></x></presence>\n"
"<presence from='r@muc.example/Sid' to='ann@a.example/1'>" X
	"<item affiliation='none' role='participant' "
	"jid='cid@c.example/1'/></x></presence>\n");
	assert_null(occupant_find(room, "Cid"));
	assert_string_equal(mucbed_errors(bed,
				PRESENCE("cid@c.example/1", "Ann", "/>")),
			    " conflict");
	assert_string_equal(mucbed_errors(bed,
				PRESENCE("cid@c.example/1", "Bob", "/>")),
			    " conflict");
	assert_string_equal(mucbed_errors(bed,
				PRESENCE("cid@c.example/1", " ", "/>")),
			    " jid-malformed");
	assert_non_null(occupant_find(room, "Sid"));
}

/* Section 7.2.8 with 7.10: those who have reserved a nick must use it. */
static void
locks_nicks(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	fill(bed);
	bed->settings.lock_nicks = true;
	sent = mucbed_receive(bed, ENTER("bob@b.example/1", "Rob"));
	assert_non_null(strstr(sent, "<presence from='r@muc.example/Bob' "
			       "to='bob@b.example/1'>" X
			       "<item affiliation='member' role='participant'"
			       " jid='bob@b.example/1'/><status code='110'/>"
			       "<status code='210'/></x></presence>"));
	assert_null(strstr(sent, "Rob"));
	assert_string_equal(mucbed_errors(bed,
				PRESENCE("bob@b.example/1", "Rob", "/>")),
			    " not-acceptable");
	/* Who has none may be called anything. */
	assert_string_equal(mucbed_errors(bed,
					  ENTER("cid@c.example/1", "Cid")),
			    "");
}

/* Sections 7.7 and 7.14. */
static void
comes_and_goes(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	mucbed_receive(bed, ENTER("cid@c.example/1", "Cid"));
	assert_string_equal(mucbed_receive(bed,
		PRESENCE("cid@c.example/1", "Cid",
			 "><show>away</show></presence>")),
"<presence from='r@muc.example/Cid' to='cid@c.example/1'><show>away</show>" X
	"<item affiliation='none' role='participant' jid='cid@c.example/1'/>"
	"<status code='110'/></x></presence>\n"
"<presence from='r@muc.example/Cid' to='ann@a.example/1'><show>away</show>" X
	"<item affiliation='none' role='participant' jid='cid@c.example/1'/>"
	"</x></presence>\n");
	assert_string_equal(mucbed_receive(bed,
		PRESENCE("cid@c.example/1", "Cid", " type='unavailable'>"
			 "<status>bye</status>" MUC "</presence>")),
"<presence from='r@muc.example/Cid' to='cid@c.example/1' type='unavailable'>"
	"<status>bye</status>" X "<item affiliation='none' role='none' "
	"jid='cid@c.example/1'/><status code='110'/></x></presence>\n"
"<presence from='r@muc.example/Cid' to='ann@a.example/1' type='unavailable'>"
	"<status>bye</status>" X "<item affiliation='none' role='none' "
	"jid='cid@c.example/1'/></x></presence>\n");
	assert_int_equal(HASH_COUNT(room->sessions), 1);
}

/* Time stands still, so nobody may change for ever. */
static void
limits_changes(void **state)
{
	struct mucbed *bed = *state;
	unsigned refused = 0;

	fill(bed);
	for (int i = 0; i < 25; i++)
		refused += *mucbed_errors(bed,
			PRESENCE("ann@a.example/1", "Ann", "/>")) != '\0';
	assert_int_equal(refused, 5);
	assert_string_equal(mucbed_errors(bed,
			PRESENCE("ann@a.example/1", "Ann", "/>")),
			    " resource-constraint");
	bed->settings.max_presence = 100;
	assert_string_equal(mucbed_errors(bed,
			PRESENCE("cid@c.example/1", "Cid", ">" MUC
				 "<status>12345678901234567890</status>"
				 "</presence>")), " policy-violation");
}

/* With the longest address of a person (RFC 7622) it fits into a key of
   PostgreSQL. */
static void
refuses_rooms_with_long_addresses(void **state)
{
	struct mucbed *bed = *state;
	char local[600];

	/* With "@muc.example" behind it 600 bytes. */
	memset(local, 'r', 588);
	local[588] = '\0';
	assert_string_equal(mucbed_errors(bed, arena_printf(bed->arena,
		"<presence from='ann@a.example/1' to='%s@muc.example/Ann'>"
		MUC "</presence>", local)), "");
	assert_string_equal(mucbed_errors(bed, arena_printf(bed->arena,
		"<presence from='ann@a.example/1' to='%sr@muc.example/Ann'>"
		MUC "</presence>", local)), " not-acceptable");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(lets_in_or_refuses),
		TEST(says_what_to_do),
		TEST(welcomes),
		TEST(warns),
		TEST(creates),
		TEST(locks_a_new_room),
		TEST(creates_for_some_only),
		TEST(creates_nothing_in_vain),
		TEST(turns_away_who_seems_lost),
		TEST(takes_a_second_client),
		TEST(limits_the_clients),
		TEST(tells_all_again),
		TEST(sends_as_much_as_the_room_says),
		TEST(changes_nick),
		TEST(locks_nicks),
		TEST(comes_and_goes),
		TEST(limits_changes),
		TEST(refuses_rooms_with_long_addresses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_enter", tests, NULL, NULL);
}
