#include "shared/archive_write.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shared/archive_address.h"
#include "shared/archive_attendance.h"
#include "shared/archive_burial.h"
#include "shared/archive_event.h"
#include "shared/archive_hearsay.h"
#include "shared/archive_hold.h"
#include "shared/archive_month.h"
#include "shared/archive_write-private.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/serial.h"
#include "shared/store.h"
#include "shared/store_list.h"
#include "shared/str.h"

/* How far the clocks of others may be ahead of ours. */
#define MARGIN (24 * 3600LL * CLOCK_SECOND)

/* How a database wants it. */
struct dialect {
	/* Those of a list that are not there, in an order that all keep who
	   do that at once. */
	const char *add_addresses;
	const char *find_addresses;
	/* A message of nobody's, at a serial where that need not be unique;
	   and its end. */
	const char *add_probe, *remove_probe;
	/* What keeps away others of that number; or NULL. */
	const char *lock;
	void (*write)(struct store_batch *batch,
		      const struct archive_item *items, size_t count);
};

struct archive_write {
	struct store *store;
	const struct dialect *dialect;
	bool partitioned;
	struct archive_month known;
	struct archive_address *addresses;
	struct store_list unknown;
	struct archive_late late;	/* change NULL: nothing is */
	size_t under_way;
};

/* Those of one call. */
struct rows {
	const struct archive_row *rows;
	size_t count;
	struct archive_item *items;	/* messages, and events behind them */
	size_t messages, item_count;
};

struct call {
	struct archive_write *write;
	char *late;		/* the list of those that are; or NULL */
	archive_write_fn *fn;
	void *ctx;
};

static const struct dialect pg = {
	"INSERT INTO archive_address (jid) "
	"SELECT DISTINCT a COLLATE \"C\" FROM unnest(CAST($1 AS TEXT[])) a "
	"WHERE (SELECT id FROM archive_address WHERE jid = a) IS NULL "
	"ORDER BY 1 ON CONFLICT (jid) DO NOTHING",
	"SELECT a, (SELECT id FROM archive_address WHERE jid = a) "
	"FROM unnest(CAST($1 AS TEXT[])) a",
	"INSERT INTO archive_message (serial, sender, recipient, ways, flags, "
	"type, uid) VALUES (CAST($1 AS BIGINT), 0, 0, 1, 0, 0, 'probe')",
	"DELETE FROM archive_message WHERE serial = CAST($1 AS BIGINT) "
	"AND uid = 'probe' AND sender = 0",
	/* A connection that broke may still be at work on what is done again
	   now, and two that look for the same message at once find none: so
	   those of one writer wait for each other. */
	"SELECT pg_advisory_xact_lock(1634886504, CAST($1 AS INTEGER))",
	archive_write_pg,
};

static const struct dialect sqlite = {
	"INSERT INTO archive_address (jid) "
	"SELECT DISTINCT value FROM json_each($1) WHERE true "
	"ON CONFLICT (jid) DO NOTHING",
	"SELECT jid, id FROM archive_address "
	"WHERE jid IN (SELECT value FROM json_each($1))",
	"INSERT INTO archive_message (sender, recipient, ways, flags, type, "
	"uid) SELECT 0, 0, 1, 0, 0, 'probe' WHERE $1 > 0",
	"DELETE FROM archive_message WHERE uid = 'probe' AND sender = 0 "
	"AND $1 > 0",
	NULL,
	archive_write_sqlite,
};

/* archive_writer.h. */
static const char last_sql[] =
	"UPDATE archive_writer SET last = CAST($1 AS BIGINT) "
	"WHERE number = CAST($2 AS BIGINT) AND last < CAST($1 AS BIGINT)";

struct archive_write *
archive_write_new(struct store *store, size_t addresses)
{
	struct archive_write *write = calloc(1, sizeof(*write));

	ensure(write != NULL);
	write->store = write->late.store = store;
	write->partitioned = strcmp(store_dialect(store), "postgresql") == 0;
	write->dialect = write->partitioned ? &pg : &sqlite;
	write->addresses = archive_address_new(addresses);
	return write;
}

void
archive_write_on_late(struct archive_write *write,
		      archive_late_change_fn *change, void *ctx)
{
	write->late.change = change;
	write->late.ctx = ctx;
}

void
archive_write_free(struct archive_write **write)
{
	if (*write == NULL)
		return;
	ensure((*write)->under_way == 0);
	archive_address_free(&(*write)->addresses);
	store_list_fini(&(*write)->unknown);
	free(*write);
	*write = NULL;
}

size_t
archive_write_known(const struct archive_write *write)
{
	return archive_address_count(write->addresses);
}

static int64_t
stamp_of(const struct archive_mark *mark)
{
	int64_t late = serial_time(mark->serial) - mark->stamp;

	return late > -CLOCK_SECOND && late < CLOCK_SECOND ? 0 : mark->stamp;
}

/* A copy is stored after it was sent.  One that is shown later bears the time
   at which it was handed over, and may have been sent at any time before. */
static int64_t
since(const struct archive_mark *mark)
{
	int64_t came = serial_time(mark->serial);

	return serial_first_of((mark->stamp < came ? mark->stamp : came) -
			       MARGIN);
}

/* Nor any other copy. */
static bool
is_shown_only(unsigned ways)
{
	return (ways & ~(ARCHIVE_SHOWN | ARCHIVE_UNSEEN(ARCHIVE_SHOWN))) == 0;
}

static void
add_copy(struct archive_item *item, const struct archive_mark *mark)
{
	int64_t first = since(mark);

	if (!is_shown_only(mark->ways) &&
	    (is_shown_only(item->ways) || first < item->since))
		item->since = first;
	item->ways |= mark->ways;
	item->flags |= mark->flags & (ARCHIVE_REMOTE | ARCHIVE_COMPONENT);
	if ((mark->flags & ARCHIVE_NO_ORIGIN) == 0)
		item->flags &= ~(unsigned)ARCHIVE_NO_ORIGIN;
}

/* It is not stored itself. */
static bool
is_order(const struct archive_row *row)
{
	return row->mark.ways == 0 && row->buries != 0;
}

/* Each message once; or each event.  Returns how many there are; attendance,
   orders and what is heard of rooms are neither. */
static size_t
merge(struct archive_item *items, const struct archive_row *rows, size_t count,
      bool events)
{
	struct archive_item *by_uid = NULL, *item;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const char *uid = rows[i].mark.uid;

		if (rows[i].attendance != NULL || is_order(&rows[i]) ||
		    rows[i].hearsay != NULL ||
		    (rows[i].event != 0) != events)
			continue;
		HASH_FIND_STR(by_uid, uid, item);
		if (item == NULL) {
			item = &items[n++];
			item->row = &rows[i];
			item->stamp = stamp_of(&rows[i].mark);
			item->uid = uid;
			item->flags = rows[i].mark.flags;
			HASH_ADD_KEYPTR(hh, by_uid, uid, strlen(uid), item);
		}
		add_copy(item, &rows[i].mark);
		item->buries |= rows[i].buries;
	}
	HASH_CLEAR(hh, by_uid);
	return n;
}

/* Its id, or 0: then it is to be added. */
static int64_t
find_address(struct archive_write *write, const char *jid)
{
	int64_t id = archive_address_find(write->addresses, jid);

	if (id == 0)
		store_list_add_text(&write->unknown, jid);
	return id;
}

static void
find_addresses(struct archive_write *write, struct archive_item *items,
	       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct archive_row *row = items[i].row;
		const char *about = row->event == 0 ? NULL :
				    archive_event_of(row).about;

		items[i].sender = find_address(write, row->sender);
		items[i].recipient = find_address(write, row->recipient);
		if (about != NULL)
			items[i].about = find_address(write, about);
	}
}

static void
want_people(struct archive_write *write,
	    const struct archive_attendance *attendance)
{
	if (*attendance->room != '\0')
		find_address(write, attendance->room);
	for (size_t i = 0; i < attendance->count; i++)
		find_address(write, attendance->people[i]);
}

static void
want_hearer(struct archive_write *write, const struct archive_row *row)
{
	char *bare = str_dup(row->hearsay->hearer);

	bare[strcspn(bare, "/")] = '\0';
	if (*bare != '\0')
		find_address(write, bare);
	find_address(write, row->sender);
	find_address(write, row->recipient);
	free(bare);
}

/* Those that are to be added; NULL: none. */
static const char *
find_all_addresses(struct archive_write *write, struct rows *all)
{
	store_list_begin(&write->unknown, store_dialect(write->store));
	find_addresses(write, all->items, all->item_count);
	for (size_t i = 0; i < all->count; i++) {
		if (all->rows[i].attendance != NULL)
			want_people(write, all->rows[i].attendance);
		if (all->rows[i].hearsay != NULL)
			want_hearer(write, &all->rows[i]);
	}
	return write->unknown.count == 0 ? NULL :
	       store_list_end(&write->unknown);
}

static int
compare_serials(const void *a, const void *b)
{
	const int64_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

/* They come in any order, as messages that waited elsewhere do. */
static void
want_months(struct archive_write *write, const struct archive_row *rows,
	    size_t count)
{
	int64_t serials[ARCHIVE_WRITE_ROWS];

	if (!write->partitioned)
		return;
	for (size_t i = 0; i < count; i++)
		serials[i] = rows[i].mark.serial;
	qsort(serials, count, sizeof(*serials), compare_serials);
	for (size_t i = 0; i < count; i++)
		archive_month_want(&write->known, write->store, serials[i]);
}

static void
end_call(void *ctx, const struct error *err)
{
	struct call *call = ctx;

	call->write->under_way--;
	call->fn(call->ctx, err);
	free(call->late);
	free(call);
}

static void
on_done(void *ctx, const struct store_result *result, const struct error *err)
{
	struct call *call = ctx;
	struct archive_write *write = call->write;

	if (err != NULL)
		archive_month_forget(&write->known);
	for (size_t i = 0; err == NULL && i < store_rows(result); i++)
		archive_address_add(write->addresses,
				    store_get_text(result, i, 0),
				    store_get_int(result, i, 1));
	if (err == NULL && call->late != NULL)
		archive_late_bury(&write->late, call->late, end_call, call);
	else
		end_call(call, err);
}

/* Who writes them goes on behind them when it is started anew. */
static void
note_last(struct store_batch *batch, const struct archive_row *rows,
	  size_t count)
{
	int64_t last = 0;

	for (size_t i = 0; i < count; i++)
		if (rows[i].mark.serial > last)
			last = rows[i].mark.serial;
	store_add(batch, last_sql, STORE_VALUES(
		store_int(last), store_int(serial_writer(last))));
}

static void
add_attendance(struct archive_write *write, struct store_batch *batch,
	       const struct rows *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->rows[i].attendance != NULL)
			archive_attendance_add(write->store, batch,
					       all->rows[i].mark.serial,
					       all->rows[i].attendance);
}

/* In the order in which they came. */
static void
add_hearsay(struct store_batch *batch, const struct rows *all)
{
	int64_t last = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct archive_row *row = &all->rows[i];

		if (row->hearsay == NULL)
			continue;
		archive_hearsay_add(batch, row, since(&row->mark),
				    stamp_of(&row->mark));
		last = row->mark.serial;
	}
	if (last != 0)
		archive_hearsay_forget(batch, last);
}

/* Attendance may be about messages that come with it. */
static void
write_all(struct archive_write *write, struct store_batch *batch,
	  const struct rows *all)
{
	const struct dialect *dialect = write->dialect;
	int64_t serial = all->rows[0].mark.serial;

	if (dialect->lock != NULL)
		store_add(batch, dialect->lock,
			  STORE_VALUES(store_int(serial_writer(serial))));
	if (all->messages > 0)
		dialect->write(batch, all->items, all->messages);
	archive_write_events(batch, all->items + all->messages,
			     all->item_count - all->messages);
	add_hearsay(batch, all);
	add_attendance(write, batch, all);
	note_last(batch, all->rows, all->count);
}

/* Before anything is written. */
static void
add_heed(struct archive_write *write, struct store_batch *batch,
	 const struct rows *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->rows[i].buries != 0) {
			archive_hold_heed(write->store, batch);
			return;
		}
}

/* In order, as one may be about another of them. */
static void
add_burials(struct archive_write *write, struct store_batch *batch,
	    const struct archive_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct archive_row row = *items[i].row;

		row.buries = items[i].buries;
		row.mark.flags = items[i].flags;
		if (row.buries != 0)
			archive_burial_add(write->store, batch, &row);
	}
}

static void
add_orders(struct archive_write *write, struct store_batch *batch,
	   const struct rows *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (is_order(&all->rows[i]))
			archive_burial_add(write->store, batch,
					   &all->rows[i]);
}

/* What they need comes first. */
static void
add_all(struct archive_write *write, struct store_batch *batch,
	struct rows *all)
{
	const struct dialect *dialect = write->dialect;
	const char *unknown = find_all_addresses(write, all);

	want_months(write, all->rows, all->count);
	add_heed(write, batch, all);
	if (unknown != NULL)
		store_add(batch, dialect->add_addresses,
			  STORE_VALUES(store_text(unknown)));
	write_all(write, batch, all);
	add_burials(write, batch, all->items, all->messages);
	add_orders(write, batch, all);
	/* Last, as its rows are what is told. */
	if (unknown != NULL)
		store_add(batch, dialect->find_addresses,
			  STORE_VALUES(store_text(unknown)));
}

static struct call *
new_call(struct archive_write *write, archive_write_fn *fn, void *ctx)
{
	struct call *call = malloc(sizeof(*call));

	ensure(call != NULL);
	*call = (struct call){ .write = write, .fn = fn, .ctx = ctx };
	write->under_way++;
	return call;
}

/* Those that are late, as a list; NULL: none is, or nobody asks. */
static char *
list_late(const struct archive_write *write, const struct rows *all)
{
	struct store_list list = { 0 };
	char *text = NULL;

	if (write->late.change == NULL)
		return NULL;
	store_list_begin(&list, store_dialect(write->store));
	for (size_t i = 0; i < all->count; i++)
		if (all->rows[i].late && all->rows[i].event == 0)
			store_list_add_text(&list, all->rows[i].mark.uid);
	if (list.count > 0)
		text = str_dup(store_list_end(&list));
	store_list_fini(&list);
	return text;
}

void
archive_write_rows(struct archive_write *write, const struct archive_row *rows,
		   size_t count, archive_write_fn *fn, void *ctx)
{
	struct rows all = { .rows = rows, .count = count };
	struct store_batch *batch = store_begin(write->store);
	struct call *call = new_call(write, fn, ctx);

	ensure(count > 0 && count <= ARCHIVE_WRITE_ROWS);
	all.items = calloc(count, sizeof(*all.items));
	ensure(all.items != NULL);
	all.messages = merge(all.items, rows, count, false);
	all.item_count = all.messages + merge(all.items + all.messages, rows,
					      count, true);
	add_all(write, batch, &all);
	call->late = list_late(write, &all);
	store_commit(&batch, on_done, call);
	free(all.items);
}

void
archive_write_probe(struct archive_write *write, int64_t serial,
		    archive_write_fn *fn, void *ctx)
{
	struct store_batch *batch = store_begin(write->store);

	if (write->partitioned)
		archive_month_want(&write->known, write->store, serial);
	store_add(batch, write->dialect->add_probe,
		  STORE_VALUES(store_int(serial)));
	store_add(batch, write->dialect->remove_probe,
		  STORE_VALUES(store_int(serial)));
	store_commit(&batch, on_done, new_call(write, fn, ctx));
}
