#include "components/muc/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/roomstore.h"
#include "shared/arena.h"
#include "t/lib/fake_store.h"
#include "t/lib/mucbed.h"

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
#define ROOM "garden@muc.example"

static void
assert_says(const char *sent, const char *type, const char *text)
{
	char note[512];

	snprintf(note, sizeof(note), "<note type='%s'>%s</note>", type, text);
	if (strstr(sent, note) == NULL)
		fail_msg("no %s in %s", note, sent);
}

static int64_t
stored(struct mucbed *bed, const char *sql)
{
	return fake_store_ask(bed->runtime.store, sql);
}

static void
a_room_is_created(void **state)
{
	struct mucbed *bed = *state;
	struct room *room;

	assert_says(MUCBED_COMMAND(bed, "create", "room=garden",
				   "options=roomname=Garden",
				   "options=membersonly=1"), "info",
		    ROOM " was created, owned by admin@example.");
	room = room_find(bed->muc, ROOM);
	assert_non_null(room);
	assert_int_equal(room->state, ROOM_OPEN);
	assert_true(room->options.membersonly);
	assert_true(room->options.persistentroom);
	assert_string_equal(room->options.roomname, "Garden");
	assert_int_equal(stored(bed, "SELECT count(*) FROM muc_room WHERE "
				"roomname = 'Garden'"), 1);
	assert_int_equal(stored(bed, "SELECT count(*) FROM muc_affiliation "
				"WHERE affiliation = 'owner' AND jid = "
				"'admin@example'"), 1);
	assert_says(MUCBED_COMMAND(bed, "create", "room=garden"), "error",
		    ROOM " is there already");
}

static void
it_may_be_for_another(void **state)
{
	assert_says(MUCBED_COMMAND(*state, "create", "room=" ROOM,
				   "owner=Ann@b.example/x"), "info",
		    ROOM " was created, owned by ann@b.example.");
}

static void
one_in_the_store_is_there_already(void **state)
{
	struct mucbed *bed = *state;
	struct room *room;

	MUCBED_COMMAND(bed, "create", "room=garden");
	room = room_find(bed->muc, ROOM);
	room_free(&room);
	assert_says(MUCBED_COMMAND(bed, "create", "room=garden"), "error",
		    ROOM " is there already");
}

static const struct {
	const char *command;
	const char *fields[4];
	const char *text;
} wrong[] = {
	{ "create", { "room=x@elsewhere" }, "x@elsewhere is not the address "
	  "of a room of muc.example" },
	{ "create", { "room=x@muc.example/nick" }, "x@muc.example/nick is not "
	  "the address of a room of muc.example" },
	{ "create", { "room=a b" }, NULL },
	{ "create", { "room=@" }, NULL },
	{ "create", { "room=x", "options=odd=1" }, "no option odd" },
	{ "create", { "room=x", "options=roomname" },
	  "roomname is not NAME=VALUE" },
	{ "create", { "room=x", "options=persistentroom=0" },
	  "a room that nobody is in must be persistent" },
	{ "create", { "room=x", "options=passwordprotectedroom=1" },
	  "a password-protected room needs a password" },
	{ "configure", { "room=x", "options=membersonly=1" },
	  "there is no room x@muc.example" },
	{ "configure", { "room=" ROOM, "options=membersonly=maybe" },
	  "muc#roomconfig_membersonly: neither yes nor no" },
	{ "configure", { "room=" ROOM, "options=whois=all" },
	  "muc#roomconfig_whois: none of moderators, anyone" },
	{ "configure", { "room=" ROOM, "options=membersonly=1",
			 "options=odd=1" }, "no option odd" },
	{ "configure", { "room=" ROOM, "options=persistentroom=0" },
	  "a room that nobody is in must be persistent" },
	{ "destroy", { "room=x" }, "there is no room x@muc.example" },
};

static void
what_makes_no_sense_is_refused(void **state)
{
	struct mucbed *bed = *state;

	MUCBED_COMMAND(bed, "create", "room=garden");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *sent = mucbed_command(bed, wrong[i].command,
						  wrong[i].fields);

		if (wrong[i].text != NULL)
			assert_says(sent, "error", wrong[i].text);
		else
			assert_non_null(strstr(sent, "<note type='error'>"));
		assert_null(room_find(bed->muc, "x@muc.example"));
	}
	assert_false(room_find(bed->muc, ROOM)->options.membersonly);
	assert_true(room_find(bed->muc, ROOM)->options.persistentroom);
}

static void
options_change_and_people_are_told(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, ROOM);
	const char *sent;

	room->options.persistentroom = true;
	mucbed_add(room, "Ann", "a@b/1", AFFILIATION_OWNER, ROLE_MODERATOR);
	mucbed_add(room, "Bob", "b@b/1", AFFILIATION_NONE, ROLE_PARTICIPANT);
	roomstore_save(room);
	sent = MUCBED_COMMAND(bed, "configure", "room=garden",
			      "options=membersonly=1", "options=roomname=New");
	assert_says(sent, "info", ROOM " was configured.");
	assert_non_null(strstr(sent, "code='104'"));
	/* Not a member. */
	assert_non_null(strstr(sent, "code='322'"));
	assert_int_equal(HASH_COUNT(room->occupants), 1);
	assert_int_equal(stored(bed, "SELECT count(*) FROM muc_room WHERE "
				"membersonly = 1 AND roomname = 'New'"), 1);
}

static void
a_stored_room_is_configured(void **state)
{
	struct mucbed *bed = *state;
	struct room *room;

	MUCBED_COMMAND(bed, "create", "room=garden");
	room = room_find(bed->muc, ROOM);
	room_free(&room);
	assert_says(MUCBED_COMMAND(bed, "configure", "room=garden",
				   "options=roomname=New"), "info",
		    ROOM " was configured.");
	assert_int_equal(stored(bed, "SELECT count(*) FROM muc_room WHERE "
				"roomname = 'New'"), 1);
}

static void
a_room_is_destroyed(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, ROOM);
	const char *sent;

	room->options.persistentroom = true;
	mucbed_add(room, "Ann", "a@b/1", AFFILIATION_OWNER, ROLE_MODERATOR);
	roomstore_save(room);
	mucbed_save(bed);
	sent = MUCBED_COMMAND(bed, "destroy", "room=garden",
			      "reason=no more", "venue=hall@muc.example");
	assert_says(sent, "info", ROOM " was destroyed.");
	assert_non_null(strstr(sent, "<destroy jid='hall@muc.example'>"
			       "<reason>no more</reason></destroy>"));
	assert_null(room_find(bed->muc, ROOM));
	assert_int_equal(stored(bed, "SELECT count(*) FROM muc_room"), 0);
}

static void
a_stored_room_is_destroyed(void **state)
{
	struct mucbed *bed = *state;
	struct room *room;

	MUCBED_COMMAND(bed, "create", "room=garden");
	room = room_find(bed->muc, ROOM);
	room_free(&room);
	MUCBED_COMMAND(bed, "destroy", "room=garden");
	assert_int_equal(stored(bed, "SELECT count(*) FROM muc_room"), 0);
}

static void
a_database_that_is_away_is_told(void **state)
{
	struct mucbed *bed = *state;

	fake_store_set_away(bed->runtime.store, true);
	assert_says(MUCBED_COMMAND(bed, "destroy", "room=garden"), "error",
		    "away");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_room_is_created),
		TEST(it_may_be_for_another),
		TEST(one_in_the_store_is_there_already),
		TEST(what_makes_no_sense_is_refused),
		TEST(options_change_and_people_are_told),
		TEST(a_stored_room_is_configured),
		TEST(a_room_is_destroyed),
		TEST(a_stored_room_is_destroyed),
		TEST(a_database_that_is_away_is_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
