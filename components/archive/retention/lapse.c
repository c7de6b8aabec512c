#include "components/archive/retention/lapse.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/policy/claim.h"
#include "components/archive/retention/pending.h"
#include "shared/arena.h"
#include "shared/audit.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/status.h"

/* Between two counts. */
#define COUNT_MS 5000
/* The first time is not at the start, where there is enough to do. */
#define FIRST_SECS 60

struct lapse {
	struct archive *archive;
	struct metric *lapsed;
	bool busy;			/* it looks for what is to go */
	struct held_place place;	/* up to there all stays this time */
	int64_t before;			/* what is held since then stays */
	/* The one that goes. */
	struct arena *arena;
	struct held held;
	struct claim claim;
	bool claimed;
	unsigned asked;		/* of the store, without an answer */
	bool freed;		/* it goes with the last of these */
	uint64_t before_count;	/* what came before the last count was asked
				   for */
	uv_timer_t timer, count;
};

static void
on_count_closed(uv_handle_t *count)
{
	struct lapse *lapse = count->data;

	held_place_reset(&lapse->place);
	arena_free(&lapse->arena);
	free(lapse);
}

static void
on_timer_closed(uv_handle_t *timer)
{
	struct lapse *lapse = timer->data;

	uv_close((uv_handle_t *)&lapse->count, on_count_closed);
}

static void
destroy(struct lapse *lapse)
{
	uv_close((uv_handle_t *)&lapse->timer, on_timer_closed);
}

/* The store has answered.  Whether anybody wants to know. */
static bool
is_wanted(struct lapse *lapse)
{
	lapse->asked--;
	if (lapse->freed && lapse->asked == 0)
		destroy(lapse);
	return !lapse->freed;
}

static struct store *
store_of(const struct lapse *lapse)
{
	return lapse->archive->runtime->store;
}

static void
let_go(struct lapse *lapse)
{
	if (lapse->claimed)
		claim_drop(&lapse->archive->claims, &lapse->claim);
	lapse->claimed = false;
}

static void on_timer(uv_timer_t *timer);

static void
rest(struct lapse *lapse, unsigned secs)
{
	let_go(lapse);
	lapse->busy = false;
	if (lapse->archive->settings->held_for > 0)
		uv_timer_start(&lapse->timer, on_timer,
			       (uint64_t)secs * 1000, 0);
}

static void
end(struct lapse *lapse)
{
	rest(lapse, lapse->archive->settings->retention_pause);
}

static void look(struct lapse *lapse);

static void
on_removed(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct lapse *lapse = ctx;

	if (!is_wanted(lapse))
		return;
	if (err != NULL) {
		end(lapse);
		return;
	}
	if (store_rows(result) > 0)
		metric_add(lapse->lapsed, 1);
	let_go(lapse);
	look(lapse);
}

static void
on_noted(void *ctx, const struct error *err)
{
	struct lapse *lapse = ctx;

	if (!is_wanted(lapse))
		return;
	if (err != NULL) {
		end(lapse);
		return;
	}
	lapse->asked++;
	held_remove_free(store_of(lapse), &lapse->held, lapse->before,
		       on_removed, lapse);
}

/* What is no UTF-8 is left out. */
static char *
detail_of(const struct held *held)
{
	char since[CLOCK_TEXT_SIZE], *text;
	json_t *json = json_object();

	json_object_set_new(json, "id", json_string(held->uid));
	json_object_set_new(json, "policy", json_string(held->profile));
	json_object_set_new(json, "since",
			    json_string(clock_print(held->since, since)));
	text = json_dumps(json, JSON_COMPACT);
	ensure(text != NULL);
	json_decref(json);
	return text;
}

static void
note(struct lapse *lapse)
{
	char *detail = detail_of(&lapse->held);

	log_warning("archive: %s goes, as nobody has decided about it in time",
		    lapse->held.uid);
	lapse->asked++;
	audit_note(store_of(lapse), &(struct audit_event){
			   "retention", "lapsed", detail }, on_noted, lapse);
	free(detail);
}

static void
on_found(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct lapse *lapse = ctx;

	if (!is_wanted(lapse))
		return;
	if (err != NULL || store_rows(result) == 0) {
		end(lapse);
		return;
	}
	arena_reset(lapse->arena);
	lapse->held = held_copy(lapse->arena, result, 0);
	held_place_set(&lapse->place, &lapse->held);
	lapse->claimed = claim_take(&lapse->archive->claims, &lapse->claim,
				    lapse->held.uid);
	if (lapse->claimed)
		note(lapse);
	else
		look(lapse);
}

/* The settings may be others by now. */
static void
look(struct lapse *lapse)
{
	int64_t secs = lapse->archive->settings->held_for;

	if (secs == 0) {
		end(lapse);
		return;
	}
	lapse->before = clock_now() - secs * CLOCK_SECOND;
	lapse->asked++;
	pending_find(store_of(lapse), &lapse->place, lapse->before, on_found,
		     lapse);
}

static void
on_timer(uv_timer_t *timer)
{
	struct lapse *lapse = timer->data;

	lapse->busy = true;
	held_place_reset(&lapse->place);
	look(lapse);
}

void
lapse_begin(struct lapse *lapse)
{
	unsigned pause = lapse->archive->settings->retention_pause;

	if (lapse->busy)
		return;
	uv_timer_stop(&lapse->timer);
	rest(lapse, pause < FIRST_SECS ? pause : FIRST_SECS);
}

static void
on_counted(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct lapse *lapse = ctx;
	struct archive *archive = lapse->archive;

	if (!is_wanted(lapse) || err != NULL)
		return;
	archive->held = (uint64_t)store_get_int(result, 0, 0);
	archive->held_since_then -= lapse->before_count;
	lapse->before_count = 0;
	archive->held_for_review = (uint64_t)store_get_int(result, 0, 1);
	archive->held_since = store_get_text(result, 0, 2) == NULL ? 0 :
			      store_get_int(result, 0, 2);
}

static void
count(struct lapse *lapse)
{
	lapse->asked++;
	lapse->before_count = lapse->archive->held_since_then;
	pending_count(store_of(lapse), on_counted, lapse);
}

static void
on_count(uv_timer_t *timer)
{
	count(timer->data);
}

static double
get_held(void *ctx)
{
	const struct archive *archive = ctx;

	return (double)archive->held;
}

static double
get_for_review(void *ctx)
{
	const struct archive *archive = ctx;

	return (double)archive->held_for_review;
}

static int64_t
oldest_secs(const struct archive *archive)
{
	int64_t age = clock_now() - archive->held_since;

	return archive->held_since == 0 || age < 0 ? 0 : age / CLOCK_SECOND;
}

static double
get_oldest(void *ctx)
{
	return (double)oldest_secs(ctx);
}

static void
add_metrics(struct lapse *lapse)
{
	struct archive *archive = lapse->archive;
	struct metrics *metrics = archive->runtime->metrics;

	lapse->lapsed = metric_counter(
		metrics, "annex_archive_lapsed_total", "",
		"Stanzas that nobody decided about for the setting held_for, "
		"and that are gone.");
	archive->refused = metric_counter(
		metrics, "annex_archive_held_refused_total", "",
		"Stanzas that were not held, as there were as many as "
		"held_max.");
	metric_gauge_fn(metrics, "annex_archive_held", "",
			"Stanzas that are held, for reviewers or until a "
			"server works.", get_held, archive);
	metric_gauge_fn(metrics, "annex_archive_held_for_review", "",
			"Those of them that wait for reviewers.",
			get_for_review, archive);
	metric_gauge_fn(metrics, "annex_archive_held_oldest_seconds", "",
			"For how long the oldest of them is held.",
			get_oldest, archive);
}

struct lapse *
lapse_new(struct archive *archive)
{
	struct lapse *lapse = calloc(1, sizeof(*lapse));
	uv_loop_t *loop = archive->runtime->loop;

	ensure(lapse != NULL);
	lapse->archive = archive;
	lapse->arena = arena_new();
	add_metrics(lapse);
	uv_timer_init(loop, &lapse->timer);
	uv_timer_init(loop, &lapse->count);
	lapse->timer.data = lapse->count.data = lapse;
	uv_timer_start(&lapse->count, on_count, COUNT_MS, COUNT_MS);
	count(lapse);
	lapse_begin(lapse);
	return lapse;
}

void
lapse_free(struct lapse **lapse_p)
{
	struct lapse *lapse = *lapse_p;

	if (lapse == NULL)
		return;
	*lapse_p = NULL;
	let_go(lapse);
	uv_timer_stop(&lapse->timer);
	uv_timer_stop(&lapse->count);
	lapse->freed = true;
	if (lapse->asked == 0)
		destroy(lapse);
}

void
lapse_status(const struct archive *archive, struct call *call)
{
	status_add(call, "held", "%" PRIu64 " for reviewers, %" PRIu64
		   " for servers, the oldest for %" PRId64 " s",
		   archive->held_for_review,
		   archive->held - archive->held_for_review,
		   oldest_secs(archive));
}
