#include "t/lib/archivebed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_event.h"
#include "shared/archive_write.h"
#include "shared/migrate.h"
#include "shared/serial.h"

static void
on_end(void *ctx, unsigned applied, const struct error *err)
{
	bool *done = ctx;

	if (err != NULL)
		fail_msg("%s", err->text);
	assert_true(applied > 0);
	*done = true;
}

struct database *
archivebed_new(enum database_kind kind)
{
	struct database *db = database_new(kind);
	const char *top = getenv("ANNEX_SRCDIR");
	char folder[512];
	bool done = false;

	database_open(db);
	snprintf(folder, sizeof(folder), "%s/schema/archive",
		 top != NULL ? top : ".");
	migrate_run(db->store, folder, "archive", false, on_end, &done);
	database_wait(db, &done);
	return db;
}

void
archivebed_count_months(struct database *db)
{
	database_do(db, "CREATE TABLE asked (month TEXT)");
	database_do(db, "ALTER FUNCTION archive_add_month RENAME TO "
		    "archive_really_add_month");
	database_do(db, "CREATE FUNCTION archive_add_month(month TEXT, "
		    "first BIGINT, next BIGINT) RETURNS VOID LANGUAGE SQL AS "
		    "$$ INSERT INTO asked VALUES (month); "
		    "SELECT archive_really_add_month(month, first, next) $$");
}

struct archive_row
archivebed_row(int64_t n, const char *uid, const char *from, const char *to,
	       unsigned ways)
{
	int64_t now = ARCHIVEBED_NOW + n;

	return (struct archive_row){
		.mark = { .serial = serial_first_of(now) + 1, .stamp = now,
			  .uid = uid, .ways = ways },
		.type = ARCHIVE_CHAT, .sender = from, .recipient = to,
		.resource = "", .to_resource = "", .body = "Wherefore?",
	};
}

struct archive_row
archivebed_event(int64_t n, const char *uid, unsigned kind, const char *from,
		 const char *to)
{
	const struct archive_event event = {
		.mark = archivebed_row(n, uid, from, to, ARCHIVE_SENT).mark,
		.kind = kind, .sender = from, .resource = "1",
		.recipient = to, .detail = "{\"a\":1}",
	};

	return archive_event_row(&event);
}

static void
on_written(void *ctx, const struct error *err)
{
	bool *done = ctx;

	if (err != NULL)
		fail_msg("%s", err->text);
	*done = true;
}

void
archivebed_write(struct database *db, const struct archive_row *rows,
		 size_t count)
{
	struct archive_write *write = archive_write_new(db->store, 100);

	while (count > 0) {
		size_t n = count < ARCHIVE_WRITE_ROWS ? count :
							ARCHIVE_WRITE_ROWS;
		bool done = false;

		archive_write_rows(write, rows, n, on_written, &done);
		database_wait(db, &done);
		rows += n;
		count -= n;
	}
	archive_write_free(&write);
}

static const char *
name_on(enum database_kind kind, const char *name)
{
	size_t size = strlen(database_name(kind)) + strlen(name) + 2;
	char *both = malloc(size);

	assert_non_null(both);
	snprintf(both, size, "%s %s", database_name(kind), name);
	return both;
}

int
archivebed_run(const char *name, const struct CMUnitTest *tests, size_t count)
{
	static enum database_kind kinds[] = {
		DATABASE_SQLITE, DATABASE_POSTGRES,
	};
	struct CMUnitTest *all = calloc(2 * count, sizeof(*all));
	int failed;

	ensure(all != NULL);
	for (size_t i = 0; i < 2 * count; i++) {
		all[i] = tests[i % count];
		all[i].name = name_on(kinds[i / count], all[i].name);
		all[i].initial_state = &kinds[i / count];
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = _cmocka_run_group_tests(name, all, 2 * count, database_setup,
					 database_teardown);
	for (size_t i = 0; i < 2 * count; i++)
		free((char *)all[i].name);
	free(all);
	return failed;
}
