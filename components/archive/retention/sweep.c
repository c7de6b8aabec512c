#include "components/archive/retention/sweep.h"

#include <stdlib.h>

#include "components/archive/retention/calendar.h"
#include "components/archive/retention/copies.h"
#include "components/archive/retention/deeds.h"
#include "components/archive/retention/tenure.h"
#include "components/archive/retention/visits.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/groups.h"
#include "shared/serial.h"
#include "shared/store.h"

/* Addresses that are looked at in one go. */
#define PAGE 500
/* After something went, so that others get their turn; where nothing is to go
   it is a matter of reading a little. */
#define PAUSE_MS 20

struct owner {
	int64_t id;
	const char *jid;
};

struct sweep {
	struct sweep_plan plan;
	struct tenure *tenure;
	struct sweep_count *counts;	/* one for each rule */
	int64_t *latest;		/* the same: the owner last counted */
	uint64_t owners, messages, months, events;
	struct arena *page;		/* of these */
	struct owner *owner;
	size_t next, count;
	int64_t *month;			/* the numbers of those that are over */
	size_t next_month, month_count;
	struct copies_place place;
	size_t rules[TENURE_KINDS];	/* those that count there */
	size_t found;			/* at the last look */
	bool busy;			/* the store has been asked */
	bool freed;			/* it goes once it has answered */
	uv_timer_t timer;
};

static void
on_closed(uv_handle_t *timer)
{
	struct sweep *sweep = timer->data;

	tenure_free(&sweep->tenure);
	groups_unref(&sweep->plan.groups);
	arena_free(&sweep->page);
	free(sweep->counts);
	free(sweep->latest);
	free(sweep);
}

static void
destroy(struct sweep *sweep)
{
	uv_close((uv_handle_t *)&sweep->timer, on_closed);
}

/* Whether it goes on; the end, where it does not. */
static bool
goes_on(struct sweep *sweep, const struct error *err)
{
	sweep->busy = false;
	if (sweep->freed) {
		destroy(sweep);
		return false;
	}
	if (err != NULL)
		sweep->plan.done(sweep->plan.ctx, err);
	return err == NULL;
}

/* Of who is next in the page.  Returns whether anything of his can be over. */
static bool
take_owner(struct sweep *sweep)
{
	const struct owner *owner = &sweep->owner[sweep->next++];
	bool any = false;

	sweep->owners++;
	sweep->place = (struct copies_place){ .owner = owner->id };
	for (unsigned kind = 0; kind < TENURE_KINDS; kind++) {
		size_t rule = tenure_find(sweep->tenure, owner->jid, kind);
		int64_t secs = rule == TENURE_NONE ? 0 :
			       tenure_secs(sweep->tenure, rule);

		sweep->rules[kind] = rule;
		if (secs == 0)
			continue;
		sweep->place.before[kind] = serial_first_of(
			sweep->plan.now - secs * CLOCK_SECOND);
		any = true;
	}
	return any;
}

static void find_copies(struct sweep *sweep);
static void read_page(struct sweep *sweep);

static void
next_owner(struct sweep *sweep)
{
	while (sweep->next < sweep->count)
		if (take_owner(sweep)) {
			find_copies(sweep);
			return;
		}
	read_page(sweep);
}

static void find_deeds(struct sweep *sweep);

static void
on_deeds_pause_over(uv_timer_t *timer)
{
	find_deeds(timer->data);
}

static void
on_deeds_removed(void *ctx, const struct store_result *result,
		 const struct error *err)
{
	struct sweep *sweep = ctx;

	if (!goes_on(sweep, err))
		return;
	sweep->events += store_rows(result);
	uv_timer_start(&sweep->timer, on_deeds_pause_over, PAUSE_MS, 0);
}

static void
on_deeds_found(void *ctx, const struct store_result *result,
	       const struct error *err)
{
	struct sweep *sweep = ctx;
	int64_t serials[DEEDS_MAX];
	size_t rows;

	if (!goes_on(sweep, err))
		return;
	rows = store_rows(result);
	if (rows == 0) {
		next_owner(sweep);
		return;
	}
	for (size_t i = 0; i < rows; i++)
		serials[i] = store_get_int(result, i, 0);
	sweep->busy = true;
	deeds_remove(sweep->plan.store, serials, rows, on_deeds_removed,
		     sweep);
}

/* Those of the owner. */
static void
find_deeds(struct sweep *sweep)
{
	const struct copies_place *place = &sweep->place;

	sweep->busy = true;
	deeds_find(sweep->plan.store, &(struct deeds_place){
			   .owner = place->owner,
			   .own_before = place->before[0],
			   .room_before = place->before[TENURE_GROUPCHAT],
		   }, on_deeds_found, sweep);
}

static void find_visits(struct sweep *sweep);

static void
on_visits_pause_over(uv_timer_t *timer)
{
	find_visits(timer->data);
}

static void
on_visits_removed(void *ctx, const struct store_result *result,
		  const struct error *err)
{
	struct sweep *sweep = ctx;

	(void)result;
	if (goes_on(sweep, err))
		uv_timer_start(&sweep->timer, on_visits_pause_over, PAUSE_MS,
			       0);
}

/* The latest that is over of whatever kind is said in rooms. */
static struct visits_place
find_visits_place(const struct copies_place *place)
{
	struct visits_place found = { .room = place->owner };

	for (size_t i = TENURE_GROUPCHAT; i < TENURE_KINDS; i++)
		if (place->before[i] > found.before)
			found.before = place->before[i];
	return found;
}

static void
on_visits_found(void *ctx, const struct store_result *result,
		const struct error *err)
{
	struct sweep *sweep = ctx;
	struct visits_place place = find_visits_place(&sweep->place);
	size_t rows;

	if (!goes_on(sweep, err))
		return;
	rows = store_rows(result);
	if (rows == 0) {
		find_deeds(sweep);
		return;
	}
	sweep->busy = true;
	visits_remove(sweep->plan.store, &place, (int64_t[]){
			      store_get_int(result, 0, 0),
			      store_get_int(result, rows - 1, 0),
		      }, on_visits_removed, sweep);
}

static void
find_visits(struct sweep *sweep)
{
	struct visits_place place = find_visits_place(&sweep->place);

	sweep->busy = true;
	visits_find(sweep->plan.store, &place, on_visits_found, sweep);
}

/* He was looked at so far.  Forecasts are about messages alone. */
static void
go_on(struct sweep *sweep)
{
	if (sweep->found < COPIES_MAX) {
		sweep->place.side++;
		sweep->place.after = 0;
	}
	if (sweep->place.side < COPIES_SIDES)
		find_copies(sweep);
	else if (sweep->plan.dry)
		next_owner(sweep);
	else
		find_visits(sweep);
}

static void
on_pause_over(uv_timer_t *timer)
{
	go_on(timer->data);
}

static void
on_removed(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct sweep *sweep = ctx;

	if (!goes_on(sweep, err))
		return;
	sweep->messages += store_rows(result);
	uv_timer_start(&sweep->timer, on_pause_over, PAUSE_MS, 0);
}

static void
count_copy(struct sweep *sweep, size_t kind, int64_t serial, bool held)
{
	size_t rule = sweep->rules[kind];
	struct sweep_count *count = &sweep->counts[rule];
	int64_t stamp = serial_time(serial);

	if (sweep->latest[rule] != sweep->place.owner)
		count->owners++;
	sweep->latest[rule] = sweep->place.owner;
	if (held)
		count->held++;
	else
		count->copies++;
	if (count->oldest == 0 || stamp < count->oldest)
		count->oldest = stamp;
}

/* The serials of those that may go.  Returns how many there are. */
static size_t
take_copies(struct sweep *sweep, const struct store_result *result,
	    int64_t serials[COPIES_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < sweep->found; i++) {
		int64_t serial = store_get_int(result, i, COPIES_SERIAL);
		bool held = store_get_int(result, i, COPIES_IS_HELD) != 0;

		sweep->place.after = serial;
		count_copy(sweep, (size_t)store_get_int(result, i,
							COPIES_KIND),
			   serial, held);
		if (!held)
			serials[count++] = serial;
	}
	return count;
}

static void
on_found(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct sweep *sweep = ctx;
	int64_t serials[COPIES_MAX];
	size_t count;

	if (!goes_on(sweep, err))
		return;
	sweep->found = store_rows(result);
	count = take_copies(sweep, result, serials);
	if (count == 0 || sweep->plan.dry) {
		go_on(sweep);
		return;
	}
	sweep->busy = true;
	copies_remove(sweep->plan.store, &sweep->place, serials, count,
		      on_removed, sweep);
}

static void
find_copies(struct sweep *sweep)
{
	sweep->busy = true;
	copies_find(sweep->plan.store, &sweep->place, on_found, sweep);
}

static void
on_page(void *ctx, const struct store_result *result, const struct error *err)
{
	struct sweep *sweep = ctx;
	size_t rows;

	if (!goes_on(sweep, err))
		return;
	rows = store_rows(result);
	arena_reset(sweep->page);
	sweep->owner = arena_alloc(sweep->page, (rows + 1) *
				   sizeof(*sweep->owner));
	for (size_t i = 0; i < rows; i++)
		sweep->owner[i] = (struct owner){
			store_get_int(result, i, 0),
			arena_strdup(sweep->page,
				     store_get_text(result, i, 1)),
		};
	sweep->next = 0;
	sweep->count = rows;
	if (rows > 0)
		next_owner(sweep);
	else
		sweep->plan.done(sweep->plan.ctx, NULL);
}

/* The one after the last that was looked at. */
static void
read_page(struct sweep *sweep)
{
	static const char sql[] =
		"SELECT id, jid FROM archive_address WHERE id > $1 "
		"ORDER BY id LIMIT $2";
	int64_t last = sweep->count == 0 ? 0 :
		       sweep->owner[sweep->count - 1].id;

	sweep->busy = true;
	store_read(sweep->plan.store, sql,
		   STORE_VALUES(store_int(last), store_int(PAGE)), on_page,
		   sweep);
}

static void drop_month(struct sweep *sweep);

static void
on_dropped(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct sweep *sweep = ctx;

	if (!goes_on(sweep, err))
		return;
	sweep->months += store_get_int(result, 0, 0) == 1;
	drop_month(sweep);
}

static void
drop_month(struct sweep *sweep)
{
	if (sweep->next_month == sweep->month_count) {
		read_page(sweep);
		return;
	}
	sweep->busy = true;
	calendar_drop(sweep->plan.store, sweep->month[sweep->next_month++],
		      on_dropped, sweep);
}

static void
on_months(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	struct sweep *sweep = ctx;
	int64_t secs = tenure_longest(sweep->tenure);
	size_t rows;

	if (!goes_on(sweep, err))
		return;
	rows = store_rows(result);
	sweep->month = arena_alloc(sweep->page, (rows + 1) *
				   sizeof(*sweep->month));
	for (size_t i = 0; i < rows; i++) {
		int64_t month = store_get_int(result, i, 0);

		if (calendar_is_over(month, sweep->plan.now -
				     secs * CLOCK_SECOND))
			sweep->month[sweep->month_count++] = month;
	}
	drop_month(sweep);
}

struct sweep *
sweep_new(const struct sweep_plan *plan)
{
	struct sweep *sweep = calloc(1, sizeof(*sweep));
	struct error err;
	size_t rules;

	ensure(sweep != NULL);
	sweep->plan = *plan;
	groups_ref(plan->groups);
	ensure(tenure_new(plan->rules, plan->groups, &sweep->tenure,
			  &err) == 0);
	rules = tenure_count(sweep->tenure);
	sweep->counts = calloc(rules + 1, sizeof(*sweep->counts));
	sweep->latest = calloc(rules + 1, sizeof(*sweep->latest));
	ensure(sweep->counts != NULL && sweep->latest != NULL);
	sweep->page = arena_new();
	uv_timer_init(plan->loop, &sweep->timer);
	sweep->timer.data = sweep;
	if (plan->dry || tenure_longest(sweep->tenure) == 0) {
		read_page(sweep);
		return sweep;
	}
	sweep->busy = true;
	calendar_find(plan->store, on_months, sweep);
	return sweep;
}

void
sweep_free(struct sweep **sweep_)
{
	struct sweep *sweep = *sweep_;

	*sweep_ = NULL;
	if (sweep == NULL)
		return;
	sweep->freed = true;
	uv_timer_stop(&sweep->timer);
	if (!sweep->busy)
		destroy(sweep);
}

const struct tenure *
sweep_tenure(const struct sweep *sweep)
{
	return sweep->tenure;
}

const struct sweep_count *
sweep_count(const struct sweep *sweep, size_t rule)
{
	return &sweep->counts[rule];
}

uint64_t
sweep_owners(const struct sweep *sweep)
{
	return sweep->owners;
}

uint64_t
sweep_messages(const struct sweep *sweep)
{
	return sweep->messages;
}

uint64_t
sweep_events(const struct sweep *sweep)
{
	return sweep->events;
}

uint64_t
sweep_months(const struct sweep *sweep)
{
	return sweep->months;
}
