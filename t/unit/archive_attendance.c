#include "shared/archive_attendance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/serial.h"
#include "shared/str.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define ROOM "hall@c.test/123"
#define OTHER "yard@c.test/45"
#define LINES_MAX 20
#define CAME ARCHIVE_ATTENDANCE_CAME
#define LEFT ARCHIVE_ATTENDANCE_LEFT
#define ENDED ARCHIVE_ATTENDANCE_ENDED
#define CAUGHT_UP ARCHIVE_ATTENDANCE_CAUGHT_UP

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

/* A message "u1" to the room, or somebody: the text is his address. */
struct line {
	const char *uid;
	enum archive_attendance_kind kind;
	const char *who, *room;
	unsigned messages;
};

static struct archive_row
row_of(const struct line *line, struct archive_attendance *attendance,
       const char **person, int64_t n)
{
	struct archive_row row = archivebed_row(
		n, line->uid, "author@d.test",
		line->room != NULL ? line->room : ROOM, ARCHIVE_RECEIVED);

	row.type = ARCHIVE_GROUPCHAT;
	if (line->uid != NULL)
		return row;
	*person = line->who;
	*attendance = (struct archive_attendance){
		.kind = line->kind, .people = person,
		.count = line->who != NULL,
		.room = line->room != NULL ? line->room : ROOM,
		.messages = line->messages, .until = INT64_MAX / 256,
	};
	row.attendance = attendance;
	return row;
}

/* Those of one batch, the first at the nth microsecond. */
static void
write_lines(struct database *db, const struct line *lines, size_t count,
	    int64_t n)
{
	struct archive_attendance attendances[LINES_MAX];
	struct archive_row rows[LINES_MAX];
	const char *people[LINES_MAX];

	assert_true(count <= LINES_MAX);
	for (size_t i = 0; i < count; i++)
		rows[i] = row_of(&lines[i], &attendances[i], &people[i],
				 n + (int64_t)i);
	archivebed_write(db, rows, count);
}

static bool
is_shown(struct database *db, const char *uid, const char *who)
{
	struct database_answer got = { 0 };
	bool shown;

	store_read(db->store, "SELECT count(*) FROM archive_message m, "
		   "archive_address a WHERE m.uid = $1 AND a.jid = $2 "
		   "AND a.id IN (" ARCHIVE_ATTENDANCE_SHOWN ")",
		   STORE_VALUES(store_text(uid), store_text(who)),
		   database_take, &got);
	database_wait(db, &got.done);
	assert_int_equal(got.rows, 1);
	shown = *got.cells[0] == '1';
	database_answer_fini(&got);
	return shown;
}

/* Who was shown a message, of those whose address is a letter. */
static void
assert_shown(struct database *db, const char *uid, const char *wanted)
{
	char found[27] = "", *at = found;

	for (char who = 'a'; who <= 'f'; who++)
		if (is_shown(db, uid, (char[]){ who, '\0' }))
			*at++ = who;
	*at = '\0';
	if (strcmp(found, wanted) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", uid, found, wanted);
}

static const struct line talk[] = {
	{ NULL, CAME, "a", NULL, 0 },
	{ "u1", 0, NULL, NULL, 0 },
	{ NULL, CAME, "b", NULL, 0 },
	{ NULL, CAME, "c", OTHER, 0 },
	{ "u2", 0, NULL, NULL, 0 },
	{ "v1", 0, NULL, OTHER, 0 },
	{ NULL, LEFT, "a", NULL, 0 },
	{ "u3", 0, NULL, NULL, 0 },
	{ NULL, CAME, "a", NULL, 0 },
	{ "u4", 0, NULL, NULL, 0 },
	{ NULL, ENDED, NULL, NULL, 0 },
	{ "u5", 0, NULL, NULL, 0 },
	{ "v2", 0, NULL, OTHER, 0 },
};

static void
assert_talk(struct database *db)
{
	assert_shown(db, "u1", "a");
	assert_shown(db, "u2", "ab");
	assert_shown(db, "v1", "c");
	assert_shown(db, "u3", "b");
	assert_shown(db, "u4", "ab");
	assert_shown(db, "u5", "");
	assert_shown(db, "v2", "c");
}

static void
tells_who_was_shown_what(void **state)
{
	struct database *db = *state;

	write_lines(db, talk, ARRAY_LEN(talk), 0);
	assert_talk(db);
}

/* As the store does when it does not know whether it was done. */
static void
writes_again_what_was_written(void **state)
{
	struct database *db = *state;

	write_lines(db, talk, ARRAY_LEN(talk), 0);
	write_lines(db, talk, ARRAY_LEN(talk), 0);
	assert_talk(db);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_attendance"), 4);
}

/* After a crash, with all that had not left the journal: messages are known,
   and the rest has later serials. */
static void
takes_up_what_was_written(void **state)
{
	static const struct line later[] = {
		{ "u6", 0, NULL, NULL, 0 },
		{ NULL, CAME, "b", NULL, 0 },
		{ "u7", 0, NULL, NULL, 0 },
		{ "v3", 0, NULL, OTHER, 0 },
	};
	struct database *db = *state;

	for (size_t i = 0; i < ARRAY_LEN(talk); i++) {
		size_t left = ARRAY_LEN(talk) - i;

		database_do(db, "DELETE FROM archive_attendance");
		database_do(db, "DELETE FROM archive_message");
		write_lines(db, talk, ARRAY_LEN(talk), 0);
		write_lines(db, talk + i, left, 100);
		write_lines(db, later, ARRAY_LEN(later), 200);
		assert_talk(db);
		assert_shown(db, "u6", "");
		assert_shown(db, "u7", "b");
		assert_shown(db, "v3", "c");
	}
}

/* It was in the middle of it. */
static void
goes_on_where_it_was_ended(void **state)
{
	struct database *db = *state;

	for (size_t i = 1; i < ARRAY_LEN(talk); i++) {
		database_do(db, "DELETE FROM archive_attendance");
		database_do(db, "DELETE FROM archive_message");
		write_lines(db, talk, i, 0);
		write_lines(db, talk, ARRAY_LEN(talk), 100);
		assert_talk(db);
	}
}

/* Of those of the same number. */
static void
ends_all_that_one_process_has_begun(void **state)
{
	static const struct line others[] = {
		{ NULL, CAME, "d", "hall@e.test/1", 0 },
	};
	static const struct line said[] = {
		{ NULL, CAME, "a", NULL, 0 },
		{ NULL, CAME, "b", OTHER, 0 },
		{ NULL, ENDED, NULL, "", 0 },
		{ "u1", 0, NULL, NULL, 0 },
		{ "v1", 0, NULL, OTHER, 0 },
		{ "w1", 0, NULL, "hall@e.test/1", 0 },
	};
	struct archive_attendance attendance;
	struct database *db = *state;
	struct archive_row row;
	const char *person;

	row = row_of(&others[0], &attendance, &person, 0);
	row.mark.serial += 6;	/* of another writer */
	archivebed_write(db, &row, 1);
	write_lines(db, said, ARRAY_LEN(said), 1);
	assert_shown(db, "u1", "");
	assert_shown(db, "v1", "");
	assert_shown(db, "w1", "d");
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_address WHERE jid = ''"), 0);
}

/* Who was shown it when it was said needs no word. */
static void
tells_who_caught_up(void **state)
{
	static const struct line lines[] = {
		{ NULL, CAME, "a", NULL, 0 },
		{ "u1", 0, NULL, NULL, 0 },
		{ "u2", 0, NULL, NULL, 0 },
		{ NULL, LEFT, "a", NULL, 0 },
		{ "u3", 0, NULL, NULL, 0 },
		{ NULL, CAUGHT_UP, "a", NULL, 3 },
		{ NULL, CAUGHT_UP, "b", NULL, 2 },
		{ NULL, CAUGHT_UP, "c", OTHER, 2 },
		{ "u4", 0, NULL, NULL, 0 },
	};
	struct database *db = *state;

	write_lines(db, lines, ARRAY_LEN(lines), 0);
	assert_shown(db, "u1", "a");
	assert_shown(db, "u2", "ab");
	assert_shown(db, "u3", "ab");
	assert_shown(db, "u4", "");
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_delivery"), 3);
}

/* By its times: what was said meanwhile is not meant when it is read again. */
static void
catches_up_within_its_time(void **state)
{
	static const struct line lines[] = {
		{ "u1", 0, NULL, NULL, 0 }, { "u2", 0, NULL, NULL, 0 },
		{ "u3", 0, NULL, NULL, 0 }, { "u4", 0, NULL, NULL, 0 },
		{ NULL, CAUGHT_UP, "a", NULL, 9 },
	};
	struct archive_attendance attendance;
	struct database *db = *state;
	struct archive_row row;
	const char *person;

	write_lines(db, lines, 4, 0);
	database_do(db, "UPDATE archive_message SET body = NULL "
		    "WHERE uid = 'u2'");
	row = row_of(&lines[4], &attendance, &person, 10);
	attendance.since = ARCHIVEBED_NOW + 1;
	attendance.until = ARCHIVEBED_NOW + 3;
	archivebed_write(db, &row, 1);
	assert_shown(db, "u1", "");
	assert_shown(db, "u2", "");
	assert_shown(db, "u3", "a");
	assert_shown(db, "u4", "");
}

/* What is for auditors alone is in no history, and does not count there. */
static void
catches_up_with_what_all_may_see(void **state)
{
	static const struct line lines[] = {
		{ "u1", 0, NULL, NULL, 0 }, { "u2", 0, NULL, NULL, 0 },
		{ "u3", 0, NULL, NULL, 0 }, { "u4", 0, NULL, NULL, 0 },
		{ "u5", 0, NULL, NULL, 0 },
	};
	static const struct line caught_up = {
		NULL, CAUGHT_UP, "a", NULL, 2,
	};
	struct database *db = *state;

	write_lines(db, lines, ARRAY_LEN(lines), 0);
	database_do(db, "UPDATE archive_message SET ways = 16 "
		    "WHERE uid = 'u3'");
	database_do(db, "UPDATE archive_message SET ways = ways | 64 "
		    "WHERE uid = 'u5'");
	write_lines(db, &caught_up, 1, ARRAY_LEN(lines));
	assert_shown(db, "u1", "");
	assert_shown(db, "u2", "a");
	assert_shown(db, "u3", "");
	assert_shown(db, "u4", "a");
	assert_shown(db, "u5", "");
}

static const struct archive_attendance samples[] = {
	{ .kind = CAME, .serial = 4711, .room = ROOM, .count = 2,
	  .people = (const char *[]){ "a@b.test", "\"\\@c.test" } },
	{ .kind = LEFT, .serial = 1, .room = ROOM,
	  .people = (const char *[]){ "a@b.test" }, .count = 1 },
	{ .kind = ENDED, .serial = INT64_MAX, .room = ROOM },
	{ .kind = ENDED, .serial = 1, .room = "" },
	{ .kind = CAUGHT_UP, .serial = 1, .room = ROOM, .messages = 20,
	  .since = 1, .until = INT64_MAX, .count = 1,
	  .people = (const char *[]){ "a@b.test" } },
};

static void
reads_what_it_prints(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		struct str text = { 0 }, again = { 0 };
		struct archive_attendance copy;
		struct error err = { 0 };

		archive_attendance_print(&text, &samples[i]);
		assert_true(archive_attendance_is(text.data, text.len));
		assert_int_equal(archive_attendance_parse(arena, text.data,
			text.len, &copy, &err), 0);
		assert_int_equal(copy.serial, samples[i].serial);
		assert_int_equal(copy.count, samples[i].count);
		archive_attendance_print(&again, &copy);
		assert_string_equal(text.data, again.data);
		str_fini(&text);
		str_fini(&again);
	}
	arena_free(&arena);
}

#define TEXT(kind, serial, room, messages, since, people) \
	"{\"attendance\":" kind ",\"serial\":" serial ",\"room\":" room \
	",\"messages\":" messages ",\"since\":" since ",\"until\":0" \
	",\"people\":" people "}"

static const struct {
	const char *text;
	bool good;
} texts[] = {
	{ TEXT("\"came\"", "1", "\"r\"", "0", "0", "[\"a\"]"), true },
	{ TEXT("\"came\"", "0", "\"r\"", "0", "0", "[\"a\"]"), false },
	{ TEXT("\"came\"", "1", "\"\"", "0", "0", "[\"a\"]"), false },
	{ TEXT("\"came\"", "1", "\"r\"", "-1", "0", "[\"a\"]"), false },
	{ TEXT("\"came\"", "1", "\"r\"", "0", "-1", "[\"a\"]"), false },
	{ TEXT("\"came\"", "1", "\"r\"", "0", "0", "[\"\"]"), false },
	{ TEXT("\"came\"", "1", "\"r\"", "0", "0", "[7]"), false },
	{ TEXT("\"gone\"", "1", "\"r\"", "0", "0", "[\"a\"]"), false },
	{ TEXT("1", "1", "\"r\"", "0", "0", "[\"a\"]"), false },
	{ TEXT("\"came\"", "1.5", "\"r\"", "0", "0", "[\"a\"]"), false },
	{ TEXT("\"ended\"", "1", "\"\"", "0", "0", "[]"), true },
	{ TEXT("\"ended\"", "1", "\"\"", "0", "0", "[]") "x", false },
	{ "{}", false },
	{ "{", false },
};

static void
refuses_what_nobody_prints(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct archive_attendance copy;
		struct error err = { 0 };
		int ret = archive_attendance_parse(arena, texts[i].text,
						   strlen(texts[i].text),
						   &copy, &err);

		if ((ret == 0) != texts[i].good)
			fail_msg("case %zu: %s", i, texts[i].text);
		if (ret < 0)
			assert_int_equal(err.cond, ERROR_BAD_REQUEST);
	}
	assert_false(archive_attendance_is("1 256 ", 6));
	assert_false(archive_attendance_is("", 0));
	arena_free(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(reads_what_it_prints),
		TEST(refuses_what_nobody_prints),
		TEST(tells_who_was_shown_what),
		TEST(writes_again_what_was_written),
		TEST(takes_up_what_was_written),
		TEST(goes_on_where_it_was_ended),
		TEST(ends_all_that_one_process_has_begun),
		TEST(tells_who_caught_up),
		TEST(catches_up_within_its_time),
		TEST(catches_up_with_what_all_may_see),
	};

	return archivebed_run("archive_attendance", tests, ARRAY_LEN(tests));
}
