#include "shared/archive_cells.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/str.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define HOUR (3600LL * CLOCK_SECOND)

/* Something stands before the cells, and behind them their size. */
#define SQL(bytes) \
	"SELECT 7, " ARCHIVE_CELLS_OF("x") ", " \
	ARCHIVE_CELLS_SIZE(bytes, "x") " " \
	"FROM archive_message x ORDER BY x.serial"
enum { SEVEN, CELLS, SIZE = CELLS + ARCHIVE_CELLS };

/* What was read: the rows as they are printed, and their sizes. */
struct reading {
	struct arena *arena;
	struct str rows, sizes;
	const char *remains;	/* of the last one */
	bool done;
};

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

static void
on_rows(void *ctx, const struct store_result *result, const struct error *err)
{
	struct reading *reading = ctx;

	if (err != NULL)
		fail_msg("%s", err->text);
	for (size_t i = 0; i < store_rows(result); i++) {
		struct archive_row row = archive_cells_read(
			reading->arena, result, i, CELLS);

		assert_int_equal(store_get_int(result, i, SEVEN), 7);
		archive_row_print(&reading->rows, &row);
		reading->remains = row.remains;
		str_addf(&reading->sizes, "%d ",
			 (int)store_get_int(result, i, SIZE));
	}
	reading->done = true;
}

static struct reading
read_all(struct database *db)
{
	struct reading reading = { .arena = arena_new() };

	store_read(db->store, db->kind == DATABASE_SQLITE ?
		   SQL(ARCHIVE_CELLS_BYTES_SQLITE) :
		   SQL(ARCHIVE_CELLS_BYTES_PG), NULL, 0, on_rows, &reading);
	database_wait(db, &reading.done);
	return reading;
}

static void
end(struct reading *reading)
{
	str_fini(&reading->rows);
	str_fini(&reading->sizes);
	arena_free(&reading->arena);
}

static void
expect(struct database *db, const struct archive_row *rows, size_t count,
       const char *sizes)
{
	struct str expected = { 0 };
	struct reading reading;

	archivebed_write(db, rows, count);
	reading = read_all(db);
	for (size_t i = 0; i < count; i++)
		archive_row_print(&expected, &rows[i]);
	assert_string_equal(reading.rows.data, expected.data);
	assert_string_equal(reading.sizes.data, sizes);
	str_fini(&expected);
	end(&reading);
}

static void
reads_all_of_a_message(void **state)
{
	struct archive_row row = archivebed_row(
		0, "u1", "r@a", "j@b", ARCHIVE_SENT | ARCHIVE_SHOWN);

	row.mark.stamp -= HOUR;
	row.mark.flags = ARCHIVE_REMOTE | ARCHIVE_ENCRYPTED;
	row.type = ARCHIVE_NORMAL;
	row.resource = "orchard";
	row.to_resource = "balcony";
	row.id = "a1";
	row.lang = "en";
	row.subject = "night";
	row.thread = "t";
	row.rest = "<x xmlns='y'/>";
	row.relation = ARCHIVE_EDIT;
	row.about = "a0";
	expect(*state, &row, 1, "52 ");
}

static void
tells_what_is_empty_from_what_is_not_there(void **state)
{
	struct archive_row rows[] = {
		archivebed_row(0, "u1", "r@a", "j@b", ARCHIVE_SENT),
		archivebed_row(1, "u2", "r@a", "j@b", ARCHIVE_SENT),
	};

	rows[0].body = NULL;
	rows[1].body = rows[1].subject = rows[1].thread = "";
	expect(*state, rows, 2, "2 2 ");
}

/* A page and a part are ended by it, whichever text is large. */
static void
counts_bytes_of_each_text(void **state)
{
	struct archive_row rows[10];
	const char **const texts[] = {
		&rows[0].mark.uid, &rows[1].resource, &rows[2].to_resource,
		&rows[3].id, &rows[4].lang, &rows[5].subject, &rows[6].body,
		&rows[7].thread, &rows[8].rest, &rows[9].about,
	};
	static const char *const uids[] = {
		"0", "1", "2", "3", "4", "5", "6", "7", "8", "9",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		rows[i] = archivebed_row((int64_t)i, uids[i], "r@a", "j@b",
					 ARCHIVE_SENT);
		rows[i].body = NULL;
		*texts[i] = "caf\u00e9";
	}
	rows[9].relation = ARCHIVE_REPLY;
	expect(*state, rows, ARRAY_LEN(rows), "5 6 6 6 6 6 6 6 6 6 ");
}

/* No writer has it. */
static void
reads_what_remains(void **state)
{
	struct archive_row row = archivebed_row(0, "u", "r@a", "j@b",
						ARCHIVE_SENT);
	struct database *db = *state;
	struct reading reading;

	row.body = NULL;
	archivebed_write(db, &row, 1);
	database_do(db, "UPDATE archive_message SET remains = 'caf\u00e9'");
	reading = read_all(db);
	assert_string_equal(reading.remains, "caf\u00e9");
	assert_string_equal(reading.sizes.data, "6 ");
	end(&reading);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(reads_all_of_a_message),
		TEST(tells_what_is_empty_from_what_is_not_there),
		TEST(counts_bytes_of_each_text),
		TEST(reads_what_remains),
	};

	return archivebed_run("archive_cells", tests, ARRAY_LEN(tests));
}
