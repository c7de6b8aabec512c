#include "shared/journal_level.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/str.h"
#include "t/lib/capture.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const char *const lines[] = {
	"\nannex_journal_entries 3\n",
	"\nannex_journal_bytes 700\n",
	"\nannex_journal_limit_bytes 1000\n",
	"\nannex_journal_aside 2\n",
	"\nannex_journal_aside_bytes 50\n",
	"\nannex_journal_high 1\n",
	"\nannex_journal_failed_total 2\n",
};

static void
shows_each_by_its_name(void **state)
{
	struct metrics *metrics = metrics_new();
	struct journal_level level;
	struct str text = { 0 };

	(void)state;
	journal_level_init(&level, 1000, metrics);
	journal_level_add(&level, 5, 820);
	journal_level_remove(&level, 1, 100);
	journal_level_add_aside(&level, 1, 30);
	journal_level_put_aside(&level, 20);
	journal_level_fail(&level);
	journal_level_turn_away(&level);
	metrics_print(metrics, &text);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (strstr(text.data, lines[i]) == NULL)
			fail_msg("%snot in\n%s", lines[i], text.data);
	str_fini(&text);
	metrics_free(&metrics);
}

static const struct {
	uint64_t waiting, aside, bytes;
	bool room;
} rooms[] = {
	{ 0,	0,	100,	true },
	{ 0,	0,	101,	false },
	{ 60,	0,	40,	true },
	{ 60,	0,	41,	false },
	{ 30,	30,	40,	true },
	{ 30,	30,	41,	false },
	{ 0,	100,	0,	true },
	{ 0,	100,	1,	false },
	{ 200,	0,	0,	false },	/* the limit was lowered */
	{ 0,	0,	UINT64_MAX,	false },
};

static void
has_room_up_to_its_limit(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
		struct journal_level level;

		journal_level_init(&level, 100, NULL);
		journal_level_add(&level, 1, rooms[i].waiting);
		journal_level_add_aside(&level, 1, rooms[i].aside);
		assert_int_equal(journal_level_has_room(&level,
							rooms[i].bytes),
				 rooms[i].room);
	}
}

static unsigned
count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

#define HALF "journal: half full, 1 entries wait and 1 were put aside"
#define NO_HALF "journal: no longer half full, 0 entries wait"

/* What goes up and down around the mark is told once. */
static void
tells_of_its_mark_once(void **state)
{
	struct capture log;
	struct journal_level level;
	bool below, above, still, fallen, again;

	(void)state;
	journal_level_init(&level, 1000, NULL);
	capture_begin(&log);
	journal_level_add_aside(&level, 1, 300);
	journal_level_add(&level, 1, 200);
	below = level.high;
	journal_level_add(&level, 0, 1);
	above = level.high;
	for (int i = 0; i < 9; i++) {
		journal_level_remove(&level, 0, 100);
		journal_level_add(&level, 0, 300);
		journal_level_remove(&level, 0, 200);
	}
	still = level.high;
	journal_level_remove(&level, 1, 201);
	fallen = level.high;
	journal_level_add(&level, 1, 500);
	again = level.high;
	capture_end(&log);
	assert_false(below);
	assert_true(above && still);
	assert_false(fallen);
	assert_true(again);
	assert_int_equal(count(log.err, HALF), 2);
	assert_int_equal(count(log.err, NO_HALF), 1);
	assert_int_equal(count(log.err, "\n"), 3);
}

/* One that is put aside takes as much room as before. */
static void
tells_nothing_when_one_is_put_aside(void **state)
{
	struct capture log;
	struct journal_level level;

	(void)state;
	journal_level_init(&level, 1000, NULL);
	journal_level_add(&level, 2, 600);
	capture_begin(&log);
	journal_level_put_aside(&level, 590);
	capture_end(&log);
	assert_string_equal(log.err, "");
	assert_true(level.high);
	assert_int_equal(level.entries, 1);
	assert_int_equal(level.bytes, 10);
	assert_int_equal(level.aside, 1);
	assert_int_equal(level.aside_bytes, 590);
}

#define FULL "journal: full with 950 bytes, from now on new entries are " \
	     "turned away"
#define ROOM "journal: has room again, 3 entries were turned away"

static void
tells_once_that_it_is_full(void **state)
{
	struct capture log;
	struct journal_level level;

	(void)state;
	journal_level_init(&level, 1000, NULL);
	journal_level_add(&level, 9, 950);
	capture_begin(&log);
	for (int i = 0; i < 3; i++)
		journal_level_turn_away(&level);
	journal_level_remove(&level, 1, 70);
	journal_level_remove(&level, 1, 10);
	journal_level_remove(&level, 1, 10);
	capture_end(&log);
	assert_int_equal(count(log.err, FULL), 1);
	assert_int_equal(count(log.err, ROOM), 1);
	assert_int_equal(count(log.err, "\n"), 2);
	assert_int_equal(level.turned_away, 0);
}

/* There may be more in the file than was counted. */
static void
never_falls_below_nothing(void **state)
{
	struct journal_level level;

	(void)state;
	journal_level_init(&level, 1000, NULL);
	journal_level_add(&level, 1, 10);
	journal_level_remove(&level, 2, 20);
	assert_int_equal(level.entries, 0);
	assert_int_equal(level.bytes, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_each_by_its_name),
		cmocka_unit_test(has_room_up_to_its_limit),
		cmocka_unit_test(tells_of_its_mark_once),
		cmocka_unit_test(tells_nothing_when_one_is_put_aside),
		cmocka_unit_test(tells_once_that_it_is_full),
		cmocka_unit_test(never_falls_below_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("journal_level", tests, NULL,
					   NULL);
}
