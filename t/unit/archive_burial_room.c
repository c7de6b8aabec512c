#include "shared/archive_burial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

/* By Ann, by an id of her own. */
static struct archive_row
said(int64_t n, const char *uid, const char *id)
{
	struct archive_row row = archivebed_row(n, uid, "ann@a", "r@m/77",
						ARCHIVE_RECEIVED);

	row.type = ARCHIVE_GROUPCHAT;
	row.to_resource = "Ann";
	row.id = id;
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
	return row;
}

static struct archive_row
edit(int64_t n, const char *uid, const char *id)
{
	return about(n, uid, id, ARCHIVE_EDIT);
}

static struct archive_row
retraction(int64_t n, const char *uid, const char *target)
{
	struct archive_row row = about(n, uid, target, ARCHIVE_RETRACTION);

	row.buries = ARCHIVE_RECEIVED;
	return row;
}

#define MARK "<moderated xmlns='urn:xmpp:message-moderate:1' by='r@m/Mod'/>" \
	"<reason>Rude</reason>"

/* It is the room that says it. */
static struct archive_row
moderation(int64_t n, const char *uid, const char *target)
{
	struct archive_row row = retraction(n, uid, target);

	row.sender = "mod@a";
	row.to_resource = "";
	row.body = NULL;
	row.rest = "<retract xmlns='urn:xmpp:message-retract:1' id='x'>" MARK
		   "</retract>";
	return row;
}

#define LEFT(id, ms, what) "<retracted " \
	"xmlns='urn:xmpp:message-retract:1' stamp='2026-11-29T18:24:22." ms \
	"Z' id='" id "'" what

/* Of literals, as statements are known again by where their text is. */
#define COUNT(db, where) \
	database_ask(db, "SELECT count(*) FROM archive_message WHERE " where)
#define NOTED(db, where) \
	database_ask(db, "SELECT count(*) FROM archive_retraction WHERE " \
		     where)

#define IS_GONE "body IS NULL AND about IS NULL AND relation IS NULL AND " \
	"flags = 0 AND " \
	"rest LIKE '<retracted xmlns=''urn:xmpp:message-retract:1''%'"
#define IS_THERE "body IS NOT NULL AND flags < 128 AND " \
	"rest = '<a xmlns=''b''/>'"

static void
assert_left(struct database *db, const char *left)
{
	struct database_answer got = { 0 };

	store_read(db->store, "SELECT rest, id, to_resource, ways FROM "
		   "archive_message WHERE uid = 'u1'", NULL, 0,
		   database_take, &got);
	database_wait(db, &got.done);
	assert_string_equal(got.cells[0], left);
	assert_string_equal(got.cells[1], "a1");
	assert_string_equal(got.cells[2], "Ann");
	assert_string_equal(got.cells[3], "2");
	database_answer_fini(&got);
}

/* In one transaction, and when all of it comes again. */
static void
goes_by_the_rooms_id(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		said(1, "u1", "a1"), said(2, "u2", "a2"),
		retraction(123000, "u3", "u1"),
	};

	archivebed_write(db, rows, ARRAY_LEN(rows));
	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, IS_GONE), 1);
	assert_int_equal(COUNT(db, IS_THERE), 2);
	assert_left(db, LEFT("u3", "123", "/>"));
	assert_int_equal(NOTED(db, "uid = 'u1' AND retraction = 'u3' AND "
		"who = 'ann@a' AND held = 0 AND room = 'r@m' AND "
		"moderated = 0"), 1);
	assert_int_equal(NOTED(db, "true"), 1);
}

static void
says_what_a_moderator_says(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		said(1, "u1", "a1"), moderation(123000, "u2", "u1"),
		/* That is not hers to take away. */
		retraction(124000, "u3", "u1"),
	};

	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_left(db, LEFT("u2", "123", ">" MARK "</retracted>"));
	assert_int_equal(NOTED(db, "retraction = 'u2' AND who = 'mod@a' AND "
			       "moderated = 1"), 1);
	assert_int_equal(NOTED(db, "true"), 1);
}

/* Be it a true one, or forged so that it stays. */
static void
lets_moderators_retract_tombstones(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "a1"), said(2, "u2", "a2"),
		retraction(3, "u3", "u1"), moderation(123000, "u4", "u1"),
		moderation(5, "u5", "u2"),
	};

	rows[1].body = NULL;
	rows[1].rest = "<retracted xmlns='urn:xmpp:message-retract:1'>" MARK
		       "</retracted><x xmlns='rude'/>";
	archivebed_write(db, rows, ARRAY_LEN(rows));
	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_left(db, LEFT("u4", "123", ">" MARK "</retracted>"));
	assert_int_equal(COUNT(db, "rest LIKE '%<x %'"), 0);
	assert_int_equal(NOTED(db, "true"), 3);
	assert_int_equal(NOTED(db, "uid = 'u1'"), 2);
}

static void
lets_be_what_is_not_the_one_that_is_meant(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "a1"),
		retraction(2, "v1", "u1"),	/* of another author */
		retraction(3, "v2", "u1"),	/* in another room */
		retraction(4, "v3", "a1"),	/* by another id */
		retraction(5, "v4", "u1"),	/* not to be done */
		moderation(6, "v5", "u1"),	/* of another room's */
		retraction(7, "v6", "v1"),	/* of another's retraction */
		retraction(8, "v7", "v3"),	/* of a retraction */
	};

	rows[1].sender = "bob@a";
	rows[2].recipient = "r@m/78";
	rows[4].buries = 0;
	rows[5].recipient = "q@m/77";
	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, IS_GONE), 0);
	assert_int_equal(COUNT(db, IS_THERE), ARRAY_LEN(rows) - 1);
	assert_int_equal(NOTED(db, "true"), 0);
}

static void
takes_what_was_said_in_its_place(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "a1"), edit(2, "u2", "a1"),
		about(3, "u3", "a1", ARCHIVE_REPLY),
		edit(4, "u4", "a1"),	/* another's */
		edit(5, "u5", "a1"),	/* elsewhere */
		edit(6, "u6", "a1"),
		moderation(7, "u7", "u1"),
		edit(8, "u8", "a1"),	/* later */
	};

	rows[3].sender = "bob@a";
	rows[4].recipient = "r@m/78";
	archivebed_write(db, rows, 3);
	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, IS_GONE), 3);
	assert_int_equal(COUNT(db, IS_GONE " AND uid IN ('u1', 'u2', 'u6')"),
			 3);
	assert_int_equal(NOTED(db, "retraction = 'u7'"), 3);
}

/* Some clients begin their ids anew. */
static void
lets_be_what_replaces_another_of_that_id(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		said(1, "u1", "1"), edit(2, "u2", "1"),
		said(3, "u3", "1"), edit(4, "u4", "1"),
		said(5, "u5", "1"), edit(6, "u6", "1"),
		retraction(7, "u7", "u3"),
	};

	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, IS_GONE), 2);
	assert_int_equal(COUNT(db, IS_GONE " AND uid IN ('u3', 'u4')"), 2);
}

/* As of what was taken over: the room stands for two people. */
static void
lets_be_what_another_nick_has_said(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "1"), edit(2, "u2", "1"),
		said(3, "v1", "1"), edit(4, "v2", "1"),	/* of Bob's */
		edit(5, "u3", "1"), moderation(6, "u4", "u1"),
	};

	for (size_t i = 0; i < 5; i++)
		rows[i].sender = "r@m";
	rows[2].to_resource = rows[3].to_resource = "Bob";
	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, IS_GONE), 3);
	assert_int_equal(COUNT(db, IS_GONE " AND uid IN ('u1', 'u2', 'u3')"),
			 3);
}

/* One without ways is done, and not kept. */
static void
carries_out_what_is_not_stored(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "a1"), retraction(123000, "u2", "u1"),
	};

	rows[1].mark.ways = 0;
	archivebed_write(db, rows, 1);
	archivebed_write(db, &rows[1], 1);
	assert_left(db, LEFT("u2", "123", "/>"));
	assert_int_equal(COUNT(db, "true"), 1);
	assert_int_equal(NOTED(db, "retraction = 'u2'"), 1);
}

static void
leaves_the_text_of_what_is_held(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		said(1, "u1", "a1"), edit(2, "u2", "a1"),
		retraction(3, "u3", "u1"), moderation(4, "u4", "u1"),
	};

	database_do(db, "INSERT INTO archive_hold VALUES ('m', 'r@m', 0, "
		    "9223372036854775807, 'w', 0, NULL)");
	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, "flags = 128 AND body IS NOT NULL AND "
			       "rest = '<a xmlns=''b''/>' AND "
			       "uid IN ('u1', 'u2')"), 2);
	assert_int_equal(NOTED(db, "held = 1 AND retraction = 'u3'"), 2);
	assert_int_equal(NOTED(db, "true"), 2);
}

static void
conceals_what_is_to_be_kept(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		said(1, "u1", "a1"), edit(2, "u2", "a1"),
		said(3, "u3", "a3"), retraction(4, "u4", "u1"),
		moderation(5, "u5", "u1"), moderation(6, "u6", "u3"),
	};

	/* It was in no room's archive anyway. */
	rows[2].mark.ways = ARCHIVE_UNSEEN(ARCHIVE_RECEIVED);
	for (size_t i = 3; i < ARRAY_LEN(rows); i++)
		rows[i].conceals = true;
	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, "ways = 66 AND uid IN ('u1', 'u2') AND "
			       IS_THERE " AND remains LIKE '%id=''u4''/>'"),
			 2);
	assert_int_equal(COUNT(db, "ways = 16 AND uid = 'u3' AND " IS_THERE),
			 1);
	assert_int_equal(NOTED(db, "held = 2 AND retraction = 'u4'"), 2);
	assert_int_equal(NOTED(db, "true"), 2);
}

#define KEEP(whose) \
	"INSERT INTO archive_kept (whose, keeper) VALUES ('" whose "', 'k')"

/* Her address, her domain, the room's, and that of all rooms. */
static const struct {
	const char *keep, *uids[4];
} keeps[] = {
	{ KEEP("ann@a"), { "u1", "u2", "u3", "u4" } },
	{ KEEP("a"), { "v1", "v2", "v3", "v4" } },
	{ KEEP("r@m"), { "w1", "w2", "w3", "w4" } },
	{ KEEP("m"), { "x1", "x2", "x3", "x4" } },
};

static void
conceals_whose_is_to_be_kept(void **state)
{
	struct database *db = *state;

	for (int i = 0; i < (int)ARRAY_LEN(keeps); i++) {
		const char *const *uids = keeps[i].uids;
		const struct archive_row rows[] = {
			said(10 * i + 1, uids[0], "a1"),
			said(10 * i + 2, uids[1], "a2"),
			retraction(10 * i + 3, uids[2], uids[0]),
			moderation(10 * i + 4, uids[3], uids[1]),
		};

		database_do(db, "DELETE FROM archive_kept");
		database_do(db, keeps[i].keep);
		archivebed_write(db, rows, ARRAY_LEN(rows));
		assert_int_equal(COUNT(db, "ways = 66 AND " IS_THERE),
				 2 * (i + 1));
		assert_int_equal(NOTED(db, "held = 2"), 2 * (i + 1));
	}
}

static void
keeps_nobody_elses(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		said(1, "u1", "a1"), retraction(2, "u2", "u1"),
	};

	database_do(db, "INSERT INTO archive_kept (whose, keeper) VALUES "
		    "('bob@a', 'k'), ('b', 'k'), ('s@m', 'k'), ('ann', 'k'), "
		    "('r@m/77', 'k'), ('m/77', 'k')");
	archivebed_write(db, rows, ARRAY_LEN(rows));
	assert_int_equal(COUNT(db, IS_GONE), 1);
	assert_int_equal(NOTED(db, "held = 0"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(goes_by_the_rooms_id),
		TEST(says_what_a_moderator_says),
		TEST(lets_moderators_retract_tombstones),
		TEST(lets_be_what_is_not_the_one_that_is_meant),
		TEST(takes_what_was_said_in_its_place),
		TEST(lets_be_what_replaces_another_of_that_id),
		TEST(lets_be_what_another_nick_has_said),
		TEST(carries_out_what_is_not_stored),
		TEST(leaves_the_text_of_what_is_held),
		TEST(conceals_what_is_to_be_kept),
		TEST(conceals_whose_is_to_be_kept),
		TEST(keeps_nobody_elses),
	};

	return archivebed_run("archive_burial_room", tests, ARRAY_LEN(tests));
}
