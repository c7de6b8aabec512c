#include "components/muc/minutes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/serial.h"
#include "shared/spool.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define THEN 1700000000250000	/* 2023-11-14 */
#define ADDRESS "hall@rooms.b/77"
#define PROSODY(inner) "<message type='groupchat' from='hall@muc.a/nick'>" \
	"<body>hi</body>" inner "</message>"
#define ITEM(jid) "<x xmlns='http://jabber.org/protocol/muc#user'>" \
	"<item jid='" jid "' role='participant'/></x>"

static struct spool_record
record(const char *nick, const char *stanza)
{
	return (struct spool_record){
		.user = "hall", .host = "muc.a", .nick = nick, .key = "k1",
		.stanza = stanza, .stamp = THEN, .place = "line 1",
	};
}

static const struct {
	const char *nick, *stanza, *sender, *resource, *as;
} said[] = {
	{ NULL, PROSODY(ITEM("r@b")), "r@b", "", "nick" },
	{ NULL, PROSODY(ITEM("r@b/x")), "r@b", "x", "nick" },
	/* What is known of others is the room, as it is named here. */
	{ NULL, PROSODY(""), "hall@rooms.b", "", "nick" },
	{ NULL, "<message type='groupchat' from='hall@muc.a'><subject>s"
	  "</subject></message>", "hall@rooms.b", "", "" },
	/* ejabberd's are from the real address. */
	{ "nick", "<message type='groupchat' from='r@b/x' to='hall@muc.a'>"
	  "<body>hi</body></message>", "r@b", "x", "nick" },
	{ "", "<message type='groupchat' from='hall@muc.a'><body>hi</body>"
	  "</message>", "hall@rooms.b", "", "" },
};

static void
knows_who_said_it_and_as_whom(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(said); i++) {
		const struct spool_record one = record(said[i].nick,
						       said[i].stanza);
		struct archive_shelving_item item;
		struct error err = { 0 };

		assert_int_equal(minutes_read(arena, &one, ADDRESS, &item,
					      &err), 0);
		assert_string_equal(item.row.sender, said[i].sender);
		assert_string_equal(item.row.resource, said[i].resource);
		assert_string_equal(item.row.recipient, ADDRESS);
		assert_string_equal(item.row.to_resource, said[i].as);
		assert_int_equal(item.row.type, ARCHIVE_GROUPCHAT);
		assert_int_equal(item.row.mark.ways, ARCHIVE_RECEIVED);
		assert_string_equal(item.row.mark.uid, "k1");
		assert_true(item.row.mark.serial == serial_first_of(THEN));
	}
}

/* It has nothing of what the other service knew of whom. */
static void
leaves_out_what_the_service_had_added(void **state)
{
	const struct spool_record one = record(NULL, PROSODY(
		ITEM("r@b") "<stanza-id xmlns='urn:xmpp:sid:0' id='k1' "
		"by='hall@muc.a'/><occupant-id "
		"xmlns='urn:xmpp:occupant-id:0' id='o'/>"
		"<keep xmlns='urn:x'/>"));
	struct archive_shelving_item item;
	struct error err = { 0 };

	assert_int_equal(minutes_read(*state, &one, ADDRESS, &item, &err), 0);
	assert_string_equal(item.row.body, "hi");
	assert_non_null(strstr(item.row.rest, "urn:x"));
	assert_null(strstr(item.row.rest, "muc#user"));
	assert_null(strstr(item.row.rest, "stanza-id"));
	assert_null(strstr(item.row.rest, "occupant-id"));
}

static const struct {
	const char *nick, *stanza, *why;
} bad[] = {
	{ NULL, "<message", "" },
	{ NULL, "<presence from='hall@muc.a/nick'/>", "it is no message" },
	{ NULL, "<message from='hall@muc.a/nick' type='chat'/>",
	  "it was not said to all in the room" },
	{ NULL, "<message type='groupchat'/>",
	  "it was not said to all in the room" },
	{ NULL, "<message type='groupchat' from='r@b/x'/>",
	  "it is not from an occupant of its room" },
	{ NULL, PROSODY(ITEM("@")), "" },
	{ "\xff", "<message type='groupchat' from='r@b/x'/>",
	  "its nick is none" },
};

static void
says_why_it_takes_nothing(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const struct spool_record one = record(bad[i].nick,
						       bad[i].stanza);
		struct archive_shelving_item item;
		struct error err = { 0 };

		assert_int_equal(minutes_read(*state, &one, ADDRESS, &item,
					      &err), -1);
		if (*bad[i].why != '\0')
			assert_string_equal(err.text, bad[i].why);
		assert_true(*err.text != '\0');
	}
}

static void
knows_which_room_it_is_of(void **state)
{
	struct minutes_scope scope = { .now = THEN };
	struct spool_record one = record(NULL, PROSODY(""));
	const struct jid *room;
	struct error err = { 0 };

	assert_int_equal(minutes_room(*state, &one, &scope, &room, &err), 0);
	assert_string_equal(room->bare, "hall@muc.a");
	scope.from = "muc.a";
	scope.host = "rooms.b";
	assert_int_equal(minutes_room(*state, &one, &scope, &room, &err), 0);
	assert_string_equal(room->bare, "hall@rooms.b");
	scope.from = "muc.c";
	assert_int_equal(minutes_room(*state, &one, &scope, &room, &err),
			 ARCHIVE_IMPORT_ELSEWHERE);
	one.fault = "it is broken";
	assert_int_equal(minutes_room(*state, &one, &scope, &room, &err),
			 ARCHIVE_IMPORT_ELSEWHERE);
	one.host = NULL;
	assert_int_equal(minutes_room(*state, &one, &scope, &room, &err), -1);
	assert_string_equal(err.text, "it is broken");
	one.host = "muc.a";
	one.fault = NULL;
	scope.from = NULL;
	one.user = "a/b";
	assert_int_equal(minutes_room(*state, &one, &scope, &room, &err), -1);
	one.user = NULL;
	assert_int_equal(minutes_room(*state, &one, &scope, &room, &err), -1);
}

static void
refuses_what_has_no_time_or_id(void **state)
{
	const struct minutes_scope scope = { .now = THEN };
	struct spool_record one = record(NULL, PROSODY(""));
	struct error err = { 0 };

	(void)state;
	assert_int_equal(minutes_check(&one, &scope, &err), 0);
	one.key = "";
	assert_int_equal(minutes_check(&one, &scope, &err), -1);
	one.key = "k";
	one.stamp = 5;
	assert_int_equal(minutes_check(&one, &scope, &err), -1);
	one.fault = "it is broken";
	assert_int_equal(minutes_check(&one, &scope, &err), -1);
	assert_string_equal(err.text, "it is broken");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(knows_who_said_it_and_as_whom),
		BED_ARENA_TEST(leaves_out_what_the_service_had_added),
		BED_ARENA_TEST(says_why_it_takes_nothing),
		BED_ARENA_TEST(knows_which_room_it_is_of),
		BED_ARENA_TEST(refuses_what_has_no_time_or_id),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
