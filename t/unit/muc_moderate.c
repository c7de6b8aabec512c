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

#define SAY(from, id, children) \
	"<message from='" from "' to='r@muc.example' type='groupchat' " \
	"id='" id "'>" children "</message>"
#define MODERATE \
	"<iq from='%s' to='r@muc.example' type='set' id='q1'><moderate " \
	"xmlns='urn:xmpp:message-moderate:1' id='%s'>%s</moderate></iq>"
#define HOW "<retract xmlns='urn:xmpp:message-retract:1'/>"

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		assert_string_equal(text, part);
}

static void
retracts_for_all(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast_lasting(bed, "Ann Bob Cid Mod");
	const char *id, *sent, *text;

	mucbed_receive(bed, SAY(BOB, "m1", "<body>oh</body>"));
	id = mucbed_last_id(bed, room);
	sent = mucbed_receive_whole(bed, arena_printf(bed->arena, MODERATE,
				    MOD, id, HOW "<reason>a &lt; b</reason>"));
	assert_has(sent, "<message from='r@muc.example' type='groupchat' id='");
	assert_has(sent, arena_printf(bed->arena, "<retract xmlns='urn:xmpp:"
		"message-retract:1' id='%s'><moderated xmlns='urn:xmpp:"
		"message-moderate:1' by='r@muc.example/Mod'><occupant-id "
		"xmlns='urn:xmpp:occupant-id:0' id='%s'/></moderated><reason>"
		"a &lt; b</reason></retract></message>", id,
		occupant_find(room, "Mod")->pseudonym));
	assert_has(sent, "type='result' id='q1'");
	text = room->history.first->text;
	assert_has(text, "<moderated xmlns='urn:xmpp:message-moderate:1' "
			 "by='r@muc.example/Mod'>");
	assert_has(text, "<reason>a &lt; b</reason></retracted>");
	assert_has(text, occupant_find(room, "Bob")->pseudonym);
	assert_null(strstr(text, "oh"));
	assert_int_equal(room->history.count, 1);
}

/* Who asks what, of a message of Bob's. */
static const struct {
	const char *from, *target, *how, *errors;
} requests[] = {
	{ BOB, NULL, HOW, " forbidden" },
	{ CID, NULL, HOW, " forbidden" },
	{ OUT, NULL, HOW, " not-acceptable" },
	{ MOD, NULL, "", " bad-request" },
	{ MOD, NULL, "<reason>so</reason>", " bad-request" },
	{ MOD, "nothing", HOW, " item-not-found" },
	{ MOD, "abcdefghijklmnopqrstuvwx", HOW, " item-not-found" },
	{ ANN, NULL, HOW, "" },
	/* That was done. */
	{ ANN, NULL, HOW, "" },
};

static void
is_for_moderators(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast_lasting(bed, "Ann Bob Cid Mod");
	const char *id;

	mucbed_receive(bed, SAY(BOB, "m1", "<body>oh</body>"));
	id = mucbed_last_id(bed, room);
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		const char *target = requests[i].target ? requests[i].target :
							  id;
		const char *errors = mucbed_errors(bed, arena_printf(
			bed->arena, MODERATE, requests[i].from, target,
			requests[i].how));

		if (strcmp(errors, requests[i].errors) != 0)
			fail_msg("case %zu:%s", i, errors);
		assert_int_equal(strstr(room->history.first->text, "oh") ==
				 NULL, *errors == '\0');
	}
}

#define MARK "<moderated xmlns='urn:xmpp:message-moderate:1' by='%s'"
#define RETRACT "<retract xmlns='urn:xmpp:message-retract:1' id='%s'/>"

static void
read_anew(struct mucbed *bed, struct room *room)
{
	const struct history_item *item = room->history.first;
	const char *text = arena_strdup(bed->arena, item->text);
	int64_t serial = item->serial, stamp = item->stamp;

	history_clear(&room->history);
	history_restore(&room->history, serial, stamp, text, NULL);
}

/* A message's author takes no mark away, also where it was made before the
   service was started; but one that he has made up does not protect it. */
static void
is_not_taken_back(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast_lasting(bed, "Ann Bob Cid Mod");
	const char *id, *mark = arena_printf(bed->arena, MARK,
					     "r@muc.example/Mod");

	mucbed_receive(bed, SAY(BOB, "m1", "<retracted "
		"xmlns='urn:xmpp:message-retract:1'><moderated "
		"xmlns='urn:xmpp:message-moderate:1' by='b'/></retracted>"
		"<body>oh</body>"));
	id = mucbed_last_id(bed, room);
	mucbed_receive(bed, arena_printf(bed->arena, MODERATE, MOD, id, HOW));
	assert_has(room->history.first->text, mark);
	assert_null(strstr(room->history.first->text, "oh"));
	read_anew(bed, room);
	mucbed_receive(bed, arena_printf(bed->arena, SAY(BOB, "m2", RETRACT),
					 id));
	assert_has(room->history.first->text, mark);
	mucbed_receive(bed, arena_printf(bed->arena, MODERATE, ANN, id, HOW));
	assert_has(room->history.first->text, arena_printf(bed->arena, MARK,
		   "r@muc.example/Ann"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(retracts_for_all),
		TEST(is_for_moderators),
		TEST(is_not_taken_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_moderate", tests, NULL, NULL);
}
