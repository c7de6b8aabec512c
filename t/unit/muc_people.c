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
#include "t/lib/mucbed.h"

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
#define ROOM "garden@muc.example"

/* Ann owns it, Bob is a guest. */
static struct room *
make_room(struct mucbed *bed)
{
	struct room *room = mucbed_room(bed, ROOM);

	mucbed_add(room, "Ann", "a@b/1", AFFILIATION_OWNER, ROLE_MODERATOR);
	mucbed_add(room, "Bob", "b@b/1", AFFILIATION_NONE, ROLE_PARTICIPANT);
	return room;
}

static void
assert_has(const char *sent, const char *text)
{
	if (strstr(sent, text) == NULL)
		fail_msg("no %s in %s", text, sent);
}

static void
affiliations_are_listed(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = make_room(bed);
	const char *sent;

	affiliation_set(&room->affiliates, "c@b", AFFILIATION_OUTCAST, "rude");
	sent = MUCBED_COMMAND(bed, "affiliations", "room=garden");
	assert_has(sent, "2 affiliations.");
	assert_has(sent, "<value>a@b</value>");
	sent = MUCBED_COMMAND(bed, "affiliations", "room=garden",
			      "affiliation=outcast");
	assert_has(sent, "<item><field var='address'><value>c@b</value>"
		   "</field><field var='affiliation'><value>outcast</value>"
		   "</field><field var='nick'><value/></field>"
		   "<field var='reason'><value>rude</value></field></item>");
	assert_null(strstr(sent, "<value>a@b</value>"));
}

static void
an_affiliation_is_changed(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = make_room(bed);
	const char *sent = MUCBED_COMMAND(bed, "affiliate", "room=garden",
					  "address=B@b/x",
					  "affiliation=member");

	assert_has(sent, "In " ROOM ", b@b is now: member.");
	assert_has(sent, "<item affiliation='member'");
	assert_int_equal(affiliate_find(room->affiliates, "b@b")->affiliation,
			 AFFILIATION_MEMBER);
}

static void
somebody_is_banned(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = make_room(bed);
	const char *sent = MUCBED_COMMAND(bed, "ban", "room=garden",
					  "address=b@b", "reason=rude");

	assert_has(sent, "In " ROOM ", b@b is now: outcast.");
	assert_has(sent, "code='301'");
	assert_has(sent, "<reason>rude</reason>");
	assert_null(occupant_find(room, "Bob"));
	/* A domain as well. */
	assert_has(MUCBED_COMMAND(bed, "ban", "room=garden",
				  "address=evil.example"),
		   "evil.example is now: outcast.");
}

static void
somebody_is_kicked(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = make_room(bed);
	const char *sent = MUCBED_COMMAND(bed, "kick", "room=garden",
					  "nick=Ann", "reason=go");

	assert_has(sent, "Ann was kicked out of " ROOM ".");
	assert_has(sent, "code='307'");
	assert_null(occupant_find(room, "Ann"));
}

static void
a_reason_is_as_long_as_in_an_iq(void **state)
{
	static const struct {
		const char *command, *of, *done;
	} commands[] = {
		{ "affiliate", "address=b@b", "is now: member" },
		{ "ban", "address=c@b", "is now: outcast" },
		{ "kick", "nick=Bob", "was kicked" },
	};
	struct mucbed *bed = *state;
	char reason[sizeof("reason=") + 1001] = "reason=";

	make_room(bed);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const char *fields[] = {
			"room=garden", commands[i].of, reason,
			i == 0 ? "affiliation=member" : NULL, NULL,
		};

		memset(reason + 7, 'r', 1001);
		assert_has(mucbed_command(bed, commands[i].command, fields),
			   "a reason has at most 1000 bytes");
		reason[7 + 1000] = '\0';
		assert_has(mucbed_command(bed, commands[i].command, fields),
			   commands[i].done);
	}
}

static void
the_last_to_go_ends_a_temporary_room(void **state)
{
	struct mucbed *bed = *state;

	make_room(bed);
	MUCBED_COMMAND(bed, "kick", "room=garden", "nick=Ann");
	MUCBED_COMMAND(bed, "kick", "room=garden", "nick=Bob");
	assert_null(room_find(bed->muc, ROOM));
}

static const struct {
	const char *command;
	const char *fields[4];
	const char *text;
} wrong[] = {
	{ "affiliate", { "room=garden", "address=a@b", "affiliation=none" },
	  "a room needs an owner" },
	{ "ban", { "room=garden", "address=a@b" }, "a room needs an owner" },
	{ "ban", { "room=garden", "address=admin@example" },
	  "you cannot ban yourself" },
	{ "affiliate", { "room=garden", "address=b.example",
			 "affiliation=member" },
	  "b.example is a domain, which can only be banned" },
	{ "affiliate", { "room=garden", "address=a@b", "affiliation=king" },
	  "bad-payload" },
	{ "affiliate", { "room=garden", "address=@", "affiliation=owner" },
	  "bad-payload" },
	{ "affiliate", { "room=garden", "address=a@b" }, "bad-payload" },
	{ "kick", { "room=garden", "nick=Nobody" },
	  "nobody in " ROOM " is called Nobody" },
	{ "kick", { "room=garden" }, "bad-payload" },
	{ "affiliations", { "room=nowhere" },
	  "there is no room nowhere@muc.example" },
	{ "affiliations", { "room=garden", "affiliation=none" },
	  "bad-payload" },
};

static void
what_makes_no_sense_is_refused(void **state)
{
	make_room(*state);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_has(mucbed_command(*state, wrong[i].command,
					  wrong[i].fields), wrong[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(affiliations_are_listed),
		TEST(an_affiliation_is_changed),
		TEST(somebody_is_banned),
		TEST(somebody_is_kicked),
		TEST(a_reason_is_as_long_as_in_an_iq),
		TEST(the_last_to_go_ends_a_temporary_room),
		TEST(what_makes_no_sense_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
