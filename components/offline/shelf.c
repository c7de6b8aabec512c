#include "components/offline/shelf.h"

#include <string.h>

/* Where it says +serial, the messages are those of one user: the plus keeps the
   database from going through everybody's in the order of their serials. */

#define HEADER "serial, id, sender, resource, stamp"
#define REMOVED "jid, id, sender"

void
shelf_put(struct store *store, const char *jid, int64_t arrived,
	  const struct shelf_message *message, store_fn *fn, void *ctx)
{
	static const char sql[] =
		"INSERT INTO offline_message (jid, id, sender, resource, "
		"arrived, stamp, stanza) VALUES ($1, $2, $3, $4, $5, $6, $7) "
		"ON CONFLICT DO NOTHING RETURNING serial";

	store_write(store, sql, STORE_VALUES(store_text(jid),
			store_text(message->id), store_text(message->sender),
			store_text(message->resource), store_int(arrived),
			store_int(message->stamp),
			store_text(message->stanza)), fn, ctx);
}

/* Done again, which a broken connection may ask for, it changes nothing. */
void
shelf_import(struct store *store, const char *jid, int64_t arrived,
	     const struct shelf_message *message, store_fn *fn, void *ctx)
{
	static const char put[] =
		"INSERT INTO offline_message (jid, id, sender, resource, "
		"arrived, stamp, stanza) SELECT CAST($1 AS TEXT), "
		"CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), "
		"CAST($5 AS BIGINT), CAST($6 AS BIGINT), CAST($7 AS TEXT) "
		"WHERE NOT EXISTS (SELECT 1 FROM offline_import "
		"WHERE jid = $1 AND id = $2) ON CONFLICT DO NOTHING";
	static const char note[] =
		"INSERT INTO offline_import (jid, id) VALUES ($1, $2) "
		"ON CONFLICT (jid, id) DO NOTHING RETURNING jid";
	struct store_batch *batch = store_begin(store);

	store_add(batch, put, STORE_VALUES(store_text(jid),
			store_text(message->id), store_text(message->sender),
			store_text(message->resource), store_int(arrived),
			store_int(message->stamp),
			store_text(message->stanza)));
	store_add(batch, note, STORE_VALUES(store_text(jid),
					    store_text(message->id)));
	store_commit(&batch, fn, ctx);
}

void
shelf_look_imported(struct store *store, const char *jid, const char *id,
		    store_fn *fn, void *ctx)
{
	static const char sql[] =
		"SELECT id FROM offline_import WHERE jid = $1 AND id = $2";

	store_read(store, sql, STORE_VALUES(store_text(jid), store_text(id)),
		   fn, ctx);
}

void
shelf_look(struct store *store, const char *jid, const char *id, store_fn *fn,
	   void *ctx)
{
	static const char sql[] =
		"SELECT serial FROM offline_message WHERE jid = $1 AND "
		"id = $2";

	store_read(store, sql, STORE_VALUES(store_text(jid), store_text(id)),
		   fn, ctx);
}

void
shelf_count(struct store *store, const char *jid, store_fn *fn, void *ctx)
{
	static const char sql[] =
		"SELECT sender, COUNT(*) FROM offline_message WHERE jid = $1 "
		"GROUP BY sender";

	store_read(store, sql, STORE_VALUES(store_text(jid)), fn, ctx);
}

void
shelf_get_share(const struct store_result *result, size_t row,
		struct shelf_share *share_r)
{
	share_r->sender = store_get_text(result, row, 0);
	share_r->count = (size_t)store_get_int(result, row, 1);
}

size_t
shelf_total(const struct store_result *result)
{
	struct shelf_share share;
	size_t total = 0;

	for (size_t i = 0; i < store_rows(result); i++) {
		shelf_get_share(result, i, &share);
		total += share.count;
	}
	return total;
}

void
shelf_read(struct store *store, const char *jid, int64_t above, unsigned max,
	   store_fn *fn, void *ctx)
{
	static const char sql[] =
		"SELECT " HEADER ", stanza FROM offline_message "
		"WHERE serial IN (SELECT serial FROM offline_message "
		"WHERE jid = $1 AND +serial > $2 ORDER BY +serial LIMIT $3) "
		"ORDER BY serial";

	store_read(store, sql, STORE_VALUES(store_text(jid), store_int(above),
					    store_int(max)), fn, ctx);
}

void
shelf_find(struct store *store, const char *jid, int64_t serial, store_fn *fn,
	   void *ctx)
{
	static const char sql[] =
		"SELECT " HEADER ", stanza FROM offline_message "
		"WHERE serial = $1 AND jid = $2";

	store_read(store, sql, STORE_VALUES(store_int(serial),
					    store_text(jid)), fn, ctx);
}

void
shelf_check(struct store *store, const char *jid, int64_t serial, store_fn *fn,
	    void *ctx)
{
	static const char sql[] =
		"SELECT serial FROM offline_message "
		"WHERE serial = $1 AND jid = $2";

	store_read(store, sql, STORE_VALUES(store_int(serial),
					    store_text(jid)), fn, ctx);
}

void
shelf_read_headers(struct store *store, const char *jid, int64_t above,
		   unsigned max, store_fn *fn, void *ctx)
{
	static const char sql[] =
		"SELECT " HEADER " FROM offline_message "
		"WHERE serial IN (SELECT serial FROM offline_message "
		"WHERE jid = $1 AND +serial > $2 ORDER BY +serial LIMIT $3) "
		"ORDER BY serial";

	store_read(store, sql, STORE_VALUES(store_text(jid), store_int(above),
					    store_int(max)), fn, ctx);
}

void
shelf_read_headers_below(struct store *store, const char *jid, int64_t below,
			 unsigned max, store_fn *fn, void *ctx)
{
	static const char sql[] =
		"SELECT " HEADER " FROM offline_message "
		"WHERE serial IN (SELECT serial FROM offline_message "
		"WHERE jid = $1 AND +serial < $2 ORDER BY +serial DESC "
		"LIMIT $3) ORDER BY serial DESC";

	store_read(store, sql, STORE_VALUES(store_text(jid), store_int(below),
					    store_int(max)), fn, ctx);
}

void
shelf_get_header(const struct store_result *result, size_t row,
		 struct shelf_message *message_r)
{
	memset(message_r, 0, sizeof(*message_r));
	message_r->serial = store_get_int(result, row, 0);
	message_r->id = store_get_text(result, row, 1);
	message_r->sender = store_get_text(result, row, 2);
	message_r->resource = store_get_text(result, row, 3);
	message_r->stamp = store_get_int(result, row, 4);
}

void
shelf_get(const struct store_result *result, size_t row,
	  struct shelf_message *message_r)
{
	shelf_get_header(result, row, message_r);
	message_r->stanza = store_get_text(result, row, 5);
}

void
shelf_remove(struct store *store, const char *jid, int64_t first,
	     int64_t last, store_fn *fn, void *ctx)
{
	static const char sql[] =
		"DELETE FROM offline_message WHERE jid = $1 AND "
		"+serial >= $2 AND +serial <= $3 RETURNING " REMOVED;

	store_write(store, sql, STORE_VALUES(store_text(jid),
			store_int(first), store_int(last)), fn, ctx);
}

void
shelf_withdraw(struct store *store, const char *jid, const char *id,
	       store_fn *fn, void *ctx)
{
	static const char sql[] =
		"DELETE FROM offline_message WHERE jid = $1 AND id = $2 "
		"RETURNING " REMOVED;

	store_write(store, sql, STORE_VALUES(store_text(jid), store_text(id)),
		    fn, ctx);
}

void
shelf_trim(struct store *store, const char *jid, const char *sender,
	   unsigned keep, store_fn *fn, void *ctx)
{
	static const char sql[] =
		"DELETE FROM offline_message WHERE serial IN (SELECT serial "
		"FROM offline_message WHERE jid = $1 AND "
		"(sender = CAST($2 AS TEXT) OR CAST($2 AS TEXT) IS NULL) "
		"ORDER BY +serial DESC LIMIT 1000000000 OFFSET $3) "
		"RETURNING " REMOVED;

	store_write(store, sql, STORE_VALUES(store_text(jid),
			store_text(sender), store_int(keep)), fn, ctx);
}

void
shelf_purge(struct store *store, const char *jid, const char *sender,
	    store_fn *fn, void *ctx)
{
	static const char sql[] =
		"DELETE FROM offline_message WHERE jid = $1 AND "
		"(sender = CAST($2 AS TEXT) OR CAST($2 AS TEXT) IS NULL) "
		"RETURNING " REMOVED;

	store_write(store, sql, STORE_VALUES(store_text(jid),
					     store_text(sender)), fn, ctx);
}

void
shelf_expire(struct store *store, int64_t before, unsigned max, store_fn *fn,
	     void *ctx)
{
	static const char sql[] =
		"DELETE FROM offline_message WHERE arrived < $1 AND serial IN "
		"(SELECT serial FROM offline_message ORDER BY serial LIMIT "
		"$2) RETURNING " REMOVED;

	store_write(store, sql, STORE_VALUES(store_int(before),
					     store_int(max)), fn, ctx);
}

void
shelf_get_removed(const struct store_result *result, size_t row,
		  struct shelf_removed *removed_r)
{
	removed_r->jid = store_get_text(result, row, 0);
	removed_r->id = store_get_text(result, row, 1);
	removed_r->sender = store_get_text(result, row, 2);
}
