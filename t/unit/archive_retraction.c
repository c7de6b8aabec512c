#include "components/archive/desk/retraction.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/str.h"
#include "t/lib/tapbed.h"
#include "t/lib/tapshim.h"

#define ALL "SELECT count(*) FROM archive_message"
#define LEFT ALL " WHERE body IS NULL AND rest LIKE '<retracted xmlns=" \
	"''urn:xmpp:message-retract:1'' stamp=''2026-11-29T12:00:00%Z'' " \
	"id=''r1''/>'"
#define THERE ALL " WHERE body = 'Wherefore?'"
#define NOTED "SELECT count(*) FROM audit_entry WHERE action = 'retracted'"

#define SAID(from, to, type) \
	"<message xmlns='jabber:client' from='" from "' to='" to "' " \
	"type='" type "' id='a1'><body>Wherefore?</body></message>"
#define RETRACTS(from, to, type, more) \
	"<message xmlns='jabber:client' from='" from "' to='" to "' " \
	"type='" type "' id='r1'><retract id='a1' " \
	"xmlns='urn:xmpp:message-retract:1'/><body>No</body>" more \
	"</message>"
#define ROOM "<x xmlns='http://jabber.org/protocol/muc#user'/>"

#define DEPTH 80	/* more namespaces in force than are read */

#define BOTH "dir='both' origin='local'"
#define IN "dir='in' origin='local'"

static void
takes_what_is_retracted_and_says_so(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='u1' " BOTH,
		       SAID("r@example/x", "j@example", "chat"));
	tapbed_receive(bed, "seq='2' id='u2' " BOTH,
		       RETRACTS("r@example/y", "j@example", "chat", ""));
	tapbed_wait(bed, NOTED " AND who = 'r@example' AND detail = "
		    "'{\"messages\":[{\"id\":\"u1\",\"by\":\"u2\","
		    "\"text\":\"removed\"}]}'", 1);
	assert_int_equal(database_ask(bed->db, LEFT), 1);
	assert_int_equal(database_ask(bed->db, ALL), 2);
	tapbed_wait(bed, "SELECT count(*) FROM archive_retraction", 0);
}

/* All of one go in one entry; another's has its own. */
static void
has_an_entry_for_each_person(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='u1' " BOTH,
		       SAID("r@example/x", "j@example", "chat"));
	tapbed_receive(bed, "seq='2' id='u2' " BOTH,
		       SAID("r@example/x", "m@example", "chat"));
	tapbed_receive(bed, "seq='3' id='u3' " BOTH,
		       SAID("j@example/x", "m@example", "chat"));
	tapbed_receive(bed, "seq='4' id='u4' " BOTH,
		       RETRACTS("r@example/y", "j@example", "chat", ""));
	tapbed_receive(bed, "seq='5' id='u5' " BOTH,
		       RETRACTS("j@example/y", "m@example", "normal", ""));
	tapbed_receive(bed, "seq='6' id='u6' " BOTH,
		       RETRACTS("r@example/y", "m@example", "chat", ""));
	tapbed_wait(bed, NOTED, 2);
	tapbed_wait(bed, "SELECT count(*) FROM archive_retraction", 0);
	assert_int_equal(database_ask(bed->db, LEFT), 3);
}

static void
lets_be_what_nobody_has_retracted(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='u1' " BOTH,
		       SAID("r@example/x", "j@example", "chat"));
	tapbed_receive(bed, "seq='2' id='u2' " BOTH,
		       RETRACTS("j@example/y", "r@example", "chat", ""));
	tapbed_receive(bed, "seq='3' id='u3' " BOTH,
		       RETRACTS("r@example/y", "m@example", "chat", ""));
	tapbed_wait(bed, ALL, 3);
	assert_int_equal(database_ask(bed->db, THERE), 1);
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
				      "archive_retraction"), 0);
}

/* Others in the room send from the same bare address. */
static void
believes_no_room(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='u1' " IN,
		       SAID("hall@rooms/r", "j@example/x", "chat"));
	tapbed_receive(bed, "seq='2' id='u2' " IN,
		       RETRACTS("hall@rooms/m", "j@example/x", "chat", ROOM));
	tapbed_receive(bed, "seq='3' id='u3' dir='out' origin='local'",
		       SAID("j@example/x", "hall@rooms/r", "chat"));
	tapbed_receive(bed, "seq='4' id='u4' dir='out' origin='local'",
		       RETRACTS("j@example/x", "hall@rooms/r", "chat", ROOM));
	tapbed_wait(bed, NOTED " AND who = 'j@example'", 1);
	assert_int_equal(database_ask(bed->db, THERE " AND uid = 'u1'"), 1);
	assert_int_equal(database_ask(bed->db, THERE), 1);
}

/* Whoever shows it does not know where it came from. */
static void
believes_no_neighbour_of_who_was_shown_it(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='u1' dir='in' origin='component'",
		       SAID("r@gate/x", "j@example", "chat"));
	tapbed_receive(bed, "seq='2' id='u2' dir='in' origin='component'",
		       RETRACTS("r@gate/y", "j@example", "chat", ""));
	tapbed_wait_ack(bed, 2);
	tapbed_receive(bed, "seq='3' id='u2' dir='shown' origin='component'",
		       RETRACTS("r@gate/y", "j@example", "chat", ""));
	tapbed_wait(bed, ALL " WHERE uid = 'u2' AND ways = 6", 1);
	assert_int_equal(database_ask(bed->db, THERE), 1);
	tapbed_receive(bed, "seq='4' id='u3' dir='in' origin='component'",
		       RETRACTS("r@gate/x", "j@example", "chat", ""));
	tapbed_wait(bed, LEFT, 1);
}

/* Children that could not be read again, so that none of them is kept. */
static const char *
print_unreadable(struct arena *arena)
{
	struct str text = { 0 };
	const char *copy;

	str_addz(&text, "<a xmlns:x='urn:x' xmlns:y='urn:y'>");
	for (int i = 0; i < DEPTH; i++)
		str_addz(&text, i % 2 ? "<x:a>" : "<y:a>");
	for (int i = DEPTH; i-- > 0;)
		str_addz(&text, i % 2 ? "</x:a>" : "</y:a>");
	str_addz(&text, "</a>");
	copy = arena_strdup(arena, text.data);
	str_fini(&text);
	return copy;
}

/* It may have been from a room. */
static void
believes_nobody_who_is_not_kept_whole(void **state)
{
	struct tapbed *bed = *state;
	struct arena *arena = bed->hooks->arena;

	tapbed_receive(bed, "seq='1' id='u1' " IN,
		       SAID("hall@rooms/r", "j@example/x", "chat"));
	tapbed_receive(bed, "seq='2' id='u2' " IN, arena_printf(arena,
		RETRACTS("hall@rooms/m", "j@example/x", "chat", ROOM "%s"),
		print_unreadable(arena)));
	tapbed_wait(bed, ALL " WHERE rest IS NULL AND relation = 1 "
		    "AND flags & 64 <> 0", 1);
	assert_int_equal(database_ask(bed->db, THERE), 1);
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
				      "archive_retraction"), 0);
}

static void
keeps_all_where_that_is_wanted(void **state)
{
	struct tapbed *bed = *state;

	tapbed_stop(bed);
	bed->settings.retract = "keep";
	tapbed_start(bed);
	tapshim_greet(bed);
	tapbed_receive(bed, "seq='1' id='u1' " BOTH,
		       SAID("r@example/x", "j@example", "chat"));
	tapbed_receive(bed, "seq='2' id='u2' " BOTH,
		       RETRACTS("r@example/x", "j@example", "chat", ""));
	tapbed_wait(bed, NOTED " AND detail LIKE '%\"text\":\"unseen\"%'", 1);
	assert_int_equal(database_ask(bed->db, THERE " AND ways = 67"), 1);
}

static void
says_that_it_leaves_tombstones(void **state)
{
	struct tapbed *bed = *state;
	const char *sent = hookbed_receive(bed->hooks, "<message "
		"from='example' to='comp.example'><hello "
		"xmlns='urn:x-annex:0' version='1' epoch='e2' "
		"hooks='tap delegate deliver'/></message>");

	assert_non_null(strstr(sent, "'urn:xmpp:message-retract:1'"));
	assert_non_null(strstr(sent,
			       "'urn:xmpp:message-retract:1#tombstone'"));
}

/* What went, and the process before has not written down. */
static void
notes_what_one_before_has_left(void **state)
{
	struct tapbed *bed = *state;

	tapbed_stop(bed);
	database_do(bed->db, "INSERT INTO archive_retraction "
		    "(serial, uid, retraction, who, held) VALUES "
		    "(5, 'u1', 'u2', 'r@example', 1)");
	tapbed_start(bed);
	tapbed_wait(bed, NOTED " AND who = 'r@example' AND detail = "
		    "'{\"messages\":[{\"id\":\"u1\",\"by\":\"u2\","
		    "\"text\":\"held\"}]}'", 1);
	tapbed_wait(bed, "SELECT count(*) FROM archive_retraction", 0);
}

static void
ends_while_it_is_at_work(void **state)
{
	struct tapbed *bed = *state;

	for (int i = 0; i < 3; i++) {
		database_do(bed->db, "INSERT INTO archive_retraction "
			    "(serial, uid, retraction, who, held) VALUES "
			    "(5, 'u1', 'u2', 'r@example', 0) "
			    "ON CONFLICT DO NOTHING");
		database_run(bed->db, (unsigned)i * 500);
		tapbed_stop(bed);
		tapbed_start(bed);
	}
	tapbed_wait(bed, "SELECT count(*) FROM archive_retraction", 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TAPBED_TEST(takes_what_is_retracted_and_says_so),
		TAPBED_TEST(has_an_entry_for_each_person),
		TAPBED_TEST(lets_be_what_nobody_has_retracted),
		TAPBED_TEST(believes_no_room),
		TAPBED_TEST(believes_no_neighbour_of_who_was_shown_it),
		TAPBED_TEST(believes_nobody_who_is_not_kept_whole),
		TAPBED_TEST(keeps_all_where_that_is_wanted),
		TAPBED_TEST(says_that_it_leaves_tombstones),
		TAPBED_TEST(notes_what_one_before_has_left),
		TAPBED_TEST(ends_while_it_is_at_work),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_retraction", tests,
					   tapbed_folder,
					   database_teardown);
}
