#include "components/archive/retention/sweep.h"

#include <stdlib.h>

#include "components/archive/retention/calendar.h"
#include "components/archive/retention/clearance.h"
#include "components/archive/retention/tenure.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/groups.h"
#include "shared/serial.h"
#include "shared/store.h"

/* Addresses that are looked at in one go. */
#define PAGE 500

struct owner {
	int64_t id;
	const char *jid;
};

struct sweep {
	struct sweep_plan plan;
	struct tenure *tenure;
	struct sweep_count *counts;	/* one for each rule */
	int64_t *latest;		/* the same: the owner last counted */
	uint64_t owners, months;
	struct arena *page;		/* of these */
	struct owner *owner;
	size_t next, count;
	int64_t *month;			/* the numbers of those that are over */
	size_t next_month, month_count;
	size_t rules[TENURE_KINDS];	/* those that count for the last one
					   of the page that was taken */
	struct clearance *clearance;	/* of his archive */
	bool busy;			/* the store has been asked */
	bool freed;			/* it goes once it has answered */
};

static void
destroy(struct sweep *sweep)
{
	tenure_free(&sweep->tenure);
	groups_unref(&sweep->plan.groups);
	arena_free(&sweep->page);
	free(sweep->counts);
	free(sweep->latest);
	free(sweep);
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
take_owner(struct sweep *sweep, struct copies_place *place_r)
{
	const struct owner *owner = &sweep->owner[sweep->next++];
	bool any = false;

	sweep->owners++;
	*place_r = (struct copies_place){ .owner = owner->id };
	for (unsigned kind = 0; kind < TENURE_KINDS; kind++) {
		size_t rule = tenure_find(sweep->tenure, owner->jid, kind);
		int64_t secs = rule == TENURE_NONE ? 0 :
			       tenure_secs(sweep->tenure, rule);

		sweep->rules[kind] = rule;
		if (secs == 0)
			continue;
		place_r->before[kind] = serial_first_of(
			sweep->plan.now - secs * CLOCK_SECOND);
		any = true;
	}
	return any;
}

static void read_page(struct sweep *sweep);

static void
next_owner(struct sweep *sweep)
{
	struct copies_place place;

	while (sweep->next < sweep->count)
		if (take_owner(sweep, &place)) {
			clearance_begin(sweep->clearance, &place);
			return;
		}
	read_page(sweep);
}

static void
on_cleared(void *ctx, const struct error *err)
{
	struct sweep *sweep = ctx;

	if (err != NULL)
		sweep->plan.done(sweep->plan.ctx, err);
	else
		next_owner(sweep);
}

static void
on_found(void *ctx, size_t kind, int64_t serial, bool held)
{
	struct sweep *sweep = ctx;
	size_t rule = sweep->rules[kind];
	struct sweep_count *count = &sweep->counts[rule];
	int64_t owner = sweep->owner[sweep->next - 1].id;
	int64_t stamp = serial_time(serial);

	if (sweep->latest[rule] != owner)
		count->owners++;
	sweep->latest[rule] = owner;
	if (held)
		count->held++;
	else
		count->copies++;
	if (count->oldest == 0 || stamp < count->oldest)
		count->oldest = stamp;
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
	sweep->clearance = clearance_new(&(struct clearance_plan){
		.loop = plan->loop, .store = plan->store, .dry = plan->dry,
		.found = on_found, .done = on_cleared, .ctx = sweep,
	});
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
	clearance_free(&sweep->clearance);
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
	return clearance_messages(sweep->clearance);
}

uint64_t
sweep_events(const struct sweep *sweep)
{
	return clearance_events(sweep->clearance);
}

uint64_t
sweep_months(const struct sweep *sweep)
{
	return sweep->months;
}
