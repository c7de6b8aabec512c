#include "t/lib/archivebed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shared/migrate.h"

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
