#include "components/archive/journaling/post.h"

#include <string.h>

#include "shared/archive_attendance.h"
#include "shared/archive_cells.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/request.h"
#include "shared/serial.h"

#define TEXT(x) #x
#define NUMBER(x) TEXT(x)

static const char open_sql[] =
	"INSERT INTO archive_journaling (domain, title, active, seen) "
	"VALUES ($1, $2, 1, $3) ON CONFLICT (domain, title) "
	"DO UPDATE SET active = 1, seen = $3 RETURNING id";
static const char find_sql[] =
	"SELECT seen FROM archive_journaling "
	"WHERE domain = $1 AND title = $2 AND active = 1";
static const char stay_sql[] =
	"UPDATE archive_journaling SET seen = $2 WHERE id = $1";
static const char close_all_sql[] =
	"UPDATE archive_journaling SET active = 0 "
	"WHERE domain = $1 AND active = 1";
static const char reopen_sql[] =
	"UPDATE archive_journaling SET active = 1 "
	"WHERE domain = $1 AND title = $2";

/* Those that are due and were tried no more often, $1 being the journaling, $2
   now and $3 how often. */
#define DUE "journaling = $1 AND due <= $2 AND tries <= $3"
#define ANY \
	"SELECT * FROM archive_post WHERE " DUE " " \
	"ORDER BY serial LIMIT " NUMBER(POST_ROWS)
/* $4 is the serial before which a window must begin to be over, and $5 how many
   serials it has. */
#define WINDOW \
	"SELECT q.* FROM archive_post q, (SELECT one, other, serial " \
	"FROM archive_post WHERE " DUE " AND serial < $4 ORDER BY serial " \
	"LIMIT 1) f WHERE q.journaling = $1 AND q.due <= $2 " \
	"AND q.tries <= $3 AND q.one = f.one AND q.other = f.other " \
	"AND q.serial >= f.serial AND q.serial < f.serial + $5 " \
	"ORDER BY q.serial LIMIT " NUMBER(POST_ROWS)

/* That of the same sender: of one that was erased nothing is left to be mailed.
   By his index, where no other fits. */
#define JOIN_PG \
	"LEFT JOIN LATERAL (SELECT * FROM archive_message o " \
	"WHERE o.sender = q.sender AND o.serial = q.serial LIMIT 1) m ON true"
#define JOIN_SQLITE \
	"LEFT JOIN archive_message m ON m.serial = q.serial " \
	"AND +m.sender = q.sender"

/* A line for each whom m was shown in a room; all is what makes one text of
   them. */
#define AUDIENCE(all) \
	"(SELECT " all " FROM (SELECT " ARCHIVE_CELLS_JID("s.owner") \
	" AS jid FROM (" ARCHIVE_ATTENDANCE_SHOWN ") AS s ORDER BY 1) AS w)"
#define ALL_PG "string_agg(w.jid, chr(10) ORDER BY w.jid)"
#define ALL_SQLITE "group_concat(w.jid, char(10))"

/* At least one, and what follows as long as the text before it is short of the
   limit. */
#define BYTES(bytes) \
	"(" ARCHIVE_CELLS_SIZE(bytes, "m") bytes(AUDIENCE, audience, "m") ")"
#define NEXT(which, join, all, bytes) \
	"SELECT p.waiting, p.tried, p.tries, p.refusals, p.audience, " \
	ARCHIVE_CELLS_OF("p") " FROM (SELECT m.*, " \
	"sum(" BYTES(bytes) ") OVER " \
	"(ORDER BY m.waiting ROWS UNBOUNDED PRECEDING) - " \
	BYTES(bytes) " AS ahead FROM (SELECT q.serial AS waiting, q.tried, " \
	"q.tries, q.refusals, " AUDIENCE(all) " AS audience, m.* " \
	"FROM (" which ") AS q " join ") AS m) AS p " \
	"WHERE p.ahead < " NUMBER(POST_BYTES) " ORDER BY p.waiting"

enum { WAITING, TRIED, TRIES, REFUSALS, SHOWN, FOUND };

static const struct {
	const char *any, *window;
} pg = {
	NEXT(ANY, JOIN_PG, ALL_PG, ARCHIVE_CELLS_BYTES_PG),
	NEXT(WINDOW, JOIN_PG, ALL_PG, ARCHIVE_CELLS_BYTES_PG),
}, sqlite = {
	NEXT(ANY, JOIN_SQLITE, ALL_SQLITE, ARCHIVE_CELLS_BYTES_SQLITE),
	NEXT(WINDOW, JOIN_SQLITE, ALL_SQLITE, ARCHIVE_CELLS_BYTES_SQLITE),
};

static const char remove_sql[] =
	"DELETE FROM archive_post WHERE journaling = $1 AND serial = $2";
static const char defer_sql[] =
	"UPDATE archive_post SET due = $3, tried = $4, tries = $5, "
	"refusals = $6 WHERE journaling = $1 AND serial = $2";
static const char aside_sql[] =
	"INSERT INTO archive_post_aside (journaling, serial, sender, one, "
	"other, stamp, reason) SELECT journaling, serial, sender, one, other, "
	"CAST($3 AS BIGINT), CAST($4 AS TEXT) FROM archive_post "
	"WHERE journaling = $1 AND serial = $2 ON CONFLICT DO NOTHING";
static const char count_sql[] =
	"SELECT (SELECT count(*) FROM (SELECT 1 FROM archive_post "
	"WHERE journaling = $1 LIMIT " NUMBER(POST_COUNTED) " + 1) AS w), "
	"(SELECT min(serial) FROM archive_post WHERE journaling = $1), "
	"(SELECT count(*) FROM archive_post_aside WHERE journaling = $1)";

#define OWN "journaling IN (SELECT id FROM archive_journaling WHERE domain = $1"
static const char retry_sql[] =
	"INSERT INTO archive_post (journaling, serial, sender, one, other) "
	"SELECT journaling, serial, sender, one, other "
	"FROM archive_post_aside WHERE " OWN ") "
	"AND (serial = $2 OR $2 = 0) ON CONFLICT DO NOTHING";
static const char retried_sql[] =
	"DELETE FROM archive_post_aside WHERE " OWN ") "
	"AND (serial = $2 OR $2 = 0) RETURNING serial";
#define IS_OVER "(active = 0 OR seen <= $3)"
static const char forget_sql[] =
	"DELETE FROM archive_post WHERE " OWN " AND title = $2 "
	"AND " IS_OVER ")";
static const char forget_aside_sql[] =
	"DELETE FROM archive_post_aside WHERE " OWN " AND title = $2 "
	"AND " IS_OVER ")";
static const char list_sql[] =
	"SELECT j.title, p.serial, (SELECT COALESCE(m.stamp, m.serial / 256) "
	"FROM archive_message m WHERE m.sender = p.sender "
	"AND m.serial = p.serial), " ARCHIVE_CELLS_JID("p.sender") ", "
	"(SELECT r.jid FROM archive_message m JOIN archive_address r "
	"ON r.id = m.recipient WHERE m.sender = p.sender "
	"AND m.serial = p.serial), p.stamp, p.reason "
	"FROM archive_post_aside p JOIN archive_journaling j "
	"ON j.id = p.journaling WHERE j.domain = $1 "
	"AND (p.serial, j.title) > ($2, $3) "
	"ORDER BY p.serial, j.title LIMIT $4";
#define WITHOUT_SECTION(which) \
	"SELECT j.title, (SELECT count(*) FROM (SELECT 1 FROM archive_post p " \
	"WHERE p.journaling = j.id LIMIT " NUMBER(POST_COUNTED) ") AS w), " \
	"j.domain FROM archive_journaling j WHERE " which " " \
	"AND EXISTS (SELECT 1 FROM archive_post p WHERE p.journaling = j.id) " \
	"ORDER BY j.domain, j.title"
static const char closed_sql[] =
	WITHOUT_SECTION("(j.seen <= $2 OR j.domain = $1 AND j.active = 0)");
static const char gone_sql[] =
	WITHOUT_SECTION("j.seen <= $2 AND j.domain <> $1");

void
post_find(struct store *store, const char *domain, const char *title,
	  store_fn *fn, void *ctx)
{
	store_read(store, find_sql, STORE_VALUES(
		store_text(domain), store_text(title)), fn, ctx);
}

void
post_open(struct store *store, const char *domain, const char *title,
	  store_fn *fn, void *ctx)
{
	store_write(store, open_sql, STORE_VALUES(
		store_text(domain), store_text(title),
		store_int(clock_now())), fn, ctx);
}

void
post_stay(struct store *store, int64_t journaling)
{
	store_write(store, stay_sql, STORE_VALUES(
		store_int(journaling), store_int(clock_now())), NULL, NULL);
}

void
post_close_others(struct store *store, const char *domain,
		  const char *const *titles)
{
	struct store_batch *batch = store_begin(store);

	store_add(batch, close_all_sql, STORE_VALUES(store_text(domain)));
	for (; *titles != NULL; titles++)
		store_add(batch, reopen_sql, STORE_VALUES(
			store_text(domain), store_text(*titles)));
	store_commit(&batch, NULL, NULL);
}

void
post_next(struct store *store, const struct post_place *place, store_fn *fn,
	  void *ctx)
{
	bool lite = strcmp(store_dialect(store), "sqlite") == 0;
	int64_t over = serial_first_of(place->now - place->window);
	int64_t tries = place->fresh ? 0 : INT64_MAX;

	if (place->window == 0)
		store_read(store, lite ? sqlite.any : pg.any, STORE_VALUES(
			store_int(place->journaling),
			store_int(place->now), store_int(tries)), fn, ctx);
	else
		store_read(store, lite ? sqlite.window : pg.window,
			   STORE_VALUES(store_int(place->journaling),
					store_int(place->now),
					store_int(tries), store_int(over),
					store_int(serial_first_of(
						place->window))), fn, ctx);
}

struct post_item
post_item_of(struct arena *arena, const struct store_result *result,
	     size_t row)
{
	struct post_item item = {
		.serial = store_get_int(result, row, WAITING),
		.tried = store_get_int(result, row, TRIED),
		.tries = store_get_int(result, row, TRIES),
		.refusals = store_get_int(result, row, REFUSALS),
		.audience = "",
	};
	struct archive_row *copy;
	const char *audience;

	if (store_get_text(result, row, FOUND + ARCHIVE_CELL_SERIAL) ==
	    NULL)
		return item;
	copy = arena_alloc(arena, sizeof(*copy));
	*copy = archive_cells_read(arena, result, row, FOUND);
	item.row = copy;
	audience = store_get_text(result, row, SHOWN);
	if (audience != NULL)
		item.audience = arena_strdup(arena, audience);
	return item;
}

void
post_remove(struct store_batch *batch, int64_t journaling, int64_t serial)
{
	store_add(batch, remove_sql, STORE_VALUES(store_int(journaling),
						  store_int(serial)));
}

void
post_defer(struct store_batch *batch, int64_t journaling,
	   const struct post_item *item, int64_t due)
{
	store_add(batch, defer_sql, STORE_VALUES(
		store_int(journaling), store_int(item->serial),
		store_int(due), store_int(item->tried),
		store_int(item->tries), store_int(item->refusals)));
}

void
post_set_aside(struct store_batch *batch, int64_t journaling, int64_t serial,
	       const char *why)
{
	store_add(batch, aside_sql, STORE_VALUES(
		store_int(journaling), store_int(serial),
		store_int(clock_now()), store_text(why)));
	post_remove(batch, journaling, serial);
}

void
post_count(struct store *store, int64_t journaling, store_fn *fn, void *ctx)
{
	store_read(store, count_sql, STORE_VALUES(store_int(journaling)), fn,
		   ctx);
}

void
post_list_aside(struct call *call, const struct post_aside *after,
		unsigned max, call_result_fn *fn)
{
	call_read(call, list_sql, STORE_VALUES(
		store_text(call->runtime->domain), store_int(after->serial),
		store_text(after->title), store_int(max)), fn);
}

void
post_list_closed(struct call *call, call_result_fn *fn)
{
	call_read(call, closed_sql, STORE_VALUES(
		store_text(call->runtime->domain),
		store_int(clock_now() - POST_GONE)), fn);
}

void
post_find_gone(struct store *store, const char *domain, store_fn *fn,
	       void *ctx)
{
	store_read(store, gone_sql, STORE_VALUES(
		store_text(domain), store_int(clock_now() - POST_GONE)), fn,
		ctx);
}

void
post_retry(struct store *store, const char *domain, int64_t serial,
	   store_fn *fn, void *ctx)
{
	struct store_batch *batch = store_begin(store);

	store_add(batch, retry_sql, STORE_VALUES(store_text(domain),
						 store_int(serial)));
	store_add(batch, retried_sql, STORE_VALUES(store_text(domain),
						   store_int(serial)));
	store_commit(&batch, fn, ctx);
}

void
post_forget(struct store *store, const char *domain, const char *title,
	    store_fn *fn, void *ctx)
{
	const struct store_value values[] = {
		store_text(domain), store_text(title),
		store_int(clock_now() - POST_GONE),
	};
	struct store_batch *batch = store_begin(store);

	store_add(batch, forget_aside_sql, values, 3);
	store_add(batch, forget_sql, values, 3);
	store_commit(&batch, fn, ctx);
}
