#include "shared/archive_hearsay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/serial.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "t/lib/archivebed.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define MINUTE (60LL * CLOCK_SECOND)
#define DAY (24 * 60 * MINUTE)

struct bed {
	struct database *db;
	struct arena *arena;
	int64_t now;	/* behind ARCHIVEBED_NOW */
};

static int
new_bed(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	bed->db = archivebed_new(*(const enum database_kind *)*state);
	bed->arena = arena_new();
	*state = bed;
	return 0;
}

static int
free_bed(void **state)
{
	struct bed *bed = *state;

	database_free(&bed->db);
	arena_free(&bed->arena);
	free(bed);
	return 0;
}

static int
parse(struct arena *arena, const char *text, const struct archive_mark *mark,
      struct archive_row *row_r)
{
	struct error err = { 0 };
	struct stanza stanza;

	assert_int_equal(stanza_parse(arena, bed_xml(arena, NS_CLIENT, text),
				      &stanza, &err), 0);
	return archive_hearsay_of(arena, &stanza, mark, row_r, &err);
}

/* The copy of that uid, as it comes out of a journal. */
static struct archive_row
copy(struct bed *bed, const char *uid, unsigned ways, const char *text)
{
	const int64_t now = ARCHIVEBED_NOW + bed->now++;
	const struct archive_mark mark = {
		.serial = serial_first_of(now) + 1, .stamp = now, .uid = uid,
		.ways = ways,
	};
	struct archive_row row, again;
	struct str journal = { 0 };
	struct error err = { 0 };

	assert_int_equal(parse(bed->arena, text, &mark, &row), 0);
	archive_row_print(&journal, &row);
	assert_int_equal(archive_row_parse(bed->arena, journal.data,
					   journal.len, &again, &err), 0);
	str_fini(&journal);
	return again;
}

static void
take(struct bed *bed, const char *uid, unsigned ways, const char *text)
{
	struct archive_row row = copy(bed, uid, ways, text);

	archivebed_write(bed->db, &row, 1);
}

#define STANZA_ID(id) \
	"<stanza-id xmlns='urn:xmpp:sid:0' by='r@far' id='" id "'/>"
#define ORIGIN_ID(id) "<origin-id xmlns='urn:xmpp:sid:0' id='" id "'/>"
#define SAYS(id, body, more) \
	"<message type='groupchat' from='ann@a/1' to='r@far' id='" id "'>" \
	"<body>" body "</body>" more "</message>"
#define HEARS(who, nick, id, body, more) \
	"<message type='groupchat' from='r@far/" nick "' to='" who "' " \
	"id='" id "'><body>" body "</body>" more "</message>"

static void
says(struct bed *bed, const char *uid, const char *text)
{
	take(bed, uid, ARCHIVE_SENT, text);
}

static void
hears(struct bed *bed, const char *uid, const char *text)
{
	take(bed, uid, ARCHIVE_RECEIVED, text);
}

/* Of literals, as statements are known again by where their text is. */
#define COUNT(bed, from) database_ask((bed)->db, "SELECT count(*) FROM " from)
#define MESSAGES(bed) COUNT(bed, "archive_message")
#define HEARD(bed, body) \
	COUNT(bed, "archive_delivery d JOIN archive_message m " \
	      "ON m.serial = d.serial AND m.recipient = d.room " \
	      "WHERE m.body = '" body "'")
#define ID(jid) "(SELECT id FROM archive_address WHERE jid = '" jid "')"

/* As they come, one after the other. */
static void
is_one_message_by_the_rooms_id(void **state)
{
	struct bed *bed = *state;

	for (int i = 0; i < 2; i++) {
		says(bed, "x1", SAYS("m1", "hi", ""));
		hears(bed, "x2", HEARS("ann@a/1", "Ann", "m1", "hi",
				       STANZA_ID("s1")));
		hears(bed, "x3", HEARS("bob@a/1", "Ann", "m1", "hi",
				       STANZA_ID("s1")));
		hears(bed, "x4", HEARS("bob@a/2", "Ann", "m1", "hi",
				       STANZA_ID("s1")));
	}
	assert_int_equal(MESSAGES(bed), 1);
	assert_int_equal(COUNT(bed, "archive_message WHERE uid = 's1 r@far' "
		"AND sender = " ID("ann@a") " AND resource = '1' "
		"AND recipient = " ID("r@far/0") " AND to_resource = 'Ann' "
		"AND id = 'm1' AND body = 'hi' AND ways = 16 AND type = 2"),
		1);
	assert_int_equal(HEARD(bed, "hi"), 2);
}

static void
is_one_message_without_one(void **state)
{
	struct bed *bed = *state;

	for (int i = 0; i < 2; i++) {
		says(bed, "x1", SAYS("m1", "hi", ""));
		hears(bed, "x2", HEARS("ann@a/1", "Ann", "m1", "hi", ""));
		hears(bed, "x3", HEARS("bob@a/1", "Ann", "m1", "hi", ""));
		hears(bed, "x4", HEARS("bob@a/2", "Ann", "m1", "hi", ""));
	}
	assert_int_equal(MESSAGES(bed), 1);
	assert_int_equal(COUNT(bed, "archive_message WHERE uid = 'x1' "
		"AND sender = " ID("ann@a") " AND to_resource = 'Ann'"), 1);
	assert_int_equal(HEARD(bed, "hi"), 2);
}

/* All in one transaction. */
static void
is_one_message_at_once(void **state)
{
	struct bed *bed = *state;
	const struct archive_row rows[] = {
		archivebed_row(0, "m1", "ann@a", "bob@a", ARCHIVE_SENT),
		copy(bed, "x1", ARCHIVE_SENT, SAYS("m1", "hi", "")),
		copy(bed, "x2", ARCHIVE_RECEIVED,
		     HEARS("ann@a/1", "Ann", "m1", "hi", STANZA_ID("s1"))),
		copy(bed, "x3", ARCHIVE_RECEIVED,
		     HEARS("new@a/1", "Ann", "m1", "hi", STANZA_ID("s1"))),
	};

	archivebed_write(bed->db, rows, ARRAY_LEN(rows));
	assert_int_equal(MESSAGES(bed), 2);
	assert_int_equal(HEARD(bed, "hi"), 2);
}

/* Of others, the room speaks. */
static void
is_the_rooms_where_nobody_here_said_it(void **state)
{
	struct bed *bed = *state;

	hears(bed, "x1", HEARS("ann@a/1", "Far", "m1", "one", ""));
	hears(bed, "x2", HEARS("bob@a/1", "Far", "m1", "one", ""));
	hears(bed, "x3", HEARS("ann@a/1", "Far", "m2", "two",
			       STANZA_ID("s2")));
	hears(bed, "x4", HEARS("bob@a/1", "Far", "m2", "two",
			       STANZA_ID("s2")));
	hears(bed, "x5", "<message type='groupchat' from='r@far' "
	      "to='ann@a/1'><subject>s</subject></message>");
	hears(bed, "x6", "<message type='groupchat' from='r@far' "
	      "to='bob@a/1'><subject>s</subject></message>");
	assert_int_equal(MESSAGES(bed), 3);
	assert_int_equal(COUNT(bed, "archive_message WHERE sender = "
		ID("r@far") " AND recipient = " ID("r@far/0")
		" AND resource IS NULL"), 3);
	assert_int_equal(COUNT(bed, "archive_message WHERE to_resource = "
		"'Far'"), 2);
	assert_int_equal(HEARD(bed, "one"), 2);
	assert_int_equal(HEARD(bed, "two"), 2);
	assert_int_equal(COUNT(bed, "archive_delivery"), 6);
}

/* Nobody hides anything by what another has said. */
static void
is_another_message_when_it_is_said_again(void **state)
{
	struct bed *bed = *state;

	says(bed, "x1", SAYS("m1", "yes", ""));
	hears(bed, "x2", HEARS("ann@a/1", "Ann", "m1", "yes", ""));
	hears(bed, "x3", HEARS("bob@a/1", "Ann", "m1", "yes", ""));
	/* By another, and by her as well, in two rooms' ways. */
	hears(bed, "x4", HEARS("ann@a/1", "Far", "m1", "yes", ""));
	says(bed, "x5", SAYS("m1", "yes", ""));
	hears(bed, "x6", HEARS("ann@a/1", "Ann", "m1", "yes", ""));
	hears(bed, "x7", HEARS("bob@a/1", "Ann", "m1", "yes", ""));
	assert_int_equal(MESSAGES(bed), 3);
	assert_int_equal(HEARD(bed, "yes"), 5);
	says(bed, "x8", SAYS("m1", "no", ""));
	hears(bed, "x9", HEARS("ann@a/1", "Ann", "m1", "no",
			       STANZA_ID("s1")));
	hears(bed, "xa", HEARS("ann@a/1", "Far", "m1", "no",
			       STANZA_ID("s2")));
	hears(bed, "xb", HEARS("ann@a/1", "Ann", "m1", "no",
			       STANZA_ID("s3")));
	assert_int_equal(COUNT(bed, "archive_message WHERE body = 'no'"), 3);
	assert_int_equal(COUNT(bed, "archive_message WHERE body = 'no' "
			       "AND sender = " ID("ann@a")), 1);
}

/* What comes late of the first is not the second. */
static void
keeps_apart_what_has_the_rooms_id(void **state)
{
	struct bed *bed = *state;

	says(bed, "x1", SAYS("m1", "yes", ""));
	hears(bed, "x2", HEARS("ann@a/1", "Ann", "m1", "yes",
			       STANZA_ID("s1")));
	says(bed, "x3", SAYS("m1", "yes", ""));
	hears(bed, "x4", HEARS("bob@a/1", "Ann", "m1", "yes",
			       STANZA_ID("s1")));
	hears(bed, "x5", HEARS("ann@a/1", "Ann", "m1", "yes",
			       STANZA_ID("s2")));
	hears(bed, "x6", HEARS("bob@a/1", "Ann", "m1", "yes",
			       STANZA_ID("s2")));
	assert_int_equal(COUNT(bed, "archive_message WHERE sender = "
		ID("ann@a") " AND uid IN ('s1 r@far', 's2 r@far')"), 2);
	assert_int_equal(MESSAGES(bed), 2);
	assert_int_equal(HEARD(bed, "yes"), 4);
}

static void
knows_its_own_by_the_origin_id(void **state)
{
	struct bed *bed = *state;

	says(bed, "x1", SAYS("o1", "hi", ORIGIN_ID("o1")));
	hears(bed, "x2", HEARS("ann@a/1", "Ann", "other", "hi",
			       ORIGIN_ID("o1") STANZA_ID("s1")));
	assert_int_equal(MESSAGES(bed), 1);
	assert_int_equal(HEARD(bed, "hi"), 1);
}

/* Minutes later it is no copy. */
static void
is_another_message_after_a_while(void **state)
{
	struct bed *bed = *state;

	hears(bed, "x1", HEARS("ann@a/1", "Far", "m1", "hi", ""));
	bed->now += 6 * MINUTE;
	hears(bed, "x2", HEARS("bob@a/1", "Far", "m1", "hi", ""));
	assert_int_equal(MESSAGES(bed), 2);
}

#define PAST(time) \
	"<delay xmlns='urn:xmpp:delay' from='r@far' stamp='" time "'/>"

/* ARCHIVEBED_NOW is 18:24:22. */
static void
knows_what_is_shown_late(void **state)
{
	struct bed *bed = *state;

	hears(bed, "x1", HEARS("ann@a/1", "Far", "m1", "hi", ""));
	bed->now += 60 * MINUTE;
	for (int i = 0; i < 2; i++) {
		hears(bed, i ? "y2" : "x2", HEARS("bob@a/1", "Far", "m1",
			"hi", PAST("2026-11-29T18:24:20Z")));
		hears(bed, i ? "y3" : "x3", HEARS("bob@a/1", "Far", "m0",
			"before", PAST("2026-10-01T00:00:00Z")));
		hears(bed, i ? "y4" : "x4", HEARS("bob@a/1", "Far", "m9",
			"named", PAST("2026-10-02T00:00:00Z")
			STANZA_ID("s9")));
	}
	assert_int_equal(MESSAGES(bed), 3);
	assert_int_equal(HEARD(bed, "hi"), 2);
	assert_int_equal(HEARD(bed, "before"), 1);
	assert_int_equal(HEARD(bed, "named"), 1);
	assert_int_equal(COUNT(bed, "archive_message WHERE body = 'before' "
			       "AND stamp = 1790812800000000"), 1);
}

/* No client and no other room says what a room is known by. */
static void
takes_the_rooms_word_alone(void **state)
{
	struct bed *bed = *state;

	hears(bed, "x1", HEARS("ann@a/1", "Far", "m1", "one",
			       "<stanza-id xmlns='urn:xmpp:sid:0' by='q@far' "
			       "id='x0'/>"));
	hears(bed, "x2", HEARS("ann@a/1", "Far", "m2", "two",
			       STANZA_ID("x1")));
	hears(bed, "x3", HEARS("ann@a/1", "Far", "m3", "three", "<delay "
			       "xmlns='urn:xmpp:delay' from='far@far' "
			       "stamp='2020-01-01T00:00:00Z'/>"));
	assert_int_equal(COUNT(bed, "archive_message WHERE uid IN "
			       "('x1', 'x1 r@far', 'x3')"), 3);
	assert_int_equal(COUNT(bed, "archive_message WHERE stamp IS NULL"),
			 3);
}

static void
names_what_a_long_id_says(void **state)
{
	struct bed *bed = *state;
	char id[300];

	memset(id, 'x', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	hears(bed, "x1", arena_printf(bed->arena, HEARS("ann@a/1", "Far",
			"m1", "hi", STANZA_ID("%s")), id));
	hears(bed, "x2", arena_printf(bed->arena, HEARS("bob@a/1", "Far",
			"m1", "hi", STANZA_ID("%s")), id));
	assert_int_equal(COUNT(bed, "archive_message "
			       "WHERE uid LIKE '% room'"), 1);
	assert_int_equal(MESSAGES(bed), 1);
}

#define RETRACTS(id) "<retract xmlns='urn:xmpp:message-retract:1' id='" id "'/>"
#define REPLACES(id) "<replace xmlns='urn:xmpp:message-correct:0' id='" id "'/>"

static void
says_what_it_is_about(void **state)
{
	struct bed *bed = *state;

	hears(bed, "x1", HEARS("ann@a/1", "Far", "m1", "hi",
			       STANZA_ID("s1")));
	hears(bed, "x2", HEARS("ann@a/1", "Far", "m2", "ho",
			       STANZA_ID("s2") REPLACES("m1")));
	hears(bed, "x3", HEARS("ann@a/1", "Far", "m3", "gone",
			       STANZA_ID("s3") RETRACTS("s1")));
	assert_int_equal(COUNT(bed, "archive_message WHERE about = 'm1' "
			       "AND relation = 2"), 1);
	assert_int_equal(COUNT(bed, "archive_message m JOIN archive_message o "
			       "ON o.uid = m.about WHERE m.relation = 1 "
			       "AND o.body = 'hi'"), 1);
}

static void
leaves_out_rooms_that_are_kept(void **state)
{
	struct bed *bed = *state;

	database_do(bed->db, "INSERT INTO archive_writer (number, name) "
		    "VALUES (7, 'far')");
	says(bed, "x1", SAYS("m1", "hi", ""));
	hears(bed, "x2", HEARS("ann@a/1", "Ann", "m1", "hi", ""));
	hears(bed, "x3", HEARS("ann@a/1", "Ann", "m2", "hi",
			       STANZA_ID("s2")));
	says(bed, "x4", "<message type='groupchat' from='ann@a/1' "
	     "to='r@sub.far'><body>ho</body></message>");
	assert_int_equal(MESSAGES(bed), 1);
	assert_int_equal(HEARD(bed, "hi"), 0);
}

/* Whoever writes to another like that is no room. */
static void
keeps_what_people_say_as_if_in_rooms(void **state)
{
	struct bed *bed = *state;

	take(bed, "x1", ARCHIVE_SENT | ARCHIVE_RECEIVED,
	     "<message type='groupchat' from='ann@a/1' to='bob@a/2'>"
	     "<body>hi</body></message>");
	assert_int_equal(COUNT(bed, "archive_message WHERE sender = "
		ID("ann@a") " AND recipient = " ID("bob@a/0")), 1);
	assert_int_equal(COUNT(bed, "archive_delivery WHERE owner = "
		ID("bob@a")), 1);
}

static void
forgets_copies_after_some_days(void **state)
{
	struct bed *bed = *state;

	hears(bed, "x1", HEARS("ann@a/1", "Far", "m1", "hi", ""));
	assert_int_equal(COUNT(bed, "archive_echo"), 1);
	bed->now += 8 * DAY;
	hears(bed, "x2", HEARS("ann@a/1", "Far", "m2", "hi", ""));
	assert_int_equal(COUNT(bed, "archive_echo"), 1);
	assert_int_equal(COUNT(bed, "archive_echo WHERE uid = 'x2'"), 1);
}

static void
refuses_what_is_for_nobody(void **state)
{
	struct bed *bed = *state;
	const struct archive_mark mark = {
		.serial = 257, .stamp = 1, .uid = "x1", .ways = ARCHIVE_SENT,
	};
	struct archive_row row;

	assert_int_equal(parse(bed->arena, "<message type='groupchat' "
			       "from='ann@a/1'><body>hi</body></message>",
			       &mark, &row), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, free_bed)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(is_one_message_by_the_rooms_id),
		TEST(is_one_message_without_one),
		TEST(is_one_message_at_once),
		TEST(is_the_rooms_where_nobody_here_said_it),
		TEST(is_another_message_when_it_is_said_again),
		TEST(keeps_apart_what_has_the_rooms_id),
		TEST(knows_its_own_by_the_origin_id),
		TEST(is_another_message_after_a_while),
		TEST(knows_what_is_shown_late),
		TEST(takes_the_rooms_word_alone),
		TEST(names_what_a_long_id_says),
		TEST(says_what_it_is_about),
		TEST(leaves_out_rooms_that_are_kept),
		TEST(keeps_what_people_say_as_if_in_rooms),
		TEST(forgets_copies_after_some_days),
		TEST(refuses_what_is_for_nobody),
	};

	return archivebed_run("archive_hearsay", tests, ARRAY_LEN(tests));
}
