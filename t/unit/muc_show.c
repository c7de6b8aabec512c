#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/commands.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/roomstore.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/calls.h"
#include "shared/form.h"
#include "t/lib/mucbed.h"

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)

enum {
	ROOM, STATE, SUBJECT, OCCUPANTS, OWNERS, AFFILIATIONS, HISTORY,
	OPTIONS, COLUMNS,
};

/* What the command said. */
static struct {
	unsigned rows;
	const char *cells[COLUMNS];
	const char *end;	/* "", or the error's text */
} shown;

static void
on_row(void *ctx, const char *const *cells)
{
	const struct mucbed *bed = ctx;

	shown.rows++;
	for (size_t i = 0; i < COLUMNS; i++)
		shown.cells[i] = arena_strdup(bed->arena, cells[i]);
}

static void
on_end(void *ctx, const struct error *err)
{
	const struct mucbed *bed = ctx;

	shown.end = err == NULL ? "" : arena_strdup(bed->arena, err->text);
}

static void
show(struct mucbed *bed, const char *room)
{
	static const struct call_output output = {
		.row = on_row, .end = on_end,
	};
	const struct form_field field = {
		.var = "room", .values = &room, .count = 1,
	};
	const struct form form = {
		.type = "submit", .fields = &field, .count = 1,
	};
	const struct call_plan plan = {
		.command = calls_find(bed->calls, "show"), .form = &form,
		.who = "a test", .output = &output, .ctx = bed,
	};
	struct call *call;

	memset(&shown, 0, sizeof(shown));
	assert_int_equal(call_new(bed->calls, &plan, &call, &bed->err), 0);
	call_run(call);
	mucbed_save(bed);
	assert_non_null(shown.end);
}

/* One row, of that room. */
static void
show_r(struct mucbed *bed)
{
	show(bed, "r");
	assert_string_equal(shown.end, "");
	assert_int_equal(shown.rows, 1);
	assert_string_equal(shown.cells[ROOM], "r@muc.example");
}

static void
has_a_cell_for_each_column(void **state)
{
	static const char *const names[COLUMNS] = {
		"room", "state", "subject", "occupants", "owners",
		"affiliations", "history", "options",
	};
	struct mucbed *bed = *state;
	const struct command *command = calls_find(bed->calls, "show");

	assert_int_equal(command_column_count(command), COLUMNS);
	for (size_t i = 0; i < COLUMNS; i++)
		assert_string_equal(command->columns[i].name, names[i]);
}

static void
shows_who_is_there(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Ann Bob Bob2 Vic");

	show_r(bed);
	assert_string_equal(shown.cells[OCCUPANTS],
			    "Ann, " ANN ", moderator\n"
			    "Bob, " BOB ", participant\n"
			    "Bob, " BOB2 ", participant\n"
			    "Vic, " VIC ", visitor");
	while (room->sessions != NULL) {
		struct session *session = room->sessions;

		session_free(&session);
	}
	show_r(bed);
	assert_string_equal(shown.cells[OCCUPANTS], "");
}

static void
shows_who_owns_it(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");

	show_r(bed);
	assert_string_equal(shown.cells[OWNERS], "");
	assert_string_equal(shown.cells[AFFILIATIONS], "0");
	affiliation_set(&room->affiliates, "a@a", AFFILIATION_ADMIN, NULL);
	affiliation_set(&room->affiliates, "b@b", AFFILIATION_OWNER, NULL);
	affiliation_set(&room->affiliates, "c@c", AFFILIATION_OUTCAST, NULL);
	affiliation_set(&room->affiliates, "d@d", AFFILIATION_OWNER, NULL);
	show_r(bed);
	assert_string_equal(shown.cells[OWNERS], "b@b\nd@d");
	assert_string_equal(shown.cells[AFFILIATIONS], "4");
}

static void
shows_its_state(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = room_new(bed->muc, "r@muc.example", ROOM_LOCKED);

	show_r(bed);
	assert_string_equal(shown.cells[STATE], "locked");
	room_set_state(room, ROOM_OPEN);
	show_r(bed);
	assert_string_equal(shown.cells[STATE], "open");
}

static void
shows_what_was_said(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Ann");

	show_r(bed);
	assert_string_equal(shown.cells[SUBJECT], "");
	assert_string_equal(shown.cells[HISTORY], "0");
	room_set_subject(room, "<subject>Roses &amp; thorns</subject>"
			 "<subject xml:lang='de'>Rosen</subject>", "Ann", 1);
	for (int i = 0; i < 2; i++)
		mucbed_receive(bed, "<message from='" ANN "' "
			       "to='r@muc.example' type='groupchat'>"
			       "<body>x</body></message>");
	show_r(bed);
	assert_string_equal(shown.cells[SUBJECT], "Roses & thorns");
	assert_string_equal(shown.cells[HISTORY], "2");
}

/* But not what lets people in. */
static void
shows_its_options(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");

	options_set(&room->options, "roomname", "Garden", &bed->err);
	options_set(&room->options, "passwordprotectedroom", "1", &bed->err);
	options_set(&room->options, "roomsecret", "sesame", &bed->err);
	show_r(bed);
	assert_non_null(strstr(shown.cells[OPTIONS], "roomname=Garden\n"));
	assert_non_null(strstr(shown.cells[OPTIONS],
			       "\npasswordprotectedroom=1\n"));
	assert_non_null(strstr(shown.cells[OPTIONS], "\npublicroom=1\n"));
	assert_null(strstr(shown.cells[OPTIONS], "sesame"));
}

/* Nobody is in it: it is in the store alone. */
static void
shows_a_stored_room(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");

	room->options.persistentroom = true;
	affiliation_set(&room->affiliates, "b@b", AFFILIATION_OWNER, NULL);
	roomstore_save(room);
	roomstore_save_affiliate(room, "b@b");
	mucbed_restart(bed);
	assert_null(room_find(bed->muc, "r@muc.example"));
	show_r(bed);
	assert_string_equal(shown.cells[OWNERS], "b@b");
	assert_non_null(strstr(shown.cells[OPTIONS], "\npersistentroom=1\n"));
}

static void
says_that_there_is_none(void **state)
{
	show(*state, "r");
	assert_string_equal(shown.end, "there is no room r@muc.example");
	show(*state, "r@elsewhere");
	assert_string_equal(shown.end, "r@elsewhere is not the address of a "
			    "room of muc.example");
	assert_int_equal(shown.rows, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(has_a_cell_for_each_column),
		TEST(shows_who_is_there),
		TEST(shows_who_owns_it),
		TEST(shows_its_state),
		TEST(shows_what_was_said),
		TEST(shows_its_options),
		TEST(shows_a_stored_room),
		TEST(says_that_there_is_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_show", tests, NULL, NULL);
}
