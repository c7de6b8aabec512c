#include "components/offline/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "components/offline/pile.h"
#include "shared/clock.h"
#include "shared/error.h"

/* Where it says +serial, the messages are those of one user: the plus keeps the
   database from going through everybody's in the order of their serials. */

#define HEADER "serial, id, sender, resource, stamp"
#define REMOVED "jid, id, sender"

struct shelf {
	struct store *store;
	struct pile *puts, *counts;
};

#define PUT "INSERT INTO offline_message (jid, id, sender, resource, " \
	"arrived, stamp, stanza) VALUES "
#define PUT_ROW(a, b, c, d, e, f, g) \
	"($" #a ", $" #b ", $" #c ", $" #d ", $" #e ", $" #f ", $" #g ")"
#define PUT_ONCE " ON CONFLICT DO NOTHING RETURNING jid, id"

static const struct pile_kind putting = {
	.writes = true, .columns = 7,
	.one = PUT PUT_ROW(1, 2, 3, 4, 5, 6, 7) PUT_ONCE,
	.many = PUT
		PUT_ROW(1, 2, 3, 4, 5, 6, 7) ", "
		PUT_ROW(8, 9, 10, 11, 12, 13, 14) ", "
		PUT_ROW(15, 16, 17, 18, 19, 20, 21) ", "
		PUT_ROW(22, 23, 24, 25, 26, 27, 28) ", "
		PUT_ROW(29, 30, 31, 32, 33, 34, 35) ", "
		PUT_ROW(36, 37, 38, 39, 40, 41, 42) ", "
		PUT_ROW(43, 44, 45, 46, 47, 48, 49) ", "
		PUT_ROW(50, 51, 52, 53, 54, 55, 56) ", "
		PUT_ROW(57, 58, 59, 60, 61, 62, 63) ", "
		PUT_ROW(64, 65, 66, 67, 68, 69, 70) ", "
		PUT_ROW(71, 72, 73, 74, 75, 76, 77) ", "
		PUT_ROW(78, 79, 80, 81, 82, 83, 84) ", "
		PUT_ROW(85, 86, 87, 88, 89, 90, 91) ", "
		PUT_ROW(92, 93, 94, 95, 96, 97, 98) ", "
		PUT_ROW(99, 100, 101, 102, 103, 104, 105) ", "
		PUT_ROW(106, 107, 108, 109, 110, 111, 112) PUT_ONCE,
};

#define COUNT "SELECT jid, sender, COUNT(*) FROM offline_message WHERE jid "
#define BY_SENDER " GROUP BY jid, sender"

static const struct pile_kind counting = {
	.columns = 1,
	.one = COUNT "= $1" BY_SENDER,
	.many = COUNT "IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
		"$12, $13, $14, $15, $16)" BY_SENDER,
};

struct shelf *
shelf_new(struct store *store)
{
	struct shelf *shelf = calloc(1, sizeof(*shelf));

	ensure(shelf != NULL);
	shelf->store = store;
	shelf->puts = pile_new(store, &putting, NULL);
	shelf->counts = pile_new(store, &counting, shelf->puts);
	return shelf;
}

void
shelf_free(struct shelf **shelf)
{
	pile_free(&(*shelf)->puts);
	pile_free(&(*shelf)->counts);
	free(*shelf);
	*shelf = NULL;
}

/* A row of PostgreSQL's index has at most 2704 bytes, where its pages have
   8 KiB: 8 are its header, 8 the serial at its end, 4 more than its length has
   each text, and up to 3 go before the second and the third.  Long texts that
   can be compressed are, which would let more of some in, but nobody could say
   of which. */
bool
shelf_fits(const char *jid, const struct shelf_message *message)
{
	return strlen(jid) + strlen(message->sender) + strlen(message->id) <=
	       SHELF_KEY_MAX;
}

/* The store, for something else, before which comes what was asked before. */
static struct store *
settle(struct shelf *shelf)
{
	pile_send(shelf->counts);
	pile_send(shelf->puts);
	return shelf->store;
}

void
shelf_put(struct shelf *shelf, const char *jid, int64_t arrived,
	  const struct shelf_message *message, store_fn *fn, void *ctx)
{
	const struct pile_row row = {
		.values = {
			store_text(jid), store_text(message->id),
			store_text(message->sender),
			store_text(message->resource), store_int(arrived),
			store_int(message->stamp), store_text(message->stanza),
		},
		.fn = fn, .ctx = ctx,
	};

	/* Its result could not tell which of the two it put. */
	if (pile_has(shelf->puts, &row, 2))
		pile_send(shelf->puts);
	pile_add(shelf->puts, &row);
}

bool
shelf_was_put(const struct store_result *result, const char *jid,
	      const char *id)
{
	for (size_t i = 0; i < store_rows(result); i++)
		if (strcmp(store_get_text(result, i, 1), id) == 0 &&
		    strcmp(store_get_text(result, i, 0), jid) == 0)
			return true;
	return false;
}

/* Done again, which a broken connection may ask for, it changes nothing. */
void
shelf_import(struct shelf *shelf, const char *jid, int64_t arrived,
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
	struct store_batch *batch = store_begin(settle(shelf));

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
shelf_look_imported(struct shelf *shelf, const char *jid, const char *id,
		    store_fn *fn, void *ctx)
{
	static const char sql[] =
		"SELECT id FROM offline_import WHERE jid = $1 AND id = $2";

	store_read(settle(shelf), sql, STORE_VALUES(store_text(jid),
						    store_text(id)), fn, ctx);
}

void
shelf_look(struct shelf *shelf, const char *jid, const char *id, store_fn *fn,
	   void *ctx)
{
	static const char sql[] =
		"SELECT serial FROM offline_message WHERE jid = $1 AND "
		"id = $2";

	store_read(settle(shelf), sql, STORE_VALUES(store_text(jid),
						    store_text(id)), fn, ctx);
}

void
shelf_count(struct shelf *shelf, const char *jid, store_fn *fn, void *ctx)
{
	const struct pile_row row = {
		.values = { store_text(jid) }, .fn = fn, .ctx = ctx,
	};

	pile_add(shelf->counts, &row);
}

void
shelf_get_share(const struct store_result *result, size_t row,
		struct shelf_share *share_r)
{
	share_r->jid = store_get_text(result, row, 0);
	share_r->sender = store_get_text(result, row, 1);
	share_r->count = (size_t)store_get_int(result, row, 2);
}

size_t
shelf_total(const struct store_result *result, const char *jid)
{
	struct shelf_share share;
	size_t total = 0;

	for (size_t i = 0; i < store_rows(result); i++) {
		shelf_get_share(result, i, &share);
		if (strcmp(share.jid, jid) == 0)
			total += share.count;
	}
	return total;
}

#define FIRST(columns) \
	"SELECT " columns " FROM offline_message WHERE serial IN (SELECT " \
	"serial FROM offline_message WHERE jid = $1 AND +serial > $2 " \
	"ORDER BY +serial LIMIT $3) ORDER BY serial"

void
shelf_read(struct shelf *shelf, const char *jid, int64_t above, unsigned max,
	   store_fn *fn, void *ctx)
{
	static const char sql[] = FIRST(HEADER ", stanza");

	store_read(settle(shelf), sql, STORE_VALUES(store_text(jid),
			store_int(above), store_int(max)), fn, ctx);
}

void
shelf_find(struct shelf *shelf, const char *jid, int64_t serial, store_fn *fn,
	   void *ctx)
{
	static const char sql[] =
		"SELECT " HEADER ", stanza FROM offline_message "
		"WHERE serial = $1 AND jid = $2";

	store_read(settle(shelf), sql, STORE_VALUES(store_int(serial),
					    store_text(jid)), fn, ctx);
}

void
shelf_check(struct shelf *shelf, const char *jid, int64_t serial, store_fn *fn,
	    void *ctx)
{
	static const char sql[] =
		"SELECT serial FROM offline_message "
		"WHERE serial = $1 AND jid = $2";

	store_read(settle(shelf), sql, STORE_VALUES(store_int(serial),
					    store_text(jid)), fn, ctx);
}

void
shelf_read_headers(struct shelf *shelf, const char *jid, int64_t above,
		   unsigned max, store_fn *fn, void *ctx)
{
	static const char sql[] = FIRST(HEADER);

	store_read(settle(shelf), sql, STORE_VALUES(store_text(jid),
			store_int(above), store_int(max)), fn, ctx);
}

void
shelf_read_headers_below(struct shelf *shelf, const char *jid, int64_t below,
			 unsigned max, store_fn *fn, void *ctx)
{
	static const char sql[] =
		"SELECT " HEADER " FROM offline_message "
		"WHERE serial IN (SELECT serial FROM offline_message "
		"WHERE jid = $1 AND +serial < $2 ORDER BY +serial DESC "
		"LIMIT $3) ORDER BY serial DESC";

	store_read(settle(shelf), sql, STORE_VALUES(store_text(jid),
			store_int(below), store_int(max)), fn, ctx);
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
shelf_remove(struct shelf *shelf, const char *jid, int64_t first,
	     int64_t last, store_fn *fn, void *ctx)
{
	static const char sql[] =
		"DELETE FROM offline_message WHERE jid = $1 AND "
		"+serial >= $2 AND +serial <= $3 RETURNING " REMOVED;

	store_write(settle(shelf), sql, STORE_VALUES(store_text(jid),
			store_int(first), store_int(last)), fn, ctx);
}

void
shelf_withdraw(struct shelf *shelf, const char *jid, const char *id,
	       store_fn *fn, void *ctx)
{
	static const char sql[] =
		"DELETE FROM offline_message WHERE jid = $1 AND id = $2 "
		"RETURNING " REMOVED;

	store_write(settle(shelf), sql, STORE_VALUES(store_text(jid),
						     store_text(id)), fn, ctx);
}

void
shelf_trim(struct shelf *shelf, const char *jid, const char *sender,
	   unsigned keep, store_fn *fn, void *ctx)
{
	static const char sql[] =
		"DELETE FROM offline_message WHERE serial IN (SELECT serial "
		"FROM offline_message WHERE jid = $1 AND "
		"(sender = CAST($2 AS TEXT) OR CAST($2 AS TEXT) IS NULL) "
		"ORDER BY +serial DESC LIMIT 1000000000 OFFSET $3) "
		"RETURNING " REMOVED;

	store_write(settle(shelf), sql, STORE_VALUES(store_text(jid),
			store_text(sender), store_int(keep)), fn, ctx);
}

void
shelf_purge(struct shelf *shelf, const char *jid, const char *sender,
	    const char *id, store_fn *fn, void *ctx)
{
	static const char sql[] =
		"DELETE FROM offline_message WHERE jid = $1 AND "
		"(sender = CAST($2 AS TEXT) OR CAST($2 AS TEXT) IS NULL) AND "
		"(id = CAST($3 AS TEXT) OR CAST($3 AS TEXT) IS NULL) "
		"RETURNING " REMOVED;

	store_write(settle(shelf), sql, STORE_VALUES(store_text(jid),
			store_text(sender), store_text(id)), fn, ctx);
}

/* How long it is known that somebody left. */
#define KNOWN (INT64_C(30) * 24 * 3600 * CLOCK_SECOND)

void
shelf_close(struct shelf *shelf, const char *jid, const char *id, int64_t now,
	    store_fn *fn, void *ctx)
{
	static const char forget[] =
		"DELETE FROM offline_account WHERE stamp < $1";
	static const char note[] =
		"INSERT INTO offline_account (jid, id, last, stamp) "
		"SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), "
		"COALESCE(max(serial), 0), CAST($3 AS BIGINT) "
		"FROM offline_message WHERE jid = $1 ON CONFLICT DO NOTHING";
	static const char sql[] =
		"DELETE FROM offline_message WHERE jid = $1 AND +serial <= "
		"(SELECT last FROM offline_account WHERE jid = $1 AND id = $2) "
		"RETURNING " REMOVED;
	struct store_batch *batch = store_begin(settle(shelf));

	store_add(batch, forget, STORE_VALUES(store_int(now - KNOWN)));
	store_add(batch, note, STORE_VALUES(store_text(jid), store_text(id),
					    store_int(now)));
	store_add(batch, sql, STORE_VALUES(store_text(jid), store_text(id)));
	store_commit(&batch, fn, ctx);
}

void
shelf_expire(struct shelf *shelf, int64_t before, unsigned max, store_fn *fn,
	     void *ctx)
{
	static const char sql[] =
		"DELETE FROM offline_message WHERE arrived < $1 AND serial IN "
		"(SELECT serial FROM offline_message ORDER BY serial LIMIT "
		"$2) RETURNING " REMOVED;

	store_write(settle(shelf), sql, STORE_VALUES(store_int(before),
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
