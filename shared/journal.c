#include "shared/journal.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "shared/clock.h"
#include "shared/error.h"
#include "shared/journal_level.h"
#include "shared/journal_puts.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/migrate.h"
#include "shared/store.h"
#include "shared/str.h"

/* An answer may have to wait for the disk. */
#define READ_SECS 86400

enum journal_state {
	JOURNAL_OPENING,	/* what is put in waits */
	JOURNAL_OPEN,
	JOURNAL_BROKEN,		/* it never will be open */
	JOURNAL_CLOSING,
};

/* One that was turned away, and is told so in the loop's next turn. */
struct refusal {
	struct refusal *prev, *next;
	const char *why;
	journal_fn *fn;
	void *ctx;
};

struct journal {
	enum journal_state state;
	struct store *store;
	struct journal_puts *puts;
	struct journal_level level;
	size_t queue_bytes;
	struct metric *up, unseen;

	uv_idle_t idle;			/* runs while there are refusals */
	struct refusal *refusals;	/* the oldest first */

	journal_fn *open_fn;
	void *open_ctx;
	void (*entries_fn)(void *ctx);
	void *entries_ctx;
	void (*closed_fn)(void *ctx);
	void *closed_ctx;
};

static void
on_in(void *ctx)
{
	struct journal *journal = ctx;

	if (journal->entries_fn != NULL && journal->state == JOURNAL_OPEN)
		journal->entries_fn(journal->entries_ctx);
}

static void
tell_open(struct journal *journal, const struct error *err)
{
	if (journal->open_fn != NULL)
		journal->open_fn(journal->open_ctx, err);
}

static void
break_down(struct journal *journal, const struct error *err)
{
	journal->state = JOURNAL_BROKEN;
	log_error("journal: it cannot be used: %s", err->text);
	journal_puts_fail(journal->puts, err);
	tell_open(journal, err);
}

static void ask_level(struct journal *journal);

static void
on_level(void *ctx, const struct store_result *result, const struct error *err)
{
	struct journal *journal = ctx;

	if (journal->state == JOURNAL_CLOSING)
		return;
	if (err != NULL && err->cond == ERROR_RESOURCE_CONSTRAINT) {
		ask_level(journal);
		return;
	}
	if (err != NULL) {
		break_down(journal, err);
		return;
	}
	journal->state = JOURNAL_OPEN;
	journal_level_add_aside(&journal->level,
				(uint64_t)store_get_int(result, 0, 2),
				(uint64_t)store_get_int(result, 0, 3));
	journal_level_add(&journal->level,
			  (uint64_t)store_get_int(result, 0, 0),
			  (uint64_t)store_get_int(result, 0, 1));
	journal_puts_open(journal->puts);
	tell_open(journal, NULL);
	on_in(journal);
}

/* No text that is long is read for that. */
static void
ask_level(struct journal *journal)
{
	store_read(journal->store, "SELECT * FROM"
		   " (SELECT count(*), coalesce(sum(bytes), 0)"
		   "  FROM journal_entry),"
		   " (SELECT count(*), coalesce(sum(bytes), 0)"
		   "  FROM journal_aside)", NULL, 0, on_level, journal);
}

static void
on_migrated(void *ctx, unsigned applied, const struct error *err)
{
	struct journal *journal = ctx;

	(void)applied;
	if (journal->state == JOURNAL_CLOSING)
		return;
	if (err != NULL)
		break_down(journal, err);
	else
		ask_level(journal);
}

static void
on_state(void *ctx, bool up, const char *why)
{
	struct journal *journal = ctx;

	(void)why;
	metric_set(journal->up, up);
}

static int
open_store(struct journal *journal, uv_loop_t *loop, const char *path,
	   struct error *err)
{
	struct str url = { 0 };
	/* What waits is bounded here, so that there is always room to remove
	   something. */
	struct store_settings settings = {
		.name = "journal", .read_timeout_secs = READ_SECS,
		.queue_bytes = SIZE_MAX,
	};
	int ret;

	str_addf(&url, "sqlite:%s", path);
	settings.url = url.data;
	ret = store_new(loop, &settings, NULL, &journal->store, err);
	str_fini(&url);
	return ret;
}

int
journal_new(uv_loop_t *loop, const struct journal_settings *settings,
	    struct metrics *metrics, struct journal **journal_r,
	    struct error *err)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	ensure(journal != NULL);
	if (open_store(journal, loop, settings->path, err) < 0) {
		free(journal);
		return -1;
	}
	journal->queue_bytes = settings->queue_bytes;
	journal->up = metrics == NULL ? &journal->unseen :
		metric_gauge(metrics, "annex_journal_up", "",
			     "Whether the journal's file can be written to.");
	store_on_state(journal->store, on_state, journal);
	journal_level_init(&journal->level, settings->limit_bytes, metrics);
	journal->puts = journal_puts_new(journal->store, &journal->level,
					 on_in, journal);
	ensure(uv_idle_init(loop, &journal->idle) == 0);
	journal->idle.data = journal;
	migrate_run(journal->store, settings->schema, "journal", false,
		    on_migrated, journal);
	*journal_r = journal;
	return 0;
}

void
journal_on_open(struct journal *journal, journal_fn *fn, void *ctx)
{
	journal->open_fn = fn;
	journal->open_ctx = ctx;
}

bool
journal_is_open(const struct journal *journal)
{
	return journal->state == JOURNAL_OPEN;
}

bool
journal_is_up(const struct journal *journal)
{
	return store_is_up(journal->store);
}

void
journal_on_entries(struct journal *journal, void (*fn)(void *ctx), void *ctx)
{
	journal->entries_fn = fn;
	journal->entries_ctx = ctx;
}

struct journal_count
journal_count(const struct journal *journal)
{
	const struct journal_level *level = &journal->level;

	return (struct journal_count){
		level->entries, level->bytes, level->aside,
		level->aside_bytes,
	};
}

static void
tell_refusals(struct journal *journal)
{
	struct refusal *list = journal->refusals, *refusal, *next;
	struct error err;

	journal->refusals = NULL;
	DL_FOREACH_SAFE(list, refusal, next) {
		error_set_type(&err, ERROR_RESOURCE_CONSTRAINT,
			       ERROR_TYPE_WAIT, "%s", refusal->why);
		refusal->fn(refusal->ctx, &err);
		free(refusal);
	}
}

static void
on_idle(uv_idle_t *idle)
{
	struct journal *journal = idle->data;

	uv_idle_stop(idle);
	tell_refusals(journal);
}

static void
refuse(struct journal *journal, const char *why, journal_fn *fn, void *ctx)
{
	struct refusal *refusal = calloc(1, sizeof(*refusal));

	ensure(refusal != NULL);
	refusal->why = why;
	refusal->fn = fn;
	refusal->ctx = ctx;
	DL_APPEND(journal->refusals, refusal);
	uv_idle_start(&journal->idle, on_idle);
}

/* One is always let to wait for the disk. */
static bool
is_crowded(const struct journal *journal, size_t bytes)
{
	size_t waiting = journal_puts_bytes(journal->puts);

	return waiting > 0 && waiting + bytes > journal->queue_bytes;
}

bool
journal_has_room(const struct journal *journal, size_t bytes)
{
	return journal->state <= JOURNAL_OPEN && !is_crowded(journal, bytes) &&
	       journal_level_has_room(&journal->level, bytes);
}

void
journal_put(struct journal *journal, const char *text, journal_fn *fn,
	    void *ctx)
{
	size_t bytes = strlen(text);

	if (journal->state == JOURNAL_BROKEN) {
		journal_level_fail(&journal->level);
		refuse(journal, "the journal cannot be used", fn, ctx);
	} else if (is_crowded(journal, bytes)) {
		journal_level_fail(&journal->level);
		refuse(journal, "too much waits for the journal's disk", fn,
		       ctx);
	} else if (!journal_level_has_room(&journal->level, bytes)) {
		journal_level_turn_away(&journal->level);
		refuse(journal, "the journal is full", fn, ctx);
	} else
		journal_puts_add(journal->puts, text, fn, ctx);
}

struct taking {
	journal_take_fn *fn;
	void *ctx;
};

static void
on_taken(void *ctx, const struct store_result *result, const struct error *err)
{
	struct taking *taking = ctx;
	size_t count = err == NULL ? store_rows(result) : 0;
	struct journal_entry *entries = calloc(count + 1, sizeof(*entries));

	ensure(entries != NULL);
	for (size_t i = 0; i < count; i++)
		entries[i] = (struct journal_entry){
			store_get_int(result, i, 0),
			store_get_int(result, i, 1),
			(size_t)store_get_int(result, i, 2),
			store_get_text(result, i, 3),
		};
	taking->fn(taking->ctx, entries, count, err);
	free(entries);
	free(taking);
}

void
journal_take(struct journal *journal, int64_t above, size_t max,
	     journal_take_fn *fn, void *ctx)
{
	/* Which they are is found out without their texts. */
	static const char sql[] =
		"SELECT id, stamp, bytes, text FROM journal_entry"
		" WHERE id > $1 AND id <= (SELECT max(id) FROM"
		"  (SELECT id, sum(bytes) OVER (ORDER BY id) AS total,"
		"    row_number() OVER (ORDER BY id) AS number FROM"
		"    (SELECT id, bytes FROM journal_entry WHERE id > $1"
		"     ORDER BY id LIMIT $2))"
		"  WHERE total <= $3 OR number = 1)"
		" ORDER BY id";
	struct taking *taking = malloc(sizeof(*taking));

	ensure(taking != NULL);
	taking->fn = fn;
	taking->ctx = ctx;
	store_read(journal->store, sql, STORE_VALUES(store_int(above),
			store_int((int64_t)max), store_int(JOURNAL_TAKE_BYTES)),
		   on_taken, taking);
}

/* Something that changes what is in it. */
struct change {
	struct journal *journal;
	size_t count, bytes;
	bool aside;
	journal_fn *fn;
	void *ctx;
};

static struct change *
new_change(struct journal *journal, size_t count, size_t bytes,
	   journal_fn *fn, void *ctx)
{
	struct change *change = calloc(1, sizeof(*change));

	ensure(change != NULL);
	change->journal = journal;
	change->count = count;
	change->bytes = bytes;
	change->fn = fn;
	change->ctx = ctx;
	return change;
}

static void
on_changed(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct change *change = ctx;
	struct journal_level *level = &change->journal->level;

	(void)result;
	if (err == NULL && change->aside)
		journal_level_put_aside(level, change->bytes);
	else if (err == NULL)
		journal_level_remove(level, change->count, change->bytes);
	change->fn(change->ctx, err);
	free(change);
}

void
journal_remove(struct journal *journal, const struct journal_range *range,
	       journal_fn *fn, void *ctx)
{
	struct change *change = new_change(journal, range->count,
					   range->bytes, fn, ctx);

	store_write(journal->store,
		    "DELETE FROM journal_entry WHERE id BETWEEN $1 AND $2",
		    STORE_VALUES(store_int(range->first),
				 store_int(range->last)),
		    on_changed, change);
}

void
journal_put_aside(struct journal *journal, const struct journal_entry *entry,
		  const char *reason, journal_fn *fn, void *ctx)
{
	struct change *change = new_change(journal, 1, entry->bytes, fn, ctx);
	struct store_batch *batch = store_begin(journal->store);

	change->aside = true;
	store_add(batch, "INSERT INTO journal_aside"
		  " SELECT id, stamp, bytes, text, $2, $3"
		  " FROM journal_entry WHERE id = $1",
		  STORE_VALUES(store_int(entry->id), store_int(clock_now()),
			       store_text(reason)));
	store_add(batch, "DELETE FROM journal_entry WHERE id = $1",
		  STORE_VALUES(store_int(entry->id)));
	store_commit(&batch, on_changed, change);
}

static void
on_idle_closed(uv_handle_t *idle)
{
	struct journal *journal = idle->data;
	void (*fn)(void *ctx) = journal->closed_fn;
	void *ctx = journal->closed_ctx;

	free(journal);
	if (fn != NULL)
		fn(ctx);
}

static void
on_store_closed(void *ctx, size_t lost)
{
	struct journal *journal = ctx;
	struct error err;

	(void)lost;
	error_set_type(&err, ERROR_RESOURCE_CONSTRAINT, ERROR_TYPE_WAIT,
		       "the journal was closed");
	journal_puts_fail(journal->puts, &err);
	tell_refusals(journal);
	journal_puts_free(&journal->puts);
	uv_close((uv_handle_t *)&journal->idle, on_idle_closed);
}

void
journal_close(struct journal **journal_p, unsigned secs,
	      void (*fn)(void *ctx), void *ctx)
{
	struct journal *journal = *journal_p;

	*journal_p = NULL;
	journal_puts_flush(journal->puts);
	journal->state = JOURNAL_CLOSING;
	journal->closed_fn = fn;
	journal->closed_ctx = ctx;
	store_close(&journal->store, secs, on_store_closed, journal);
}
