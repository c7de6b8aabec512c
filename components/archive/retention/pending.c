#include "components/archive/retention/pending.h"

#include "components/archive/retention/traces.h"

#define TEXT(x) #x
#define NUMBER(x) TEXT(x)

void
pending_forget(struct store *store, const struct traces *traces, store_fn *fn,
	       void *ctx)
{
	static const char sql[] =
		"DELETE FROM archive_held WHERE uid IN "
		"(SELECT x.uid FROM archive_held x WHERE "
		PENDING_IS_OF("$1") " AND x.since < (SELECT e.stamp "
		"FROM archive_erasure e WHERE e.jid = $1) "
		"AND NOT " HELD_IS_COVERED " ORDER BY x.since, x.uid "
		"LIMIT " NUMBER(PENDING_MAX) ") RETURNING uid";
	struct store_batch *batch = store_begin(store);

	archive_hold_heed(store, batch);
	store_add(batch, sql, STORE_VALUES(store_text(traces->jid)));
	store_commit(&batch, fn, ctx);
}

#define COUNT(where) \
	"(SELECT count(*) FROM (SELECT 1 FROM archive_held" where " " \
	"LIMIT " NUMBER(PENDING_COUNTED) ") AS w)"

void
pending_count(struct store *store, store_fn *fn, void *ctx)
{
	store_read(store, "SELECT " COUNT("") ", " COUNT(" WHERE waits = ''")
		   ", (SELECT min(since) FROM archive_held)", NULL, 0, fn,
		   ctx);
}

void
pending_find(struct store *store, const struct held_place *place,
	     int64_t before, store_fn *fn, void *ctx)
{
	static const char sql[] =
		"SELECT " HELD_COLUMNS " FROM archive_held x "
		"WHERE (x.since, x.uid) > ($1, $2) AND x.since < $3 "
		"AND NOT " HELD_IS_COVERED " ORDER BY x.since, x.uid LIMIT 1";

	store_read(store, sql, STORE_VALUES(
		store_int(place->since),
		store_text(place->uid == NULL ? "" : place->uid),
		store_int(before)), fn, ctx);
}
