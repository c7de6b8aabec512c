#include "components/muc/commands.h"

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

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
#define ROOM "garden@muc.example"

static void
assert_has(const char *sent, const char *text)
{
	if (strstr(sent, text) == NULL)
		fail_msg("no %s in %s", text, sent);
}

static struct room *
make_room(struct mucbed *bed, const char *jid, const char *nick)
{
	struct room *room = mucbed_room(bed, jid);

	mucbed_add(room, nick, "a@b/1", AFFILIATION_OWNER, ROLE_MODERATOR);
	return room;
}

static void
each_has_what_people_are_shown(void **state)
{
	(void)state;
	for (const struct command *at = muc_commands; at->name; at++) {
		size_t count = command_field_count(at);

		assert_non_null(at->run);
		assert_true(strlen(at->title) > 0);
		assert_int_equal(at->help[strlen(at->help) - 1], '.');
		for (size_t i = 0; i < count; i++) {
			const struct command_field *field = &at->fields[i];

			assert_non_null(field->label);
			assert_int_equal(field->type == COMMAND_CHOICE,
					 field->choices != NULL);
			assert_true(!field->rest || i + 1 == count);
		}
	}
}

static void
a_room_is_shown(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = make_room(bed, ROOM, "Ann");
	const char *sent;

	room_set_subject(room, "<subject>Roses</subject>", "Ann", 1);
	options_set(&room->options, "roomsecret", "sesame", &bed->err);
	sent = MUCBED_COMMAND(bed, "show", "room=garden");
	assert_has(sent, "var='state' label='State'><value>open</value>");
	assert_has(sent, "<value>Roses</value>");
	assert_has(sent, "<value>Ann, a@b/1, moderator</value>");
	assert_has(sent, "var='owners' label='Owners'><value>a@b</value>");
	assert_has(sent, "<value>publicroom=1</value>");
	assert_null(strstr(sent, "sesame"));
	assert_has(MUCBED_COMMAND(bed, "show", "room=nowhere"),
		   "there is no room nowhere@muc.example");
}

static void
all_rooms_are_told(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	make_room(bed, ROOM, "Ann");
	make_room(bed, "hall@muc.example", "Bob");
	mucbed_room(bed, "empty@muc.example")->options.persistentroom = true;
	sent = MUCBED_COMMAND(bed, "broadcast", "text=Closing", "text=soon");
	assert_has(sent, "Clients told: 2, in rooms: 2.");
	assert_has(sent, "<message from='" ROOM "' type='groupchat'");
	assert_has(sent, "<message from='hall@muc.example' type='groupchat'");
	assert_has(sent, "<body>Closing\nsoon</body>");
}

static void
the_status_counts_rooms(void **state)
{
	static const char *const none[] = { NULL };
	struct mucbed *bed = *state;
	const char *sent;

	make_room(bed, ROOM, "Ann");
	sent = mucbed_command(bed, "status", none);
	assert_has(sent, "<value>annex-muc</value>");
	assert_has(sent, "<value>rooms in memory</value></field>"
		   "<field var='value'><value>1</value>");
	assert_has(sent, "<value>sent to many</value></field>"
		   "<field var='value'><value>to each, as no shim has fanout");
	assert_has(sent, "<value>sqlite, up</value>");
}

static void
the_list_of_rooms_has_no_other_node(void **state)
{
	static const char query[] =
		"<iq type='get' id='1' from='%s' to='muc.example'>"
		"<query xmlns='" NS_DISCO_ITEMS "' node='%s'/></iq>";
	struct mucbed *bed = *state;

	assert_has(mucbed_receive(bed, arena_printf(bed->arena, query,
						    "admin@example/1",
						    NS_COMMANDS)),
		   "node='broadcast'");
	assert_null(strstr(mucbed_receive(bed, arena_printf(
		bed->arena, query, "a@b/1", NS_COMMANDS)), "<item"));
	assert_has(mucbed_receive(bed, arena_printf(bed->arena, query,
						    "a@b/1", "odd")),
		   "<item-not-found");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_what_people_are_shown),
		TEST(a_room_is_shown),
		TEST(all_rooms_are_told),
		TEST(the_status_counts_rooms),
		TEST(the_list_of_rooms_has_no_other_node),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
