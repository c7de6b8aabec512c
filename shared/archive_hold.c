#include "shared/archive_hold.h"

#include <string.h>

#include "shared/store.h"

/* Beside the locks of writers (archive_write_pg.c). */
#define LOCK "(1634886504, 256)"

/* One process at a time writes to SQLite, and what it reads while it does is
   the latest. */
static void
add(struct store *store, struct store_batch *batch, const char *sql)
{
	if (strcmp(store_dialect(store), "postgresql") == 0)
		store_add(batch, sql, NULL, 0);
}

void
archive_hold_heed(struct store *store, struct store_batch *batch)
{
	add(store, batch, "SELECT pg_advisory_xact_lock_shared" LOCK);
}

void
archive_hold_stop(struct store *store, struct store_batch *batch)
{
	add(store, batch, "SELECT pg_advisory_xact_lock" LOCK);
}
