#include "components/muc/chronicle_entry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "components/muc/room.h"
#include "shared/archive_row.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define STAMP INT64_C(1700000000000000)
#define SERIAL (STAMP << 8)

#define RETRACT "<retract xmlns='urn:xmpp:message-retract:1' id='i1'/>"

static char jid[] = "r@muc.example";

static const struct {
	const char *nick;
	bool unseen, unstored;
	unsigned ways;
	const char *body, *rest;
} cases[] = {
	{ "Ann", false, false, ARCHIVE_RECEIVED, "b", RETRACT },
	{ "Ann", true, false, ARCHIVE_UNSEEN(ARCHIVE_RECEIVED), "b", RETRACT },
	{ "Ann", false, true, 0, NULL, NULL },
	/* A moderator's words, said by the room. */
	{ "", false, true, 0, NULL, RETRACT },
};

/* Either may be NULL. */
static void
assert_same(const char *text, const char *wanted)
{
	assert_int_equal(text == NULL, wanted == NULL);
	if (wanted != NULL)
		assert_string_equal(text, wanted);
}

static void
is_from_the_author_to_the_archive(void **state)
{
	const struct room room = { .jid = jid, .created = 77 };
	struct arena *arena = *state;
	struct stanza stanza = { 0 };
	struct error err = { 0 };

	assert_int_equal(stanza_parse(arena, bed_xml(arena, NS_CLIENT,
		"<message type='groupchat' id='m1' from='ann@a.example/1' "
		"to='r@muc.example'><body>b</body>" RETRACT
		"</message>"), &stanza, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct chronicle_entry entry = {
			.room = &room, .stanza = &stanza,
			.nick = cases[i].nick, .uid = "u1", .stamp = STAMP,
			.unseen = cases[i].unseen,
			.unstored = cases[i].unstored,
		};
		struct archive_row row;

		assert_int_equal(chronicle_entry_row(&entry, arena, SERIAL,
						     &row, &err), 0);
		assert_string_equal(row.sender, "ann@a.example");
		assert_string_equal(row.recipient, "r@muc.example/77");
		assert_string_equal(row.to_resource, cases[i].nick);
		assert_string_equal(row.mark.uid, "u1");
		assert_int_equal(row.mark.serial, SERIAL);
		assert_int_equal(row.mark.stamp, STAMP);
		assert_int_equal(row.mark.ways, cases[i].ways);
		assert_same(row.body, cases[i].body);
		assert_same(row.rest, cases[i].rest);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(is_from_the_author_to_the_archive),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_chronicle_entry", tests, NULL,
					   NULL);
}
