#include "components/archive/policy/held.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/policy/claim.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook_host.h"
#include "shared/jid.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Where a router knows a message by one id on all of its hosts, what one of
   them let go on may be in there when the next asks about it. */
static const char put_sql[] =
	"INSERT INTO archive_held (" HELD_COLUMNS ") "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
	"ON CONFLICT (uid) DO UPDATE SET host = EXCLUDED.host, "
	"point = EXCLUDED.point, profile = EXCLUDED.profile, "
	"stamp = EXCLUDED.stamp, since = EXCLUDED.since, "
	"sender = EXCLUDED.sender, recipient = EXCLUDED.recipient, "
	"stanza = EXCLUDED.stanza, waits = EXCLUDED.waits "
	"WHERE archive_held.host <> EXCLUDED.host";
static const char remove_sql[] =
	"DELETE FROM archive_held WHERE uid = $1 AND host = $2";
static const char find_sql[] =
	"SELECT " HELD_COLUMNS " FROM archive_held WHERE uid = $1";
static const char review_sql[] =
	"UPDATE archive_held SET waits = '' WHERE uid = $1";
static const char next_sql[] =
	"SELECT " HELD_COLUMNS " FROM archive_held WHERE waits = $1 "
	"AND (since, uid) > ($2, $3) ORDER BY since, uid LIMIT 1";
static const char list_sql[] =
	"SELECT " HELD_COLUMNS " FROM archive_held "
	"WHERE (since, uid) > ($1, $2) ORDER BY since, uid LIMIT $3";

/* Between two tries to take out what is not to be kept. */
#define PAUSE_MS 1000

struct held_entry {
	struct archive *archive;
	char *uid, *host;
	struct claim claim;
	bool claimed;
	held_fn *fn;		/* NULL: it is not to be kept */
	void *ctx;
	unsigned asked;		/* of the database, without an answer */
	bool kept;		/* it may be in there */
	uv_timer_t timer;
	struct held_entry *prev, *next;
};

static void
on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

static void
entry_free(struct held_entry *entry)
{
	if (entry->claimed)
		claim_drop(&entry->archive->claims, &entry->claim);
	DL_DELETE(entry->archive->entries, entry);
	free(entry->uid);
	free(entry->host);
	uv_close((uv_handle_t *)&entry->timer, on_closed);
}

static void on_timer(uv_timer_t *timer);

/* Nobody else decides about it before it is known to be gone.  A removal that
   the database did not take fails before what it is behind is done. */
static void
settle(struct held_entry *entry)
{
	if (entry->asked > 0)
		return;
	if (entry->kept)
		uv_timer_start(&entry->timer, on_timer, PAUSE_MS, 0);
	else
		entry_free(entry);
}

static void
on_put(void *ctx, const struct store_result *result, const struct error *err)
{
	struct held_entry *entry = ctx;

	(void)result;
	entry->asked--;
	if (entry->fn != NULL) {
		entry->fn(entry->ctx, err);
		entry_free(entry);
		return;
	}
	if (err != NULL)
		entry->kept = false;
	settle(entry);
}

static void
on_removed(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct held_entry *entry = ctx;

	(void)result;
	entry->asked--;
	if (err == NULL)
		entry->kept = false;
	settle(entry);
}

static void
take_out(struct held_entry *entry)
{
	entry->asked++;
	held_remove(entry->archive->runtime->store, entry->uid, entry->host,
		    on_removed, entry);
}

static void
on_timer(uv_timer_t *timer)
{
	take_out(timer->data);
}

static const char *
full(const struct jid *jid)
{
	return jid == NULL ? "" : jid->full;
}

static struct held_entry *
entry_new(struct archive *archive, const char *uid, const char *host)
{
	struct held_entry *entry = calloc(1, sizeof(*entry));

	ensure(entry != NULL);
	entry->archive = archive;
	entry->uid = str_dup(uid);
	entry->host = str_dup(host);
	entry->claimed = claim_take(&archive->claims, &entry->claim,
				    entry->uid);
	entry->kept = true;
	uv_timer_init(archive->runtime->loop, &entry->timer);
	entry->timer.data = entry;
	DL_APPEND(archive->entries, entry);
	return entry;
}

bool
held_is_full(const struct archive *archive)
{
	unsigned max = archive->settings->held_max;

	return max > 0 && archive->held + archive->held_since_then >= max;
}

struct held_entry *
held_put(struct archive *archive, const struct hook_event *event,
	 const struct held_term *term, held_fn *fn, void *ctx)
{
	const struct stanza *stanza = &event->stanza;
	struct held_entry *entry = entry_new(archive, event->id,
					     event->host->domain);
	struct str text = { 0 };

	entry->fn = fn;
	entry->ctx = ctx;
	entry->asked = 1;
	archive->held_since_then++;
	xml_print(&text, stanza->el, "");
	store_write(archive->runtime->store, put_sql, STORE_VALUES(
		store_text(event->id), store_text(event->host->domain),
		store_int(event->point), store_text(event->profile),
		store_int(event->stamp), store_int(term->since),
		store_text(full(stanza->from)), store_text(full(stanza->to)),
		store_text(text.data), store_text(term->waits)), on_put, entry);
	str_fini(&text);
	return entry;
}

void
held_forget(struct held_entry **entry_p)
{
	struct held_entry *entry = *entry_p;

	if (entry == NULL)
		return;
	*entry_p = NULL;
	entry->fn = NULL;
	/* Behind its being put in, which may be done at any time yet. */
	take_out(entry);
}

void
held_take_out(struct archive *archive, const char *uid, const char *host)
{
	take_out(entry_new(archive, uid, host));
}

void
held_end(struct archive *archive)
{
	struct held_entry *entry, *next;

	DL_FOREACH_SAFE(archive->entries, entry, next)
		entry_free(entry);
}

void
held_remove(struct store *store, const char *uid, const char *host,
	    store_fn *fn, void *ctx)
{
	store_write(store, remove_sql,
		    STORE_VALUES(store_text(uid), store_text(host)), fn, ctx);
}

void
held_remove_free(struct store *store, const struct held *held, int64_t before,
		 store_fn *fn, void *ctx)
{
	static const char sql[] =
		"DELETE FROM archive_held AS x WHERE x.uid = $1 "
		"AND x.host = $2 AND x.since < $3 AND NOT " HELD_IS_COVERED " "
		"RETURNING uid";
	struct store_batch *batch = store_begin(store);

	archive_hold_heed(store, batch);
	store_add(batch, sql, STORE_VALUES(
		store_text(held->uid), store_text(held->host),
		store_int(before)));
	store_commit(&batch, fn, ctx);
}

void
held_review(struct store *store, const char *uid, store_fn *fn, void *ctx)
{
	store_write(store, review_sql, STORE_VALUES(store_text(uid)), fn,
		    ctx);
}

void
held_next(struct store *store, const char *policy,
	  const struct held_place *place, store_fn *fn, void *ctx)
{
	store_read(store, next_sql, STORE_VALUES(
		store_text(policy), store_int(place->since),
		store_text(place->uid == NULL ? "" : place->uid)), fn, ctx);
}

void
held_place_reset(struct held_place *place)
{
	free(place->uid);
	*place = (struct held_place){ 0 };
}

void
held_place_set(struct held_place *place, const struct held *held)
{
	held_place_reset(place);
	place->since = held->since;
	place->uid = str_dup(held->uid);
}

void
held_find(struct call *call, const char *uid, call_result_fn *fn)
{
	call_read(call, find_sql, STORE_VALUES(store_text(uid)), fn);
}

void
held_list(struct call *call, const struct held_place *place, unsigned max,
	  call_result_fn *fn)
{
	call_read(call, list_sql, STORE_VALUES(
			  store_int(place->since),
			  store_text(place->uid != NULL ? place->uid : ""),
			  store_int(max)), fn);
}

struct held
held_of(const struct store_result *result, size_t row)
{
	return (struct held){
		.uid = store_get_text(result, row, 0),
		.host = store_get_text(result, row, 1),
		.point = store_get_int(result, row, 2) == 0 ?
			 HOOK_POINT_SEND : HOOK_POINT_RECEIVE,
		.profile = store_get_text(result, row, 3),
		.stamp = store_get_int(result, row, 4),
		.since = store_get_int(result, row, 5),
		.sender = store_get_text(result, row, 6),
		.recipient = store_get_text(result, row, 7),
		.stanza = store_get_text(result, row, 8),
		.waits = store_get_text(result, row, 9),
	};
}

struct held
held_copy(struct arena *arena, const struct store_result *result, size_t row)
{
	struct held held = held_of(result, row);

	held.uid = arena_strdup(arena, held.uid);
	held.host = arena_strdup(arena, held.host);
	held.profile = arena_strdup(arena, held.profile);
	held.sender = arena_strdup(arena, held.sender);
	held.recipient = arena_strdup(arena, held.recipient);
	held.stanza = arena_strdup(arena, held.stanza);
	held.waits = arena_strdup(arena, held.waits);
	return held;
}
