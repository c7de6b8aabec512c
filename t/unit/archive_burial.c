#include "shared/archive_burial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "t/lib/archivebed.h"

#define BOTH (ARCHIVE_SENT | ARCHIVE_RECEIVED)
#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

/* Said by r@a to j@b, by an id of his own. */
static struct archive_row
said(int64_t n, const char *uid, const char *id)
{
	struct archive_row row = archivebed_row(n, uid, "r@a", "j@b", BOTH);

	row.id = id;
	row.lang = "en";
	row.resource = "x";
	row.rest = "<a xmlns='b'/>";
	return row;
}

static struct archive_row
about(int64_t n, const char *uid, const char *id,
      enum archive_relation relation)
{
	struct archive_row row = said(n, uid, uid);

	row.relation = relation;
	row.about = id;
	row.buries = relation == ARCHIVE_RETRACTION ? row.mark.ways : 0;
	return row;
}

static struct archive_row
retraction(int64_t n, const char *uid, const char *id)
{
	return about(n, uid, id, ARCHIVE_RETRACTION);
}

#define LEFT(id, ms) "<retracted xmlns='urn:xmpp:message-retract:1' " \
	"stamp='2026-11-29T18:24:22." ms "Z' id='" id "'/>"

/* Of literals, as statements are known again by where their text is. */
#define COUNT(db, where) \
	database_ask(db, "SELECT count(*) FROM archive_message WHERE " where)

/* Is shown to users as if no more were left. */
#define REMAINS(id) "remains LIKE '<retracted xmlns=" \
	"''urn:xmpp:message-retract:1'' %id=''" id "''/>'"

/* How many have nothing but that they were retracted; and how many are as they
   were. */
#define IS_GONE "body IS NULL AND lang IS NULL AND about IS NULL AND " \
	"relation IS NULL AND flags = 0 AND " \
	"rest LIKE '<retracted xmlns=''urn:xmpp:message-retract:1''%'"
#define IS_THERE "body IS NOT NULL AND lang IS NOT NULL AND flags < 128 AND " \
	"rest = '<a xmlns=''b''/>'"

static void
leaves_that_it_was_retracted(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		said(1, "u1", "a1"), said(2, "u2", "a2"),
		retraction(123000, "u3", "a1"),
	};
	struct database_answer got = { 0 };

	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, IS_GONE), 1);
	assert_int_equal(COUNT(db, IS_THERE), 2);
	store_read(db->store, "SELECT rest, id, uid, resource, ways FROM "
		   "archive_message WHERE id = 'a1'", NULL, 0, database_take,
		   &got);
	database_wait(db, &got.done);
	assert_string_equal(got.cells[0], LEFT("u3", "123"));
	assert_string_equal(got.cells[1], "a1");
	assert_string_equal(got.cells[2], "u1");
	assert_string_equal(got.cells[3], "x");
	assert_string_equal(got.cells[4], "3");
	database_answer_fini(&got);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
		"archive_retraction r JOIN archive_message m "
		"ON m.serial = r.serial WHERE r.uid = 'u1' AND m.uid = 'u1' "
		"AND retraction = 'u3' AND who = 'r@a' AND held = 0"), 1);
}

/* What was written in an earlier transaction, or comes again after a kill. */
static void
finds_what_was_stored_before(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		said(1, "u1", "a1"), retraction(2, "u2", "a1"),
	};

	archivebed_write(db, rows, 1);
	assert_int_equal(COUNT(db, IS_THERE), 1);
	archivebed_write(db, rows, 2);
	archivebed_write(db, rows, 2);
	assert_int_equal(COUNT(db, IS_GONE), 1);
	assert_int_equal(COUNT(db, "true"), 2);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_retraction"), 1);
}

/* Whatever the reason, nothing goes. */
static void
lets_be_what_is_not_the_one_that_is_meant(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "a1"),
		retraction(2, "v1", "a1"),	/* of another sender */
		retraction(3, "v2", "a1"),	/* to somebody else */
		retraction(4, "v3", "u1"),	/* by another id */
		retraction(5, "v4", "a1"),	/* in another's archive */
		retraction(6, "v5", "a1"),	/* not to be done */
		retraction(0, "v6", "a1"),	/* said before */
		retraction(7, "v7", "v6"),	/* of a retraction */
	};

	rows[1].sender = "m@a";
	rows[2].recipient = "n@b";
	rows[4].buries = ARCHIVE_UNSEEN(BOTH);
	rows[5].buries = 0;
	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, IS_GONE), 0);
	assert_int_equal(COUNT(db, IS_THERE), ARRAY_LEN(rows));
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_retraction"), 0);
}

static void
takes_the_last_of_those_with_one_id(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		said(1, "u1", "1"), said(2, "u2", "1"), said(3, "u3", "2"),
		retraction(4, "u4", "1"), retraction(5, "u5", "1"),
	};

	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, IS_GONE), 1);
	assert_int_equal(COUNT(db, IS_GONE " AND uid = 'u2'"), 1);
}

static void
takes_what_was_said_in_its_place(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "a1"), about(2, "u2", "a1", ARCHIVE_EDIT),
		about(3, "u3", "a1", ARCHIVE_REPLY),
		about(4, "u4", "a1", ARCHIVE_EDIT),
		about(5, "u5", "a1", ARCHIVE_EDIT),
		retraction(6, "u6", "a1"),
	};

	rows[3].sender = "m@a";
	rows[4].recipient = "n@b";
	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, IS_GONE), 2);
	assert_int_equal(COUNT(db, IS_GONE " AND uid IN ('u1', 'u2')"), 2);
}

/* Some clients begin their ids anew. */
static void
lets_be_what_was_said_by_the_same_id_before(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		said(1, "u1", "1"), about(2, "u2", "1", ARCHIVE_EDIT),
		said(3, "u3", "1"), about(4, "u4", "1", ARCHIVE_EDIT),
		retraction(5, "u5", "1"),
	};

	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, IS_GONE), 2);
	assert_int_equal(COUNT(db, IS_GONE " AND uid IN ('u3', 'u4')"), 2);
}

/* Of two hosts each stores a copy of its own. */
static void
takes_each_copy_by_that_of_the_retraction(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "a1"), retraction(2, "u2", "a1"),
		said(3, "w1", "a1"), retraction(4, "w2", "a1"),
	};

	rows[0].mark.ways = rows[1].mark.ways = ARCHIVE_SENT;
	rows[1].buries = ARCHIVE_SENT;
	rows[2].mark.ways = rows[3].mark.ways = ARCHIVE_RECEIVED;
	rows[3].buries = ARCHIVE_RECEIVED | ARCHIVE_SHOWN;
	archivebed_write(db, rows, 3);
	assert_int_equal(COUNT(db, IS_GONE " AND uid = 'u1'"), 1);
	assert_int_equal(COUNT(db, IS_GONE), 1);
	archivebed_write(db, rows, 4);
	assert_int_equal(COUNT(db, IS_GONE " AND uid = 'w1'"), 1);
	assert_int_equal(COUNT(db, IS_GONE), 2);
}

/* What was taken over from elsewhere is one for each of the two. */
static void
takes_both_copies_that_are_apart(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "a1"), said(2, "w1", "a1"),
		about(3, "u2", "a1", ARCHIVE_EDIT),
		about(4, "w2", "a1", ARCHIVE_EDIT),
		said(5, "u3", "a2"), said(6, "w3", "a2"),
		retraction(7, "u4", "a1"), retraction(8, "u5", "a2"),
	};

	for (size_t i = 0; i < 6; i++)
		rows[i].mark.ways = i % 2 == 0 ? ARCHIVE_SENT :
						 ARCHIVE_RECEIVED;
	archivebed_write(db, rows, 7);
	assert_int_equal(COUNT(db, IS_GONE), 4);
	assert_int_equal(COUNT(db, IS_THERE), 3);
	archivebed_write(db, &rows[7], 1);
	assert_int_equal(COUNT(db, IS_GONE), 6);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_retraction "
				      "WHERE retraction = 'u4'"), 4);
}

/* What both have, or its owner alone, by an id that was used anew. */
static void
lets_be_what_is_no_other_copy(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "1"), said(2, "u2", "1"), said(3, "u3", "1"),
		retraction(4, "u4", "1"),
	};

	rows[1].mark.ways = rows[2].mark.ways = ARCHIVE_SENT;
	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, IS_GONE), 1);
	assert_int_equal(COUNT(db, IS_GONE " AND uid = 'u3'"), 1);
}

/* A gateway may have many behind one bare address. */
static void
goes_by_the_resource_of_components(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "a1"), retraction(2, "u2", "a1"),
		retraction(3, "u3", "a1"),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		rows[i].mark.ways = ARCHIVE_RECEIVED;
		rows[i].mark.flags = ARCHIVE_COMPONENT;
	}
	rows[1].buries = rows[2].buries = ARCHIVE_RECEIVED;
	rows[1].resource = "y";
	archivebed_write(db, rows, 2);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_retraction"), 0);
	archivebed_write(db, rows, 3);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_retraction"), 1);
}

/* Until a copy tells that it was no component. */
static void
goes_by_the_resource_of_unknown_origin(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "a1"), retraction(2, "u2", "a1"),
		retraction(3, "u2", "a1"),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		rows[i].mark.ways = ARCHIVE_RECEIVED;
	rows[1].buries = rows[2].buries = ARCHIVE_RECEIVED;
	rows[1].resource = rows[2].resource = "y";
	rows[1].mark.flags = ARCHIVE_NO_ORIGIN;
	archivebed_write(db, rows, 2);
	assert_int_equal(COUNT(db, "flags = 0 AND body IS NOT NULL"), 2);
	rows[2].mark.flags = ARCHIVE_COMPONENT;
	archivebed_write(db, &rows[1], 2);
	assert_int_equal(COUNT(db, "body IS NOT NULL"), 2);
	rows[2].mark.flags = ARCHIVE_REMOTE;
	archivebed_write(db, &rows[2], 1);
	assert_int_equal(COUNT(db, IS_GONE " AND uid = 'u1'"), 1);
}

/* ARCHIVE_ERASED alone, so that users see no more of it. */
static void
leaves_the_text_of_what_is_held(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		said(1, "u1", "a1"), about(2, "u2", "a1", ARCHIVE_EDIT),
		retraction(3, "u3", "a1"),
	};

	database_do(db, "INSERT INTO archive_hold VALUES ('m', 'r@a', 0, "
		    "9223372036854775807, 'w', 0, NULL)");
	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, "flags = 128 AND body IS NOT NULL AND "
			       "rest = '<a xmlns=''b''/>' AND " REMAINS("u3")
			       " AND uid IN ('u1', 'u2')"), 2);
	assert_int_equal(COUNT(db, "flags = 0 AND remains IS NULL "
			       "AND body IS NOT NULL"), 1);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_retraction WHERE held = 1 "
				      "AND retraction = 'u3'"), 2);
}

/* For those who search all, whoever held it; what is retracted again is noted
   once. */
static void
conceals_what_is_to_be_kept(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "a1"), about(2, "u2", "a1", ARCHIVE_EDIT),
		retraction(3, "u3", "a1"), retraction(4, "u4", "a1"),
	};

	rows[1].mark.ways = ARCHIVE_UNSEEN(BOTH);
	for (size_t i = 2; i < ARRAY_LEN(rows); i++) {
		rows[i].conceals = true;
		rows[i].buries |= ARCHIVE_UNSEEN(BOTH);
	}
	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, "ways = 67 AND uid = 'u1' AND " IS_THERE
			       " AND " REMAINS("u3")), 1);
	assert_int_equal(COUNT(db, "ways = 88 AND uid = 'u2' AND " IS_THERE),
			 1);
	assert_int_equal(COUNT(db, "ways = 3 AND " IS_THERE), 2);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_retraction WHERE held = 2 "
				      "AND uid = 'u1'"), 1);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_retraction"), 1);
}

/* Though of the first copy nobody saw anything, so that none is noted. */
static void
conceals_what_comes_to_what_is_unseen(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "a1"), said(2, "u2", "a1"),
		retraction(3, "u3", "a1"), said(4, "u2", "a1"),
		said(5, "u1", "a1"),
	};

	rows[0].mark.ways = rows[1].mark.ways = ARCHIVE_UNSEEN(ARCHIVE_SENT);
	rows[2].conceals = true;
	rows[2].buries |= ARCHIVE_UNSEEN(BOTH);
	archivebed_write(db, rows, 3);
	assert_int_equal(COUNT(db, "uid = 'u2' AND ways = 72"), 1);
	rows[3].mark.ways = rows[4].mark.ways = ARCHIVE_RECEIVED;
	archivebed_write(db, &rows[3], 2);
	assert_int_equal(COUNT(db, "uid = 'u2' AND ways = 74 AND " IS_THERE
			       " AND " REMAINS("u3")), 1);
	assert_int_equal(COUNT(db, "uid = 'u1' AND ways = 10"), 1);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_retraction"), 0);
}

/* By another way, or as one that was sent again; of it users are told. */
static void
conceals_what_still_comes(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "a1"), said(2, "u2", "a2"),
		retraction(3, "u3", "a1"),
	};
	struct archive_row late[] = {
		said(4, "u1", "a1"), said(5, "u2", "a2"), said(6, "u1", "a1"),
	};

	rows[0].mark.ways = rows[1].mark.ways = ARCHIVE_SENT;
	rows[2].conceals = true;
	archivebed_write(db, rows, ARRAY_LEN(rows));
	late[0].mark.ways = late[1].mark.ways = ARCHIVE_SHOWN;
	archivebed_write(db, late, 2);
	assert_int_equal(COUNT(db, "uid = 'u1' AND ways = 69 AND " IS_THERE),
			 1);
	assert_int_equal(COUNT(db, "uid = 'u2' AND ways = 5"), 1);
	late[2].mark.ways = BOTH | ARCHIVE_UNSEEN(ARCHIVE_SENT);
	archivebed_write(db, &late[2], 1);
	assert_int_equal(COUNT(db, "uid = 'u1' AND ways = 79"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(leaves_that_it_was_retracted),
		TEST(finds_what_was_stored_before),
		TEST(lets_be_what_is_not_the_one_that_is_meant),
		TEST(takes_the_last_of_those_with_one_id),
		TEST(takes_what_was_said_in_its_place),
		TEST(lets_be_what_was_said_by_the_same_id_before),
		TEST(takes_each_copy_by_that_of_the_retraction),
		TEST(takes_both_copies_that_are_apart),
		TEST(lets_be_what_is_no_other_copy),
		TEST(goes_by_the_resource_of_components),
		TEST(goes_by_the_resource_of_unknown_origin),
		TEST(leaves_the_text_of_what_is_held),
		TEST(conceals_what_is_to_be_kept),
		TEST(conceals_what_still_comes),
		TEST(conceals_what_comes_to_what_is_unseen),
	};

	return archivebed_run("archive_burial", tests, ARRAY_LEN(tests));
}
