#include "components/archive/retention/calendar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared/archive_hold.h"
#include "shared/archive_month.h"
#include "shared/serial.h"

static const char find_pg[] =
	"SELECT CAST(substr(name, 1, 4) AS BIGINT) * 12 + "
	"CAST(substr(name, 5) AS BIGINT) - 1 FROM "
	"(SELECT substr(c.relname, 17) AS name FROM pg_inherits i "
	"JOIN pg_class c ON c.oid = i.inhrelid "
	"WHERE i.inhparent = CAST('archive_message' AS regclass) "
	"AND c.relname ~ '^archive_message_[0-9]{6}$') AS n ORDER BY 1";

void
calendar_find(struct store *store, store_fn *fn, void *ctx)
{
	bool pg = strcmp(store_dialect(store), "postgresql") == 0;

	store_read(store, pg ? find_pg : "SELECT 1 WHERE 1 = 0", NULL, 0, fn,
		   ctx);
}

bool
calendar_is_over(int64_t month, int64_t stamp)
{
	return archive_month_first((int)month + 1) <= serial_first_of(stamp);
}

void
calendar_drop(struct store *store, int64_t month, store_fn *fn, void *ctx)
{
	struct store_batch *batch = store_begin(store);
	char name[48];

	snprintf(name, sizeof(name), "%04" PRId64 "%02" PRId64, month / 12,
		 month % 12 + 1);
	archive_hold_heed(store, batch);
	store_add(batch, "SELECT archive_drop_month($1, $2, $3)",
		  STORE_VALUES(store_text(name),
			       store_int(archive_month_first((int)month)),
			       store_int(archive_month_first((int)month + 1))));
	store_commit(&batch, fn, ctx);
}
