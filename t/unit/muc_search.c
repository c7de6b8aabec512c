#include "components/muc/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/roomstore.h"
#include "shared/arena.h"
#include "shared/str.h"
#include "t/lib/fake_store.h"
#include "t/lib/mucbed.h"

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)

static void
add_room(struct mucbed *bed, const char *jid, const char *name,
	 const char *description, bool persistent)
{
	struct room *room = mucbed_room(bed, jid);
	struct error err;

	assert_int_equal(options_set(&room->options, "roomname", name, &err),
			 0);
	assert_int_equal(options_set(&room->options, "roomdesc", description,
				     &err), 0);
	room->options.persistentroom = persistent;
	room->options.publicroom = strcmp(name, "Vault") != 0;
	roomstore_save(room);
}

/* Two of them are only in the store. */
static void
add_rooms(struct mucbed *bed)
{
	struct room *room;

	add_room(bed, "attic@muc.example", "Old things", "\u00c4rmel", true);
	add_room(bed, "cellar@muc.example", "Vault", "100% dark", true);
	add_room(bed, "garden@muc.example", "Roses", "open air", true);
	add_room(bed, "hall@muc.example", "Hall", "warm \u00d6fen", false);
	mucbed_add(room_find(bed->muc, "hall@muc.example"), "Ann", "a@b/1",
		   AFFILIATION_OWNER, ROLE_MODERATOR);
	mucbed_save(bed);
	room = room_find(bed->muc, "attic@muc.example");
	room_free(&room);
	room = room_find(bed->muc, "cellar@muc.example");
	room_free(&room);
}

/* The first values of all rows, then the note. */
static const char *
summary(struct mucbed *bed, const char *sent)
{
	const char *text = "", *at = sent;

	while ((at = strstr(at, "<item>")) != NULL) {
		const char *value = strstr(at, "<value>") + strlen("<value>");

		text = arena_printf(bed->arena, "%s%.*s ", text,
				    (int)strcspn(value, "@<"), value);
		at = value;
	}
	at = strstr(sent, "<note");
	assert_non_null(at);
	at = strchr(at, '>') + 1;
	return arena_printf(bed->arena, "%s| %.*s", text,
			    (int)strcspn(at, "<"), at);
}

static const struct {
	const char *command;
	const char *fields[3];
	const char *wanted;
} cases[] = {
	{ "list", { NULL }, "attic cellar garden hall | 4 rooms." },
	{ "list", { "filter=AR" }, "cellar garden | 2 rooms." },
	{ "list", { "filter=things" }, "attic | 1 room." },
	{ "list", { "filter=example" }, "| 0 rooms." },
	{ "list", { "filter=dark" }, "| 0 rooms." },
	{ "list", { "filter=%" }, "| 0 rooms." },
	{ "list", { "kind=temporary" }, "hall | 1 room." },
	{ "list", { "kind=persistent" }, "attic cellar garden | 3 rooms." },
	{ "list", { "kind=hidden" }, "cellar | 1 room." },
	{ "list", { "kind=public" }, "attic garden hall | 3 rooms." },
	{ "list", { "limit=2" }, "attic cellar | There are more: go on after "
	  "cellar@muc.example." },
	{ "list", { "limit=2", "after=cellar@muc.example" },
	  "garden hall | 2 rooms." },
	{ "list", { "after=garden" }, "hall | 1 room." },
	{ "list", { "after=x@elsewhere" }, "| x@elsewhere is not the address "
	  "of a room of muc.example" },
	{ "search", { "text=dark" }, "cellar | 1 room." },
	{ "search", { "text=100%" }, "cellar | 1 room." },
	{ "search", { "text=A" }, "attic cellar garden hall | 4 rooms." },
	{ "search", { "text=rose" }, "garden | 1 room." },
	{ "search", { "text=WARM" }, "hall | 1 room." },
	{ "search", { "text=\u00e4RMEL" }, "attic | 1 room." },
	{ "search", { "text=\u00f6FEN" }, "hall | 1 room." },
	{ "search", { "text=zzz" }, "| 0 rooms." },
};

static void
rooms_are_found_in_memory_and_store(void **state)
{
	struct mucbed *bed = *state;

	add_rooms(bed);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(summary(bed, mucbed_command(
			bed, cases[i].command, cases[i].fields)),
			cases[i].wanted);
}

static void
a_row_says_how_many_are_inside(void **state)
{
	struct mucbed *bed = *state;

	add_rooms(bed);
	assert_non_null(strstr(MUCBED_COMMAND(bed, "list", "filter=hall"),
		"<item><field var='room'><value>hall@muc.example</value>"
		"</field><field var='name'><value>Hall</value></field>"
		"<field var='occupants'><value>1</value></field>"
		"<field var='public'><value>1</value></field>"
		"<field var='persistent'><value>0</value></field></item>"));
}

static void
a_database_that_is_away_is_told(void **state)
{
	struct mucbed *bed = *state;

	fake_store_set_away(bed->runtime.store, true);
	assert_string_equal(summary(bed, MUCBED_COMMAND(bed, "list",
							"kind=all")),
			    "| away");
}

static void
limits_are_numbers(void **state)
{
	static const char *const wrong[] = {
		"limit=0", "limit=10001", "limit=x", "kind=odd", "other=1",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_non_null(strstr(MUCBED_COMMAND(*state, "list",
						      wrong[i]),
				       "<bad-payload"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rooms_are_found_in_memory_and_store),
		TEST(a_row_says_how_many_are_inside),
		TEST(a_database_that_is_away_is_told),
		TEST(limits_are_numbers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
