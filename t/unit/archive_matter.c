#include "components/archive/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"
#include "t/lib/callbed.h"

#define ADD(bed, ...) CALLBED_COMMAND(bed, "hold-add", __VA_ARGS__)
#define LIST(bed, ...) CALLBED_COMMAND(bed, "hold-list", __VA_ARGS__)
#define REMOVE(bed, ...) CALLBED_COMMAND(bed, "hold-remove", __VA_ARGS__)
#define COUNT(bed) \
	database_ask((bed)->db, "SELECT count(*) FROM archive_hold")

static int
new_bed(void **state)
{
	*state = callbed_new(*(const enum database_kind *)*state,
			     archive_commands, NULL);
	return 0;
}

/* That they were added at that time. */
static void
set_stamps(struct callbed *bed)
{
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
		"archive_hold WHERE stamp < 1795953600000000"), 0);
	database_do(bed->db, "UPDATE archive_hold SET stamp = "
		    "1795953600000000");
}

static void
holds_what_is_named(void **state)
{
	struct callbed *bed = *state;

	assert_string_equal(ADD(bed, "matter=Verona v. Mantua",
				"whose=Romeo@a.test/x",
				"since=2026-11-01",
				"until=2026-11-30T12:00:00Z", "note=A B"),
			    "Messages of romeo@a.test are held.\n");
	assert_string_equal(ADD(bed, "matter=Mantua", "whose=b.test"),
			    "Messages of b.test are held.\n");
	set_stamps(bed);
	assert_string_equal(LIST(bed, NULL),
		"Mantua|b.test|||the operator|2026-11-29T12:00:00Z|\n"
		"Verona v. Mantua|romeo@a.test|2026-11-01T00:00:00Z|"
		"2026-11-30T12:00:00Z|the operator|2026-11-29T12:00:00Z|A B\n"
		"2 holds.\n");
}

static void
add_some(struct callbed *bed)
{
	ADD(bed, "matter=m1", "whose=r@a");
	ADD(bed, "matter=m1", "whose=b");
	ADD(bed, "matter=m2", "whose=r@a");
	set_stamps(bed);
}

#define LINE(what) what "|||the operator|2026-11-29T12:00:00Z|\n"

static void
lists_those_that_are_asked_for(void **state)
{
	struct callbed *bed = *state;

	assert_string_equal(LIST(bed, NULL), "0 holds.\n");
	add_some(bed);
	assert_string_equal(LIST(bed, "matter=m1"),
			    LINE("m1|b") LINE("m1|r@a") "2 holds.\n");
	assert_string_equal(LIST(bed, "whose=r@a"),
			    LINE("m1|r@a") LINE("m2|r@a") "2 holds.\n");
	assert_string_equal(LIST(bed, "whose=b", "matter=m1"),
			    LINE("m1|b") "1 hold.\n");
	assert_string_equal(LIST(bed, "whose=b", "matter=m2"), "0 holds.\n");
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
		"audit_entry WHERE action = 'hold-list' AND who = "
		"'the operator' AND detail = "
		"'{\"matter\":\"m2\",\"whose\":\"b\"}'"), 1);
}

static void
removes_those_that_are_named(void **state)
{
	struct callbed *bed = *state;

	add_some(bed);
	assert_string_equal(REMOVE(bed, "matter=m1", "whose=r@a"),
			    "1 hold removed.\n");
	assert_string_equal(LIST(bed, NULL),
			    LINE("m1|b") LINE("m2|r@a") "2 holds.\n");
	add_some(bed);
	assert_string_equal(REMOVE(bed, "matter=m1"), "2 holds removed.\n");
	assert_string_equal(LIST(bed, NULL), LINE("m2|r@a") "1 hold.\n");
}

static struct archive_row
row(int64_t n, const char *uid, const char *from)
{
	return (struct archive_row){
		.mark = { .serial = serial_first_of(1795953600000000 + n),
			  .stamp = 1795953600000000 + n, .uid = uid,
			  .ways = ARCHIVE_SENT, .flags = ARCHIVE_ERASED },
		.type = ARCHIVE_CHAT, .sender = from, .recipient = "m@c",
		.resource = "", .to_resource = "", .body = "Wherefore?",
	};
}

#define TEXTS(bed) \
	database_ask((bed)->db, "SELECT count(*) FROM archive_message " \
		     "WHERE body IS NOT NULL")

/* Of what was removed meanwhile the hold kept the text. */
static void
lets_go_of_texts(void **state)
{
	struct callbed *bed = *state;
	const struct archive_row rows[] = {
		row(1, "u1", "r@a"), row(2, "u2", "j@b"),
	};

	archivebed_write(bed->db, rows, 2);
	add_some(bed);
	REMOVE(bed, "matter=m2");
	assert_int_equal(TEXTS(bed), 2);
	REMOVE(bed, "matter=m1", "whose=r@a");
	assert_int_equal(TEXTS(bed), 1);
	REMOVE(bed, "matter=m1");
	assert_int_equal(TEXTS(bed), 0);
}

/* Though the database failed behind the removal, and it is tried again. */
static void
lets_go_of_texts_that_were_left(void **state)
{
	struct callbed *bed = *state;
	const struct archive_row rows[] = {
		row(1, "u1", "r@a"), row(2, "u2", "j@b"),
	};

	archivebed_write(bed->db, rows, 2);
	add_some(bed);
	database_do(bed->db, "DELETE FROM archive_hold WHERE whose = 'r@a'");
	assert_string_equal(REMOVE(bed, "matter=m1", "whose=r@a"),
			    "error: there is no such hold\n");
	assert_int_equal(TEXTS(bed), 1);
}

static void
removes_none_that_is_not_there(void **state)
{
	struct callbed *bed = *state;

	add_some(bed);
	assert_string_equal(REMOVE(bed, "matter=m3"),
			    "error: there is no such hold\n");
	assert_string_equal(REMOVE(bed, "matter=m2", "whose=b"),
			    "error: there is no such hold\n");
	assert_int_equal(COUNT(bed), 3);
}

/* Nor does it shrink what is held. */
static void
holds_nothing_twice(void **state)
{
	struct callbed *bed = *state;

	add_some(bed);
	assert_non_null(strstr(ADD(bed, "matter=m1", "whose=r@a",
				   "until=2026-11-30"),
			       "error: r@a is held in that matter already"));
	assert_string_equal(LIST(bed, "matter=m1", "whose=r@a"),
			    LINE("m1|r@a") "1 hold.\n");
}

static void
refuses_what_makes_no_sense(void **state)
{
	struct callbed *bed = *state;
	char *many = arena_alloc(bed->arena, 5001);
	const char *long_name, *long_note;

	memset(many, 'x', 5000);
	many[5000] = '\0';
	long_name = arena_printf(bed->arena, "matter=%.256s", many);
	long_note = arena_printf(bed->arena, "note=%s", many);
	assert_non_null(strstr(ADD(bed, "matter=", "whose=r@a"),
			       "error: matter"));
	assert_non_null(strstr(ADD(bed, long_name, "whose=r@a"),
			       "error: matter"));
	assert_non_null(strstr(ADD(bed, "matter=m", "whose=r@a", long_note),
			       "error: note"));
	assert_non_null(strstr(ADD(bed, "matter=m", "whose=@"), "error: "));
	assert_non_null(strstr(ADD(bed, "matter=m", "whose=r@a",
				   "since=yesterday"), "error: since"));
	assert_non_null(strstr(ADD(bed, "matter=m", "whose=r@a",
				   "since=2026-11-30", "until=2026-11-30"),
			       "error: until"));
	assert_int_equal(COUNT(bed), 0);
}

static void
says_what_the_database_says(void **state)
{
	struct callbed *bed = *state;

	database_do(bed->db, "DROP TABLE archive_hold");
	assert_non_null(strstr(ADD(bed, "matter=m", "whose=r@a"), "error: "));
	assert_non_null(strstr(LIST(bed, NULL), "error: "));
	assert_non_null(strstr(REMOVE(bed, "matter=m"), "error: "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   callbed_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(holds_what_is_named),
		TEST(lists_those_that_are_asked_for),
		TEST(removes_those_that_are_named),
		TEST(lets_go_of_texts),
		TEST(lets_go_of_texts_that_were_left),
		TEST(removes_none_that_is_not_there),
		TEST(holds_nothing_twice),
		TEST(refuses_what_makes_no_sense),
		TEST(says_what_the_database_says),
	};

	return archivebed_run("archive_matter", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
