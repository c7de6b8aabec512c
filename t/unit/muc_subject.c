#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "t/lib/fake_store.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define SAY(from, children) \
	"<message from='" from "' to='r@muc.example' type='groupchat'>" \
	children "</message>"
#define SUBJECT(text) "<subject>" text "</subject>"

/* A moderator, a participant and a visitor. */
static struct room *
fill(struct mucbed *bed)
{
	struct room *room = mucbed_room(bed, "r@muc.example");

	mucbed_add(room, "Ann", ANN, AFFILIATION_NONE, ROLE_MODERATOR);
	mucbed_enter(room, "Bob Vic");
	room_set_subject(room, SUBJECT("old"), "Zoe", 1);
	return room;
}

/* Section 8.1: who may, as the room is configured, and what becomes of the
   subject, and of who has set it. */
static const struct {
	const char *stanza;
	bool changesubject;
	const char *errors;
	const char *text, *nick;
} cases[] = {
	{ SAY(ANN, SUBJECT("new")), false, "", SUBJECT("new"), "Ann" },
	{ SAY(ANN, SUBJECT("new")), true, "", SUBJECT("new"), "Ann" },
	{ SAY(BOB, SUBJECT("new")), false, " forbidden", SUBJECT("old"),
	  "Zoe" },
	{ SAY(BOB, SUBJECT("new")), true, "", SUBJECT("new"), "Bob" },
	{ SAY(VIC, SUBJECT("new")), true, " forbidden", SUBJECT("old"),
	  "Zoe" },
	{ SAY(OUT, SUBJECT("new")), true, " not-acceptable", SUBJECT("old"),
	  "Zoe" },
	{ "<message from='" ANN "' to='s@muc.example' type='groupchat'>"
	  SUBJECT("new") "</message>", true, " item-not-found",
	  SUBJECT("old"), "Zoe" },
	/* It is taken away. */
	{ SAY(ANN, "<subject/>"), false, "", "<subject/>", "Ann" },
	{ SAY(ANN, SUBJECT("a &lt; b")), false, "", SUBJECT("a &lt; b"),
	  "Ann" },
	/* In several languages. */
	{ SAY(ANN, SUBJECT("one") "<subject xml:lang='de'>eins</subject>"),
	  false, "", SUBJECT("one") "<subject xml:lang='de'>eins</subject>",
	  "Ann" },
	/* Nothing else of the message is kept. */
	{ SAY(ANN, "<a xmlns='urn:a'/>" SUBJECT("new") "<b xmlns='urn:b'/>"),
	  false, "", SUBJECT("new"), "Ann" },
	/* That is talk with a title. */
	{ SAY(ANN, SUBJECT("new") "<body>hi</body>"), false, "",
	  SUBJECT("old"), "Zoe" },
	{ SAY(BOB, SUBJECT("new") "<body>hi</body>"), false, "",
	  SUBJECT("old"), "Zoe" },
	{ SAY(ANN, SUBJECT("new") "<thread>t</thread>"), false, "",
	  SUBJECT("old"), "Zoe" },
};

static void
is_set_by_those_who_may(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct room *room = fill(bed);
		const char *errors;

		room->options.changesubject = cases[i].changesubject;
		errors = mucbed_errors(bed, cases[i].stanza);
		if (strcmp(errors, cases[i].errors) != 0)
			fail_msg("%s:%s", cases[i].stanza, errors);
		assert_string_equal(mucbed_without_ids(bed,
						       room->subject.text),
				    cases[i].text);
		assert_string_equal(room->subject.nick, cases[i].nick);
		/* Subjects are no history (7.2.13). */
		if (strstr(cases[i].stanza, "<body>") == NULL)
			assert_int_equal(room->history.count, 0);
		room_free(&room);
	}
}

/* All see the message, its author too. */
static void
is_told_to_all(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
#define SENT(to) \
	"<message from='r@muc.example/Ann' type='groupchat' to='" to "'>" \
	SUBJECT("new") "</message>\n"
	assert_string_equal(mucbed_receive(bed, SAY(ANN, SUBJECT("new"))),
			    SENT(ANN) SENT(BOB) SENT(VIC));
}

static void
is_stored(void **state)
{
	struct mucbed *bed = *state;
	struct store *store = bed->runtime.store;

	fill(bed);
	mucbed_receive(bed, SAY(ANN, SUBJECT("one")));
	mucbed_receive(bed, SAY(ANN, SUBJECT("two")));
	assert_int_equal(fake_store_ask(store, "SELECT count(*) FROM muc_room "
			 "WHERE jid = 'r@muc.example' AND subject LIKE "
			 "'<subject>two</subject>%' AND subject_nick = 'Ann'"),
			 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(is_set_by_those_who_may),
		TEST(is_told_to_all),
		TEST(is_stored),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_subject", tests, NULL, NULL);
}
