#include "components/archive/retention/copies-private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_attendance.h"
#include "shared/clock.h"
#include "shared/str.h"
#include "t/lib/archivebed.h"
#include "t/lib/plan.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define DAYS 30
#define EACH_DAY 96
#define PEOPLE 20
#define ROOM "g@c/1"
#define DAY (24LL * 3600 * CLOCK_SECOND)

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

/* So that all is in one month. */
#define FIRST (3 * DAY)

/* Each quarter of an hour something is said in a room. */
static void
write_days(struct database *db)
{
	static struct archive_row rows[DAYS * EACH_DAY];
	static char uids[ARRAY_LEN(rows)][8];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(uids[i], sizeof(uids[i]), "%zu", i);
		rows[i] = archivebed_row(FIRST + (int64_t)i * DAY / EACH_DAY,
					 uids[i], "j@b", ROOM,
					 ARCHIVE_RECEIVED);
		rows[i].type = ARCHIVE_GROUPCHAT;
	}
	archivebed_write(db, rows, ARRAY_LEN(rows));
}

/* The same ones are there each day. */
static void
write_people(struct database *db)
{
	static char jids[PEOPLE][8];
	static const char *people[PEOPLE];
	struct archive_attendance attendance[] = {
		{ .kind = ARCHIVE_ATTENDANCE_ENDED, .room = ROOM },
		{ .kind = ARCHIVE_ATTENDANCE_CAME, .room = ROOM,
		  .people = people, .count = PEOPLE },
	};

	for (size_t i = 0; i < PEOPLE; i++) {
		snprintf(jids[i], sizeof(jids[i]), "u%zu@a", i);
		people[i] = jids[i];
	}
	for (int64_t day = 0; day < DAYS; day++)
		for (int64_t i = 0; i < 2; i++) {
			struct archive_row one = archivebed_row(
				FIRST + day * DAY, NULL, NULL, NULL, 1);

			one.mark.serial += i - 10;
			one.attendance = &attendance[i];
			archivebed_write(db, &one, 1);
		}
}

struct values {
	bool done;
	struct str text;
};

static void
on_serials(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct values *values = ctx;
	size_t rows = store_rows(result);

	values->done = true;
	assert_null(err);
	str_addf(&values->text, "%s, %s, '{", store_get_text(result, 0, 0),
		 store_get_text(result, rows - 1, 0));
	for (size_t i = 0; i < rows; i++)
		str_addf(&values->text, "%s%s", i == 0 ? "" : ",",
			 store_get_text(result, i, 0));
	str_addz(&values->text, "}'");
}

/* The first that are looked at. */
static void
find_values(struct database *db, struct values *values)
{
	static const char sql[] =
		"SELECT serial FROM archive_message ORDER BY serial LIMIT 500";

	str_addf(&values->text, "%lld, ",
		 (long long)database_ask(db, "SELECT id FROM archive_address "
					 "WHERE jid = '" ROOM "'"));
	store_read(db->store, sql, NULL, 0, on_serials, values);
	database_wait(db, &values->done);
}

/* But for the days that these may have to do with. */
static void
reads_no_other_days(void **state)
{
	const char *const *sql = copies_sqls[COPIES_RECEIVED].pg;
	struct database *db = *state;
	struct values values = { 0 };
	char *plan;

	if (db->kind != DATABASE_POSTGRES)
		return;
	write_days(db);
	write_people(db);
	database_sql("VACUUM ANALYZE");
	find_values(db, &values);
	for (int mode = 0; mode < PLAN_MODES; mode++) {
		plan_mode(db, mode);
		plan = plan_find(db, sql[COPIES_VISITS], values.text.data);
		plan_check_rows(plan, 1000);
		free(plan);
	}
	str_fini(&values.text);
}

/* Rather than all between the first and the last of them. */
static void
looks_each_up_by_itself(void **state)
{
	struct database *db = *state;

	if (db->kind != DATABASE_SQLITE)
		return;
	for (size_t i = 0; i < COPIES_SIDES; i++) {
		char *plan = plan_find(db, copies_sqls[i].sqlite[
					       COPIES_DELIVERIES], "");

		plan_check_first(plan, "SEARCH d USING ");
		/* Some releases say that it covers all, and some do not. */
		plan[strcspn(plan, "\n")] = '\0';
		assert_non_null(strstr(plan, "INDEX archive_delivery_serial "
				       "(serial=?)"));
		free(plan);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(reads_no_other_days),
		TEST(looks_each_up_by_itself),
	};

	return archivebed_run("archive_copies_plan", tests, ARRAY_LEN(tests));
}
