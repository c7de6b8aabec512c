#include "shared/archive_tombstone.h"

#include "shared/archive_hold.h"

#define TEXT(x) #x
#define NUMBER(x) TEXT(x)

/* By an index of these alone, of which there are few at any time. */
#define IS_UNFINISHED \
	"m.flags >= 128 AND (m.body IS NOT NULL OR m.subject IS NOT NULL " \
	"OR m.thread IS NOT NULL OR m.rest IS NOT NULL)"
static const char finish_sql[] =
	"UPDATE archive_message AS m SET " ARCHIVE_TOMBSTONE_SET " "
	"WHERE " IS_UNFINISHED " AND m.serial IN "
	"(SELECT m.serial FROM archive_message m WHERE " IS_UNFINISHED " "
	"AND NOT " ARCHIVE_HOLD_COVERS " "
	"LIMIT " NUMBER(ARCHIVE_TOMBSTONE_MAX) ") RETURNING uid";

void
archive_tombstone_finish(struct store *store, store_fn *fn, void *ctx)
{
	struct store_batch *batch = store_begin(store);

	archive_hold_heed(store, batch);
	store_add(batch, finish_sql, NULL, 0);
	store_commit(&batch, fn, ctx);
}
