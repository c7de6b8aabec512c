#include "components/archive/intake/tap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "t/lib/tapbed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define FROM "<message xmlns='jabber:client' from='r@example/o' "
#define CHAT FROM "to='j@example/b' type='chat' id='m1'>"
#define HI CHAT "<body>hi</body></message>"
#define ALL "SELECT count(*) FROM archive_message"
#define WHERE ALL " WHERE "

/* 2026-11-29T12:00:00Z. */
#define STAMP "1795953600000000"

static void
keeps_what_the_message_says(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='x1' dir='both' origin='local'",
		       CHAT "<subject>s</subject><body>hi</body><thread>t"
		       "</thread><received xmlns='urn:xmpp:receipts' "
		       "id='9'/></message>");
	tapbed_wait_ack(bed, 1);
	tapbed_wait(bed, ALL, 1);
	tapbed_wait(bed, WHERE "uid = 'x1' AND type = 1 AND subject = 's' AND "
		    "body = 'hi' AND thread = 't' AND id = 'm1' AND "
		    "resource = 'o' AND to_resource = 'b' AND rest = "
		    "'<received xmlns=''urn:xmpp:receipts'' id=''9''/>' AND "
		    "stamp = " STAMP " AND "
		    "sender = (SELECT id FROM archive_address WHERE jid = "
		    "'r@example') AND recipient = (SELECT id FROM "
		    "archive_address WHERE jid = 'j@example')", 1);
	assert_int_equal(tapbed_metric(bed, "annex_archive_copies_total"
				       "{outcome=\"kept\"}"), 1);
}

static const struct {
	const char *attributes;
	int ways, flags;
} kinds[] = {
	{ "dir='out' origin='local'", 1, 0 },
	{ "dir='in' origin='local'", 2, 0 },
	{ "dir='in' origin='remote'", 2, 2 },
	{ "dir='in' origin='component'", 2, 4 },
	{ "dir='both' origin='local'", 3, 0 },
	{ "dir='shown' origin='component'", 4, 0 },
};

static void
keeps_where_it_was_seen(void **state)
{
	struct tapbed *bed = *state;
	struct arena *arena = bed->hooks->arena;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		tapbed_receive(bed, arena_printf(arena, "seq='%zu' id='x%zu' "
						 "%s", i + 1, i,
						 kinds[i].attributes), HI);
		tapbed_wait(bed, arena_printf(
			arena, WHERE "uid = 'x%zu' AND ways = %d AND "
			"flags = %d", i, kinds[i].ways, kinds[i].flags), 1);
	}
}

static void
keeps_one_message_of_all_its_copies(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='x1' dir='out' origin='local'", HI);
	tapbed_receive(bed, "seq='2' id='x1' dir='in' origin='local'", HI);
	tapbed_wait(bed, WHERE "ways = 3", 1);
	tapbed_receive(bed, "seq='3' id='x1' dir='shown' origin='component'",
		       HI);
	tapbed_wait(bed, WHERE "ways = 7", 1);
	tapbed_wait(bed, ALL, 1);
}

static void
keeps_what_is_encrypted_as_it_is(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='x1' dir='both' origin='local'",
		       CHAT "<encrypted "
		       "xmlns='eu.siacs.conversations.axolotl'>secret"
		       "</encrypted><encryption xmlns='urn:xmpp:eme:0' "
		       "namespace='eu.siacs.conversations.axolotl'/>"
		       "</message>");
	tapbed_wait(bed, WHERE "flags = 1 AND body IS NULL AND "
		    "rest LIKE '%secret%'", 1);
}

/* It is acknowledged all the same. */
static void
passes_over_what_is_not_to_be_kept(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='x1' dir='both' origin='local'",
		       CHAT "<composing xmlns='http://jabber.org/protocol/"
		       "chatstates'/></message>");
	tapbed_receive(bed, "seq='2' id='x2' dir='both' origin='local'",
		       CHAT "<body>hi</body><no-store "
		       "xmlns='urn:xmpp:hints'/></message>");
	tapbed_wait_ack(bed, 2);
	tapbed_receive(bed, "seq='3' id='x3' dir='both' origin='local'", HI);
	tapbed_wait(bed, WHERE "uid = 'x3'", 1);
	tapbed_wait(bed, ALL, 1);
	assert_int_equal(tapbed_metric(bed, "annex_archive_copies_total"
				       "{outcome=\"passed_over\"}"), 2);
}

/* That another library knows these characters must not hide anything. */
static void
keeps_what_has_addresses_that_only_routers_know(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='x1' dir='out' origin='local'",
		       FROM "to='bob@xn--i-7iq.ws' id='m1'>"
		       "<body>hi</body></message>");
	tapbed_receive(bed, "seq='2' id='x2' dir='both' origin='local'",
		       FROM "to='j@example/\xd7\x90\xe1\x9e\xb4\xd7\x90' "
		       "id='m2'><body>hi</body></message>");
	tapbed_receive(bed, "seq='3' id='x3' dir='both' origin='local'",
		       FROM "to='j@example/\xe2\x80\x8b' id='m3'>"
		       "<body>hi</body></message>");
	tapbed_wait(bed, ALL, 3);
	tapbed_wait(bed, WHERE "uid = 'x1' AND recipient = (SELECT id FROM "
		    "archive_address WHERE jid = 'bob@xn--i-7iq.ws')", 1);
	tapbed_wait(bed, WHERE "uid = 'x2' AND to_resource = "
		    "'\xd7\x90\xe1\x9e\xb4\xd7\x90' AND recipient = (SELECT "
		    "id FROM archive_address WHERE jid = 'j@example')", 1);
	tapbed_wait(bed, WHERE "uid = 'x3' AND to_resource IS NULL OR "
		    "uid = 'x3' AND to_resource = ''", 1);
}

/* As the parser leaves it. */
static void
keeps_what_is_left_of_a_message(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='x1' dir='both' origin='local' "
		       "cut='true'", CHAT "</message>");
	tapbed_receive(bed, "seq='2' id='x2' dir='in' origin='remote' "
		       "cut='true'", CHAT "<body>hi</body><x xmlns='urn:x'/>"
		       "</message>");
	tapbed_receive(bed, "seq='3' id='x3' dir='both' origin='local' "
		       "cut='true'", CHAT "<body>hi</body><no-store "
		       "xmlns='urn:xmpp:hints'/></message>");
	tapbed_wait_ack(bed, 3);
	tapbed_wait(bed, ALL, 2);
	tapbed_wait(bed, WHERE "uid = 'x1' AND flags = 64 AND body IS NULL "
		    "AND rest IS NULL AND id = 'm1'", 1);
	tapbed_wait(bed, WHERE "uid = 'x2' AND flags = 66 AND body = 'hi' "
		    "AND rest = '<x xmlns=''urn:x''/>'", 1);
	assert_int_equal(tapbed_metric(bed, "annex_archive_copies_cut_total"),
			 2);
}

static void
refuses_what_makes_no_sense(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='x1' dir='both' origin='local'", "");
	tapbed_receive(bed, "seq='2' id='x2' dir='up' origin='local'", HI);
	tapbed_receive(bed, "seq='3' id='x3' dir='in' origin='local'",
		       "<message xmlns='jabber:client'><body>hi</body>"
		       "</message>");
	tapbed_receive(bed, "seq='4' id='x4' dir='in' origin='local'",
		       "<presence xmlns='jabber:client' from='r@example/o'>"
		       "<status>hi</status></presence>");
	tapbed_wait_ack(bed, 4);
	assert_int_equal(tapbed_metric(bed, "annex_archive_copies_total"
				       "{outcome=\"refused\"}"), 4);
	tapbed_tap(bed, 5, "x5", "hi");
	tapbed_wait(bed, WHERE "uid = 'x5'", 1);
	tapbed_wait(bed, ALL, 1);
}

/* It comes again after a new hello. */
static void
makes_the_same_id_for_the_same_copy(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' dir='shown' origin='component'", HI);
	tapbed_receive(bed, "seq='2' id='' dir='in' origin='local'", HI);
	tapbed_wait_ack(bed, 2);
	tapbed_link(bed, false);
	tapbed_link(bed, true);
	tapbed_greet(bed, "e1");
	tapbed_sent(bed);
	tapbed_receive(bed, "seq='1' dir='shown' origin='component'", HI);
	tapbed_receive(bed, "seq='2' id='' dir='in' origin='local'", HI);
	tapbed_wait_ack(bed, 2);
	tapbed_wait(bed, "SELECT count(*) FROM archive_message WHERE uid IN "
		    "('example e1 1', 'example e1 2')", 2);
	tapbed_wait(bed, ALL, 2);
}

static void
makes_an_id_in_place_of_a_long_one(void **state)
{
	struct tapbed *bed = *state;
	char attributes[400] = "seq='1' dir='in' origin='local' id='";
	size_t len = strlen(attributes);

	memset(attributes + len, 'x', 256);
	memcpy(attributes + len + 256, "'", 2);
	tapbed_receive(bed, attributes, HI);
	tapbed_wait(bed, WHERE "uid = 'example e1 1'", 1);
}

#define ROOM "<message xmlns='jabber:client' type='groupchat' id='m1' "
#define SAID ROOM "from='r@example/o' to='g@far'><body>hi</body></message>"
#define HEARD(who) ROOM "from='g@far/Romeo' to='" who "'>" \
	"<body>hi</body></message>"

/* Where that is wanted. */
static void
keeps_what_is_said_in_rooms_elsewhere(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='x1' dir='out' origin='local'", SAID);
	tapbed_wait_ack(bed, 1);
	bed->settings.rooms_elsewhere = true;
	tapbed_receive(bed, "seq='2' id='x2' dir='out' origin='local'", SAID);
	tapbed_receive(bed, "seq='3' id='x3' dir='in' origin='remote'",
		       HEARD("r@example/o"));
	tapbed_receive(bed, "seq='4' id='x4' dir='in' origin='remote'",
		       HEARD("j@example/b"));
	tapbed_wait(bed, "SELECT count(*) FROM archive_delivery", 2);
	tapbed_wait(bed, WHERE "uid = 'x2' AND ways = 16 AND flags = 0 AND "
		    "to_resource = 'Romeo'", 1);
	tapbed_wait(bed, ALL, 1);
}

static void
counts_what_was_lost(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='x1' dir='in' origin='local' "
		       "lost='3'", HI);
	tapbed_receive(bed, "seq='4' id='x4' dir='in' origin='local'", HI);
	tapbed_link(bed, false);
	tapbed_link(bed, true);
	tapbed_greet(bed, "e1");
	tapbed_receive(bed, "seq='1' id='x1' dir='in' origin='local' "
		       "lost='3'", HI);
	tapbed_receive(bed, "seq='4' id='x4' dir='in' origin='local'", HI);
	tapbed_wait_ack(bed, 4);
	assert_int_equal(tapbed_metric(bed, "annex_archive_copies_total"
				       "{outcome=\"lost\"}"), 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TAPBED_TEST(keeps_what_the_message_says),
		TAPBED_TEST(keeps_where_it_was_seen),
		TAPBED_TEST(keeps_one_message_of_all_its_copies),
		TAPBED_TEST(keeps_what_is_encrypted_as_it_is),
		TAPBED_TEST(passes_over_what_is_not_to_be_kept),
		TAPBED_TEST(keeps_what_has_addresses_that_only_routers_know),
		TAPBED_TEST(keeps_what_is_left_of_a_message),
		TAPBED_TEST(refuses_what_makes_no_sense),
		TAPBED_TEST(makes_the_same_id_for_the_same_copy),
		TAPBED_TEST(makes_an_id_in_place_of_a_long_one),
		TAPBED_TEST(keeps_what_is_said_in_rooms_elsewhere),
		TAPBED_TEST(counts_what_was_lost),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_tap", tests, tapbed_folder,
					   database_teardown);
}
