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

#define WHISPER(from, nick, type, children) \
	"<message from='" from "' to='r@muc.example/" nick "'" type ">" \
	children "</message>"
#define CHAT " type='chat'"
#define BODY "<body>psst</body>"
#define MARK "<x xmlns='http://jabber.org/protocol/muc#user'/>"

/* A moderator, a participant with two clients, and a visitor. */
static struct room *
fill(struct mucbed *bed)
{
	struct room *room = mucbed_room(bed, "r@muc.example");

	mucbed_add(room, "Ann", ANN, AFFILIATION_NONE, ROLE_MODERATOR);
	mucbed_enter(room, "Bob Bob2 Vic");
	return room;
}

/* Who may, by the room's option. */
static const struct {
	enum option_allowpm allowpm;
	const char *from;
	const char *errors;
} rights[] = {
	{ ALLOWPM_ANYONE, ANN, "" },
	{ ALLOWPM_ANYONE, BOB2, "" },
	{ ALLOWPM_ANYONE, VIC, "" },
	{ ALLOWPM_PARTICIPANTS, ANN, "" },
	{ ALLOWPM_PARTICIPANTS, BOB, "" },
	{ ALLOWPM_PARTICIPANTS, VIC, " forbidden" },
	{ ALLOWPM_MODERATORS, ANN, "" },
	{ ALLOWPM_MODERATORS, BOB, " forbidden" },
	{ ALLOWPM_MODERATORS, VIC, " forbidden" },
	{ ALLOWPM_NONE, ANN, " forbidden" },
	{ ALLOWPM_NONE, BOB, " forbidden" },
	{ ALLOWPM_NONE, VIC, " forbidden" },
	{ ALLOWPM_ANYONE, OUT, " not-acceptable" },
	{ ALLOWPM_NONE, OUT, " not-acceptable" },
};

static void
asks_who_may(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(rights); i++) {
		struct room *room = fill(bed);
		const char *errors;

		room->options.allowpm = rights[i].allowpm;
		errors = mucbed_errors(bed, arena_printf(bed->arena,
				WHISPER("%s", "Ann", CHAT, BODY),
				rights[i].from));
		if (strcmp(errors, rights[i].errors) != 0)
			fail_msg("case %zu:%s", i, errors);
		room_free(&room);
	}
}

/* Section 7.5: to whom, and what. */
static const struct {
	const char *stanza;
	const char *errors;
} refusals[] = {
	{ WHISPER(ANN, "Cid", CHAT, BODY), " item-not-found" },
	{ WHISPER(ANN, "ann", CHAT, BODY), " item-not-found" },
	{ WHISPER(ANN, "Bob", " type='groupchat'", BODY), " bad-request" },
	{ "<message from='" ANN "' to='s@muc.example/Bob'/>",
	  " item-not-found" },
	{ WHISPER(ANN, "Ann", CHAT, BODY), "" },
	{ WHISPER(ANN, "Bob", "", BODY), "" },
};

static void
refuses(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const char *errors = mucbed_errors(bed, refusals[i].stanza);

		if (strcmp(errors, refusals[i].errors) != 0)
			fail_msg("%s:%s", refusals[i].stanza, errors);
	}
}

#define SENT(from, to, type, children) \
	"<message from='r@muc.example/" from "' to='" to "'" type ">" \
	children MARK "</message>\n"

/* What arrives, marked as sent through a room. */
static const struct {
	const char *stanza;
	const char *sent;
} cases[] = {
	{ WHISPER(ANN, "Vic", CHAT, BODY), SENT("Ann", VIC, CHAT, BODY) },
	{ WHISPER(ANN, "Vic", "", BODY), SENT("Ann", VIC, "", BODY) },
	{ WHISPER(VIC, "Ann", CHAT, "<a xmlns='urn:a'>b</a>"),
	  SENT("Vic", ANN, CHAT, "<a xmlns='urn:a'>b</a>") },
	/* Every client of the nick, the newest first. */
	{ WHISPER(ANN, "Bob", CHAT, BODY),
	  SENT("Ann", BOB2, CHAT, BODY) SENT("Ann", BOB, CHAT, BODY) },
	/* What only a room says is not passed on: a mark of its own, and
	   times. */
	{ WHISPER(ANN, "Vic", CHAT, "<x xmlns='http://jabber.org/protocol/"
		  "muc#user'><status code='307'/></x>" BODY
		  "<delay xmlns='urn:xmpp:delay' stamp='2002-10-13T23:58:37Z' "
		  "from='ann@a.example'/>"), SENT("Ann", VIC, CHAT, BODY) },
	/* To oneself. */
	{ WHISPER(VIC, "Vic", CHAT, BODY), SENT("Vic", VIC, CHAT, BODY) },
};

static void
delivers(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(mucbed_receive(bed, cases[i].stanza),
				    cases[i].sent);
	/* Nothing of it is history. */
	assert_int_equal(room->history.count, 0);
}

/* Talk and whispers count together; time stands still. */
static void
is_limited(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	bed->settings.message_burst = 2;
	assert_string_equal(mucbed_errors(bed,
			    WHISPER(ANN, "Vic", CHAT, BODY)), "");
	assert_string_equal(mucbed_errors(bed,
			    "<message from='" ANN "' to='r@muc.example' "
			    "type='groupchat'>" BODY "</message>"), "");
	assert_string_equal(mucbed_errors(bed,
			    WHISPER(ANN, "Vic", CHAT, BODY)),
			    " resource-constraint");
	bed->settings.max_message = 10;
	assert_string_equal(mucbed_errors(bed,
			    WHISPER(VIC, "Ann", CHAT, BODY)),
			    " policy-violation");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(asks_who_may),
		TEST(refuses),
		TEST(delivers),
		TEST(is_limited),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_private", tests, NULL, NULL);
}
