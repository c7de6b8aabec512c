#include "components/archive/retention/erasure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/commands.h"
#include "shared/archive_attendance.h"
#include "shared/archive_event.h"
#include "shared/archive_row.h"
#include "shared/serial.h"
#include "shared/str.h"
#include "t/lib/archivebed.h"
#include "t/lib/callbed.h"

#define THEN 1700000000000000	/* 2023-11-14 */
#define LATER 4000000000000000	/* 2096-10-02 */
#define SENT ARCHIVE_SENT
#define RECEIVED ARCHIVE_RECEIVED
#define BOTH (SENT | RECEIVED)
#define ERASE(bed) CALLBED_COMMAND(bed, "erase", "user=r@a")
#define COUNT(bed, where) \
	database_ask((bed)->db, "SELECT count(*) FROM archive_message m " \
		     "JOIN archive_address s ON s.id = m.sender " \
		     "JOIN archive_address t ON t.id = m.recipient " \
		     "WHERE " where)
#define ASK(bed, sql) database_ask((bed)->db, sql)
#define TOLD_FULL(erased, renamed, removed, events, shown, pending) \
	"text removed||" erased "\naddress replaced||" renamed \
	"\nremoved||" removed "\nevents removed||" events \
	"\nattendance replaced||" shown \
	"\nremoved before review||" pending "\n"
#define TOLD_BOTH(erased, renamed, removed, events, shown) \
	TOLD_FULL(erased, renamed, removed, events, shown, "0")
#define TOLD_ALL(erased, renamed, removed, events) \
	TOLD_BOTH(erased, renamed, removed, events, "0")
#define TOLD_SHOWN(erased, renamed, removed, shown) \
	TOLD_BOTH(erased, renamed, removed, "0", shown)
#define TOLD(erased, renamed, removed) \
	TOLD_BOTH(erased, renamed, removed, "0", "0")
#define NO_TEXT " AND m.body IS NULL AND m.id IS NULL " \
	"AND m.resource IS NULL AND m.remains IS NULL AND m.flags = 128"

static int
new_bed(void **state)
{
	*state = callbed_new(*(const enum database_kind *)*state,
			     archive_commands, NULL);
	return 0;
}

static int
free_bed(void **state)
{
	struct callbed *bed = *state;

	callbed_free(&bed);
	return 0;
}

static struct archive_row
row(const char *uid, const char *from, const char *to, unsigned ways)
{
	int64_t stamp = THEN + strtol(uid + 1, NULL, 10);

	return (struct archive_row){
		.mark = { .serial = serial_first_of(stamp), .stamp = stamp,
			  .uid = uid, .ways = ways },
		.type = ARCHIVE_CHAT, .sender = from, .recipient = to,
		.resource = "x", .to_resource = "y", .id = "i",
		.body = "Wherefore?",
	};
}

static void
write_some(struct callbed *bed)
{
	struct archive_row rows[] = {
		row("u1", "r@a", "j@b", BOTH),
		row("u2", "j@b", "r@a", BOTH),
		row("u3", "r@a", "n@c", SENT),
		row("u4", "n@c", "r@a", RECEIVED),
		row("u5", "j@b", "n@c", BOTH),
		row("u6", "r@a", "r@a", BOTH),
		row("u7", "r@a", "hall@c/123", RECEIVED),
		row("u8", "j@b", "hall@c/123", RECEIVED),
	};

	rows[6].type = rows[7].type = ARCHIVE_GROUPCHAT;
	archivebed_write(bed->db, rows, 8);
}

/* An entry of what went, on behalf of whom. */
static void
wait_reported(struct callbed *bed, const char *who, const char *text_removed,
	      const char *address_replaced, const char *removed)
{
	struct str sql = { 0 };

	str_addf(&sql, "SELECT count(*) FROM audit_entry WHERE action = "
		 "'erased' AND who = '%s' AND detail = '{\"user\":\"r@a\","
		 "\"text_removed\":%s,\"address_replaced\":%s,"
		 "\"removed\":%s,\"events_removed\":0,"
		 "\"attendance_replaced\":0,\"review_removed\":0}'",
		 who, text_removed,
		 address_replaced, removed);
	while (ASK(bed, sql.data) != 1)
		database_run(bed->db, 10);
	str_fini(&sql);
}

static void
erases_what_there_is(void **state)
{
	struct callbed *bed = *state;

	write_some(bed);
	database_do(bed->db, "INSERT INTO archive_preference VALUES "
		    "('r@a', 'always', '', ''), ('j@b', 'always', '', '')");
	database_do(bed->db, "UPDATE archive_message SET remains = '<left/>' "
		    "WHERE uid = 'u1'");
	assert_string_equal(ERASE(bed), TOLD("2", "1", "3"));
	assert_int_equal(COUNT(bed, "1 = 1"), 5);
	assert_int_equal(COUNT(bed, "m.uid = 'u1' AND t.jid = 'j@b' AND "
			       "s.jid LIKE '%@erased.invalid' AND ways = 2 "
			       "AND m.to_resource = 'y'" NO_TEXT), 1);
	assert_int_equal(COUNT(bed, "m.uid = 'u2' AND s.jid = 'j@b' AND "
			       "t.jid LIKE '%@erased.invalid' AND ways = 1 "
			       "AND m.body IS NOT NULL AND m.resource = 'x' "
			       "AND m.to_resource IS NULL AND flags = 0"), 1);
	assert_int_equal(COUNT(bed, "m.uid = 'u7' AND t.jid = 'hall@c/123' AND "
			       "s.jid LIKE '%@erased.invalid' AND ways = 2 "
			       "AND m.to_resource IS NULL" NO_TEXT), 1);
	assert_int_equal(COUNT(bed, "m.uid IN ('u5', 'u8') AND m.body "
			       "IS NOT NULL AND flags = 0"), 2);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_address "
			     "WHERE jid = 'r@a'"), 0);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_preference "
			     "WHERE owner = 'r@a'"), 0);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_preference"),
			 1);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_erasure"), 0);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM audit_entry WHERE "
			     "action = 'erase' AND detail LIKE '%r@a%'"), 1);
	wait_reported(bed, "the operator", "2", "1", "3");
}

/* As those that users see. */
static void
erases_what_is_unseen(void **state)
{
	struct callbed *bed = *state;
	const struct archive_row rows[] = {
		row("u1", "r@a", "j@b", ARCHIVE_UNSEEN(BOTH)),
		row("u2", "j@b", "r@a", RECEIVED | ARCHIVE_UNSEEN(SENT)),
		row("u3", "r@a", "n@c", ARCHIVE_UNSEEN(SENT)),
	};

	archivebed_write(bed->db, rows, 3);
	assert_string_equal(ERASE(bed), TOLD("1", "1", "1"));
	assert_int_equal(COUNT(bed, "m.uid = 'u1' AND ways = 16" NO_TEXT), 1);
	assert_int_equal(COUNT(bed, "m.uid = 'u2' AND ways = 8 "
			       "AND m.body IS NOT NULL"), 1);
}

static void
finds_nothing_the_second_time(void **state)
{
	struct callbed *bed = *state;

	assert_string_equal(ERASE(bed), TOLD("0", "0", "0"));
	write_some(bed);
	ERASE(bed);
	assert_string_equal(ERASE(bed), TOLD("0", "0", "0"));
	assert_int_equal(COUNT(bed, "1 = 1"), 5);
	wait_reported(bed, "the operator", "2", "1", "3");
	assert_int_equal(ASK(bed, "SELECT count(*) FROM audit_entry WHERE "
			     "action = 'erased'"), 1);
}

/* Two of two rooms, and when they were there. */
static void
show_some(struct callbed *bed)
{
	database_do(bed->db, "INSERT INTO archive_delivery SELECT a.id, "
		    "m.serial, 0, m.recipient FROM archive_address a, "
		    "archive_message m WHERE a.jid IN ('r@a', 'n@c') "
		    "AND m.uid IN ('u7', 'u8')");
	database_do(bed->db, "INSERT INTO archive_attendance SELECT "
		    "m.recipient, m.serial - 1, a.id, m.serial + 1 FROM "
		    "archive_address a, archive_message m WHERE a.jid IN "
		    "('r@a', 'n@c') AND m.uid IN ('u7', 'u8')");
	database_do(bed->db, "UPDATE archive_attendance SET last = "
		    ARCHIVE_ATTENDANCE_OPEN " WHERE first = (SELECT serial - 1 "
		    "FROM archive_message WHERE uid = 'u8')");
}

#define HIS_VISITS(bed) \
	ASK(bed, "SELECT count(*) FROM archive_attendance t " \
	    "JOIN archive_address a ON a.id = t.owner WHERE a.jid = 'r@a'")

/* One that tells who was shown something in a room, too. */
static void
replaces_who_was_shown_something(void **state)
{
	struct callbed *bed = *state;

	write_some(bed);
	show_some(bed);
	assert_string_equal(ERASE(bed), TOLD_SHOWN("2", "1", "3", "4"));
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_delivery"),
			 4);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_attendance t "
			     "JOIN archive_address a ON a.id = t.owner "
			     "WHERE a.jid LIKE '%@erased.invalid'"), 2);
	assert_int_equal(HIS_VISITS(bed), 0);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_delivery d "
			     "JOIN archive_address a ON a.id = d.owner "
			     "WHERE a.jid LIKE '%@erased.invalid'"), 2);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_address "
			     "WHERE jid = 'r@a'"), 0);
}

static void
hold(struct callbed *bed)
{
	CALLBED_COMMAND(bed, "hold-add", "matter=m1", "whose=j@b");
	CALLBED_COMMAND(bed, "hold-add", "matter=m2", "whose=b");
}

static void
leaves_what_is_held(void **state)
{
	struct callbed *bed = *state;

	write_some(bed);
	hold(bed);
	assert_string_equal(ERASE(bed), TOLD("1", "0", "3")
			    "held|m1|2\nheld|m2|2\n");
	assert_int_equal(COUNT(bed, "m.uid = 'u1' AND s.jid = 'r@a' AND "
			       "m.ways = 3 AND m.body IS NOT NULL"), 1);
	assert_int_equal(COUNT(bed, "m.uid = 'u2' AND t.jid = 'r@a' AND "
			       "m.ways = 3 AND m.body IS NOT NULL"), 1);
	CALLBED_COMMAND(bed, "hold-remove", "matter=m1");
	database_run(bed->db, 100);
	assert_int_equal(COUNT(bed, "s.jid = 'r@a'"), 1);
}

/* What shows somebody what is held is held as well. */
static void
leaves_who_was_shown_what_is_held(void **state)
{
	struct callbed *bed = *state;

	write_some(bed);
	show_some(bed);
	database_do(bed->db, "INSERT INTO archive_hold VALUES ('m', 'j@b', 0, "
		    "9223372036854775807, 'w', 0, NULL)");
	/* Two messages, a visit, and one that was shown later. */
	assert_non_null(strstr(ERASE(bed), "\nattendance replaced||2\n"
			       "removed before review||0\nheld|m|4\n"));
	assert_int_equal(HIS_VISITS(bed), 1);
	CALLBED_COMMAND(bed, "hold-remove", "matter=m");
	while (ASK(bed, "SELECT count(*) FROM archive_erasure") > 0)
		database_run(bed->db, 10);
	assert_int_equal(HIS_VISITS(bed), 0);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_address "
			     "WHERE jid = 'r@a'"), 0);
}

#define KEEP(uid, since, sender, recipient) \
	"('" uid "', 'a', 0, 'p', " since ", " since ", '" sender "', '" \
	recipient "', '<message/>', '')"

/* What a reviewer has not decided about. */
static void
keep_some(struct callbed *bed)
{
	database_do(bed->db, "INSERT INTO archive_held VALUES "
		    KEEP("k1", "1", "r@a/x", "j@b") ", "
		    KEEP("k2", "2", "j@b/y", "r@a") ", "
		    KEEP("k3", "3", "r@a", "n@c/z") ", "
		    KEEP("k4", "4", "r@aa/x", "rr@a/x") ", "
		    KEEP("k5", "5", "n@c/r@a/", "j@bb/x@b/") ", "
		    KEEP("k6", "4000000000000000", "r@a/x", "j@b"));
}

/* Whoever it is of; nothing of others, and nothing that came later. */
static void
removes_what_is_held_for_review(void **state)
{
	struct callbed *bed = *state;

	keep_some(bed);
	assert_string_equal(ERASE(bed), TOLD_FULL("0", "0", "0", "0", "0",
						  "3"));
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_held "
			     "WHERE uid IN ('k4', 'k5', 'k6')"), 3);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_held"), 3);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_erasure"), 0);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM audit_entry WHERE "
			     "action = 'erased' AND detail LIKE "
			     "'%\"review_removed\":3}'"), 1);
}

static void
leaves_what_a_matter_holds_for_reviewers(void **state)
{
	struct callbed *bed = *state;

	keep_some(bed);
	hold(bed);
	assert_string_equal(ERASE(bed), TOLD_FULL("0", "0", "0", "0", "0",
						  "1")
			    "held|m1|3\nheld|m2|3\n");
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_held"), 5);
	CALLBED_COMMAND(bed, "hold-remove", "matter=m1");
	CALLBED_COMMAND(bed, "hold-remove", "matter=m2");
	while (ASK(bed, "SELECT count(*) FROM archive_erasure") > 0)
		database_run(bed->db, 10);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_held"), 3);
}

/* Nobody asks again. */
static void
goes_on_once_nothing_is_held(void **state)
{
	struct callbed *bed = *state;

	write_some(bed);
	hold(bed);
	ERASE(bed);
	CALLBED_COMMAND(bed, "hold-remove", "matter=m1");
	CALLBED_COMMAND(bed, "hold-remove", "matter=m2");
	while (ASK(bed, "SELECT count(*) FROM archive_erasure") > 0)
		database_run(bed->db, 10);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_address "
			     "WHERE jid = 'r@a'"), 0);
	/* By the same alias. */
	assert_int_equal(COUNT(bed, "s.jid LIKE '%@erased.invalid'"), 2);
	assert_int_equal(ASK(bed, "SELECT count(DISTINCT sender) "
			     "FROM archive_message WHERE flags = 128"), 1);
}

static void
goes_on_after_a_restart(void **state)
{
	struct callbed *bed = *state;

	write_some(bed);
	database_do(bed->db, "INSERT INTO archive_erasure VALUES ('r@a', "
		    "'x@erased.invalid', 'w', 1700000000000100)");
	erasure_resume(bed->db->store);
	while (ASK(bed, "SELECT count(*) FROM archive_erasure") > 0)
		database_run(bed->db, 10);
	assert_int_equal(COUNT(bed, "s.jid = 'x@erased.invalid'"), 2);
	assert_int_equal(COUNT(bed, "t.jid = 'x@erased.invalid'"), 1);
	wait_reported(bed, "w", "2", "1", "3");
}

static void
write_later(struct callbed *bed)
{
	struct archive_row rows[] = {
		row("u9", "r@a", "n@c", BOTH), row("u10", "n@c", "r@a", BOTH),
	};

	rows[0].mark.serial = serial_first_of(LATER);
	rows[1].mark.serial = serial_first_of(LATER + 1);
	archivebed_write(bed->db, rows, 2);
	database_do(bed->db, "INSERT INTO archive_preference VALUES "
		    "('r@a', 'always', '', '')");
}

static void
assert_later(struct callbed *bed)
{
	assert_int_equal(COUNT(bed, "m.uid = 'u9' AND s.jid = 'r@a' "
			       "AND m.body IS NOT NULL AND m.ways = 3"), 1);
	assert_int_equal(COUNT(bed, "m.uid = 'u10' AND t.jid = 'r@a' "
			       "AND m.body IS NOT NULL AND m.ways = 3"), 1);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_preference"),
			 1);
}

static void
leaves_what_comes_later(void **state)
{
	struct callbed *bed = *state;

	write_some(bed);
	hold(bed);
	ERASE(bed);
	write_later(bed);
	CALLBED_COMMAND(bed, "hold-remove", "matter=m1");
	CALLBED_COMMAND(bed, "hold-remove", "matter=m2");
	while (ASK(bed, "SELECT count(*) FROM archive_erasure") > 0)
		database_run(bed->db, 10);
	assert_later(bed);
	assert_int_equal(COUNT(bed, "s.jid = 'r@a' OR t.jid = 'r@a'"), 2);
	assert_int_equal(COUNT(bed, "s.jid LIKE '%@erased.invalid'"), 2);
}

/* What was asked for again goes to that time, by the same alias. */
static void
goes_further_when_asked_again(void **state)
{
	struct callbed *bed = *state;

	write_some(bed);
	database_do(bed->db, "INSERT INTO archive_erasure VALUES ('r@a', "
		    "'x@erased.invalid', 'w', 1700000000000002)");
	erasure_resume(bed->db->store);
	while (ASK(bed, "SELECT count(*) FROM archive_erasure") > 0)
		database_run(bed->db, 10);
	assert_int_equal(COUNT(bed, "s.jid = 'x@erased.invalid'"), 1);
	assert_int_equal(COUNT(bed, "s.jid = 'r@a' OR t.jid = 'r@a'"), 5);
	database_do(bed->db, "INSERT INTO archive_erasure VALUES ('r@a', "
		    "'x@erased.invalid', 'w', 1700000000000002)");
	assert_string_equal(ERASE(bed), TOLD("1", "1", "3"));
	assert_int_equal(COUNT(bed, "s.jid = 'x@erased.invalid'"), 2);
}

/* With some in each part that are held. */
static void
erases_many(void **state)
{
	static char uids[1200][8];
	struct archive_row *rows = calloc(1200, sizeof(*rows));
	struct callbed *bed = *state;

	assert_non_null(rows);
	for (int i = 0; i < 1200; i++) {
		snprintf(uids[i], sizeof(uids[i]), "u%d", i);
		rows[i] = row(uids[i], "r@a", i % 3 == 0 ? "j@b" : "n@c",
			      BOTH);
	}
	archivebed_write(bed->db, rows, 1200);
	free(rows);
	CALLBED_COMMAND(bed, "hold-add", "matter=m1", "whose=j@b");
	assert_string_equal(ERASE(bed), TOLD("800", "0", "0")
			    "held|m1|400\n");
	assert_int_equal(COUNT(bed, "m.body IS NULL"), 800);
}

/* The last of them much later. */
static void
write_events(struct callbed *bed)
{
	struct archive_row rows[] = {
		archivebed_event(0, "e1", ARCHIVE_EVENT_JOIN, "r@a",
				 "hall@c/123"),
		archivebed_event(1, "e2", ARCHIVE_EVENT_KICK, "j@b",
				 "hall@c/123"),
		archivebed_event(2, "e3", ARCHIVE_EVENT_FILE, "n@c", "r@a"),
		archivebed_event(3, "e4", ARCHIVE_EVENT_JOIN, "n@c",
				 "hall@c/123"),
		archivebed_event(4, "e5", ARCHIVE_EVENT_JOIN, "r@a",
				 "hall@c/123"),
	};

	rows[1].id = "r@a";
	for (int i = 0; i < 4; i++)
		rows[i].mark.serial = serial_first_of(THEN + i);
	rows[4].mark.serial = serial_first_of(LATER);
	archivebed_write(bed->db, rows, 5);
}

/* By him, about him, and for him; but for what came later. */
static void
removes_events(void **state)
{
	struct callbed *bed = *state;

	database_do(bed->db, "INSERT INTO archive_erasure VALUES ('r@a', "
		    "'x@erased.invalid', 'w', 1700000000000100)");
	write_events(bed);
	CALLBED_COMMAND(bed, "hold-add", "matter=m1", "whose=j@b");
	erasure_resume(bed->db->store);
	while (ASK(bed, "SELECT count(*) FROM archive_event") > 3)
		database_run(bed->db, 10);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_event "
			     "WHERE uid IN ('e2', 'e4', 'e5')"), 3);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_erasure"), 1);
	CALLBED_COMMAND(bed, "hold-remove", "matter=m1");
	while (ASK(bed, "SELECT count(*) FROM archive_erasure") > 0)
		database_run(bed->db, 10);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_event "
			     "WHERE uid IN ('e4', 'e5')"), 2);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_address "
			     "WHERE jid = 'r@a'"), 1);
}

static void
says_which_events_went(void **state)
{
	struct callbed *bed = *state;

	write_events(bed);
	database_do(bed->db, "DELETE FROM archive_event WHERE uid = 'e5'");
	CALLBED_COMMAND(bed, "hold-add", "matter=m1", "whose=j@b");
	assert_string_equal(ERASE(bed), TOLD_ALL("0", "0", "0", "2")
			    "held|m1|1\n");
}

static void
says_what_the_database_says(void **state)
{
	struct callbed *bed = *state;

	write_some(bed);
	database_do(bed->db, "ALTER TABLE archive_hold RENAME TO away");
	assert_non_null(strstr(ERASE(bed), "error: "));
	assert_int_equal(COUNT(bed, "1 = 1"), 8);
	assert_int_equal(ASK(bed, "SELECT count(*) FROM archive_erasure"), 1);
	database_do(bed->db, "ALTER TABLE away RENAME TO archive_hold");
	assert_string_equal(ERASE(bed), TOLD("2", "1", "3"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, free_bed)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(erases_what_there_is),
		TEST(erases_what_is_unseen),
		TEST(finds_nothing_the_second_time),
		TEST(replaces_who_was_shown_something),
		TEST(leaves_what_is_held),
		TEST(leaves_who_was_shown_what_is_held),
		TEST(removes_what_is_held_for_review),
		TEST(leaves_what_a_matter_holds_for_reviewers),
		TEST(goes_on_once_nothing_is_held),
		TEST(goes_on_after_a_restart),
		TEST(leaves_what_comes_later),
		TEST(goes_further_when_asked_again),
		TEST(erases_many),
		TEST(removes_events),
		TEST(says_which_events_went),
		TEST(says_what_the_database_says),
	};

	return archivebed_run("archive_erasure", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
