#include "components/muc/tomb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/chronicle_address.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/archive_burial.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "t/lib/fake_store.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define SAY(from, id, children) \
	"<message from='" from "' to='r@muc.example' type='groupchat' " \
	"id='" id "'>" children "</message>"
#define RETRACT "<retract xmlns='urn:xmpp:message-retract:1' id='%s'/>"

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		assert_string_equal(text, part);
}

/* What is left has the ids, and those attributes that the message had. */
static void
is_left_of_what_its_author_retracts(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast_lasting(bed, "Ann Bob Cid Mod");
	const char *id, *text;

	mucbed_receive(bed, SAY(BOB, "m1", "<body>oh</body>"
				"<a xmlns='urn:a'/>"));
	id = mucbed_last_id(bed, room);
	mucbed_receive(bed, SAY(ANN, "m2", "<body>what?</body>"));
	mucbed_receive(bed, arena_printf(bed->arena, SAY(BOB, "m3", RETRACT),
					 id));
	text = room->history.first->text;
	assert_has(text, " from='r@muc.example/Bob' type='groupchat' id='m1'>"
			 "<retracted xmlns='urn:xmpp:message-retract:1' "
			 "stamp='");
	assert_has(text, " id='m3'/><occupant-id ");
	assert_has(text, arena_printf(bed->arena, " id='%s'/></message>",
				      id));
	assert_null(strstr(text, "oh"));
	assert_null(strstr(text, "urn:a"));
	assert_has(room->history.last->text, "what?");
	assert_int_equal(room->history.count, 2);
	mucbed_save(bed);
	assert_int_equal(fake_store_ask(bed->runtime.store,
		"SELECT count(*) FROM muc_history WHERE "
		"stanza LIKE '%<retracted %' AND stanza NOT LIKE '%oh%'"), 1);
	assert_int_equal(fake_store_ask(bed->runtime.store,
		"SELECT count(*) FROM muc_history"), 2);
}

/* Whatever is asked for again. */
static void
stays_as_it_is(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast_lasting(bed, "Ann Bob Cid Mod");
	const char *id;

	mucbed_receive(bed, SAY(BOB, "m1", "<body>oh</body>"));
	id = mucbed_last_id(bed, room);
	mucbed_save(bed);
	mucbed_receive(bed, arena_printf(bed->arena, SAY(BOB, "m2", RETRACT),
					 id));
	mucbed_save(bed);
	mucbed_receive(bed, arena_printf(bed->arena, SAY(BOB, "m3", RETRACT),
					 id));
	assert_has(room->history.first->text, " id='m2'/><occupant-id ");
	assert_int_equal(fake_store_ask(bed->runtime.store,
		"SELECT count(*) FROM muc_history WHERE "
		"stanza LIKE '%<retracted % id=''m2''/>%'"), 1);
}

#define EDIT(body, id) "<body>" body "</body>" \
	"<replace xmlns='urn:xmpp:message-correct:0' id='" id "'/>"

static unsigned
count_buried(const struct room *room)
{
	const struct history_item *item = room->history.first;
	unsigned n = 0;

	for (; item != NULL; item = item->next)
		n += strstr(item->text, "<retracted ") != NULL;
	return n;
}

/* But for what others say, or is about another one of that id. */
static void
takes_what_was_said_in_its_place(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast_lasting(bed, "Ann Bob Cid Mod");
	const char *id;

	mucbed_receive(bed, SAY(BOB, "m1", "<body>oh</body>"));
	id = mucbed_last_id(bed, room);
	mucbed_receive(bed, SAY(BOB, "m2", EDIT("ugly", "m1")));
	mucbed_receive(bed, SAY(ANN, "m3", EDIT("ann's", "m1")));
	mucbed_receive(bed, SAY(BOB, "m4", EDIT("uglier", "m1")));
	mucbed_receive(bed, SAY(BOB, "m5", EDIT("other", "m0")));
	mucbed_receive(bed, SAY(BOB, "m1", "<body>anew</body>"));
	mucbed_receive(bed, SAY(BOB, "m6", EDIT("anew too", "m1")));
	mucbed_save(bed);
	mucbed_receive(bed, arena_printf(bed->arena, SAY(BOB, "m7", RETRACT),
					 id));
	assert_int_equal(count_buried(room), 3);
	assert_int_equal(room->history.count, 7);
	mucbed_save(bed);
	assert_int_equal(fake_store_ask(bed->runtime.store,
		"SELECT count(*) FROM muc_history WHERE "
		"stanza LIKE '%<retracted % id=''m7''/>%'"), 3);
	assert_int_equal(fake_store_ask(bed->runtime.store,
		"SELECT count(*) FROM muc_history WHERE "
		"stanza LIKE '%>ugl%'"), 0);
}

/* Bob's message leaves the history, with two that he said in its place, one of
   them later, in it.  Returns the id of the one that is gone. */
static const char *
leave_behind(struct mucbed *bed, const struct room *room)
{
	const char *id;

	bed->settings.history = 5;
	mucbed_receive(bed, SAY(BOB, "m1", "<body>oh</body>"));
	id = mucbed_last_id(bed, room);
	mucbed_receive(bed, SAY(ANN, "a1", "<body>what?</body>"));
	mucbed_receive(bed, SAY(BOB, "m2", EDIT("ugly", "m1")));
	mucbed_receive(bed, SAY(ANN, "m3", EDIT("ann's", "m1")));
	mucbed_receive(bed, SAY(ANN, "a2", "<body>what?</body>"));
	mucbed_receive(bed, SAY(ANN, "a3", "<body>what?</body>"));
	mucbed_receive(bed, SAY(BOB, "m4", EDIT("uglier", "m1")));
	assert_null(strstr(room->history.first->text, ">oh<"));
	assert_has(room->history.first->text, ">ugly<");
	mucbed_save(bed);
	return id;
}

static void
takes_what_was_said_in_place_of_what_is_gone(void **state)
{
	struct mucbed *bed = *state;
	const char *id = leave_behind(bed, mucbed_cast_lasting(
		bed, "Ann Bob Cid Mod"));
	const struct room *room;

	mucbed_crash(bed);
	mucbed_receive(bed, arena_printf(bed->arena, SAY(ANN, "m5", RETRACT),
					 id));
	room = room_find(bed->muc, "r@muc.example");
	assert_int_equal(count_buried(room), 0);
	mucbed_receive(bed, arena_printf(bed->arena, SAY(BOB, "m6", RETRACT),
					 id));
	assert_int_equal(count_buried(room), 2);
	assert_has(room->history.last->text, "<retracted ");
	mucbed_save(bed);
	assert_int_equal(fake_store_ask(bed->runtime.store,
		"SELECT count(*) FROM muc_history WHERE "
		"stanza LIKE '%>ugl%'"), 0);
}

static void
takes_it_for_moderators(void **state)
{
	struct mucbed *bed = *state;
	const struct room *room = mucbed_cast_lasting(bed, "Ann Bob Cid Mod");
	const char *id = leave_behind(bed, room);
	const char *request = arena_printf(bed->arena,
		"<iq type='set' id='q' from='" MOD "' to='r@muc.example'>"
		"<moderate xmlns='urn:xmpp:message-moderate:1' id='%s'>"
		"<retract xmlns='urn:xmpp:message-retract:1'/></moderate>"
		"</iq>", id);

	assert_has(mucbed_receive(bed, request), "type='result'");
	assert_int_equal(count_buried(room), 2);
	/* Nothing is left that could go. */
	assert_has(mucbed_receive(bed, request), "<item-not-found ");
	assert_int_equal(count_buried(room), 2);
}

#define FORGED "forgedforgedforgedforged"

static void
is_no_others(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast_lasting(bed, "Ann Bob Cid Mod");
	const char *targets[] = { NULL, "nothing", "",
				  "abcdefghijklmnopqrstuvwx", "m1",
				  "x&apos;/>" };

	mucbed_receive(bed, SAY(BOB, "m1", "<body>oh</body>"));
	targets[0] = mucbed_last_id(bed, room);
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		mucbed_receive(bed, arena_printf(bed->arena,
				SAY(ANN, "m2", RETRACT), targets[i]));
		assert_has(room->history.first->text, "<body>oh</body>");
	}
	/* An id that Bob makes up within is none of the room's. */
	mucbed_receive(bed, SAY(BOB, "m3", "<body>mine</body><a xmlns='urn:a'>"
		"<stanza-id xmlns='urn:xmpp:sid:0' by='r@muc.example' "
		"id='" FORGED "'/></a>"));
	mucbed_receive(bed, SAY(BOB, "m4",
		"<retract xmlns='urn:xmpp:message-retract:1' "
		"id='" FORGED "'/>"));
	assert_has(room->history.last->text, "mine");
}

#define BURIED "SELECT count(*) FROM muc_history WHERE " \
	"stanza LIKE '%<retracted %' AND stanza NOT LIKE '%oh%'"

/* Though rooms are written a moment after they have changed. */
static void
is_stored_before_the_archive_has_it(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast_lasting(bed, "Ann Bob Cid Mod");
	struct archive_row row = {
		.mark = { .serial = 256, .stamp = 1, .uid = "u2" },
		.type = ARCHIVE_GROUPCHAT, .relation = ARCHIVE_RETRACTION,
		.sender = "bob@b.example", .resource = "",
		.recipient = chronicle_address(room, bed->arena),
		.to_resource = "Bob", .id = "m2",
	};

	mucbed_receive(bed, SAY(BOB, "m1", "<body>oh</body>"));
	row.about = mucbed_last_id(bed, room);
	assert_true(tomb_bury(room, row.about, NULL,
			      archive_burial_left(bed->arena, &row)));
	assert_int_equal(fake_store_ask(bed->runtime.store, BURIED), 0);
	tomb_recall(bed->muc, &row);
	assert_int_equal(fake_store_ask(bed->runtime.store, BURIED), 1);
}

/* Whatever service has made them. */
static void
is_of_what_has_an_id(void **state)
{
	char longest[ARCHIVE_UID_MAX + 2];

	(void)state;
	assert_true(tomb_is_id("abcdefghijklmnopqrstuvwx"));
	assert_true(tomb_is_id("1795953600000000"));
	assert_true(tomb_is_id("0190a3c2-1a5b-7c3d-9e8f-0123456789ab"));
	assert_true(tomb_is_id("1795953600000000 0123456789abcdef"));
	assert_false(tomb_is_id(NULL));
	assert_false(tomb_is_id(""));
	memset(longest, 'x', sizeof(longest));
	longest[ARCHIVE_UID_MAX + 1] = '\0';
	assert_false(tomb_is_id(longest));
	longest[ARCHIVE_UID_MAX] = '\0';
	assert_true(tomb_is_id(longest));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(is_left_of_what_its_author_retracts),
		TEST(stays_as_it_is),
		TEST(takes_what_was_said_in_its_place),
		TEST(takes_what_was_said_in_place_of_what_is_gone),
		TEST(takes_it_for_moderators),
		TEST(is_no_others),
		TEST(is_stored_before_the_archive_has_it),
		TEST(is_of_what_has_an_id),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_tomb", tests, NULL, NULL);
}
