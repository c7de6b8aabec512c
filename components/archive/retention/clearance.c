#include "components/archive/retention/clearance.h"

#include <stdlib.h>

#include "components/archive/retention/deeds.h"
#include "components/archive/retention/tenure.h"
#include "components/archive/retention/visits.h"
#include "shared/error.h"
#include "shared/store.h"

/* After something went, so that others get their turn; where nothing is to go
   it is a matter of reading a little. */
#define PAUSE_MS 20

struct clearance {
	struct clearance_plan plan;
	uint64_t messages, events;
	struct copies_place place;
	struct visits_place visits;
	size_t found;		/* at the last look */
	bool busy;		/* the store has been asked */
	bool freed;		/* it goes once it has answered */
	uv_timer_t timer;
};

static void
on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

static void
destroy(struct clearance *clearance)
{
	uv_close((uv_handle_t *)&clearance->timer, on_closed);
}

/* Whether it goes on; the end, where it does not. */
static bool
goes_on(struct clearance *clearance, const struct error *err)
{
	clearance->busy = false;
	if (clearance->freed) {
		destroy(clearance);
		return false;
	}
	if (err != NULL)
		clearance->plan.done(clearance->plan.ctx, err);
	return err == NULL;
}

static void find_deeds(struct clearance *clearance);

static void
on_deeds_pause_over(uv_timer_t *timer)
{
	find_deeds(timer->data);
}

static void
on_deeds_removed(void *ctx, const struct store_result *result,
		 const struct error *err)
{
	struct clearance *clearance = ctx;

	if (!goes_on(clearance, err))
		return;
	clearance->events += store_rows(result);
	uv_timer_start(&clearance->timer, on_deeds_pause_over, PAUSE_MS, 0);
}

static void
on_deeds_found(void *ctx, const struct store_result *result,
	       const struct error *err)
{
	struct clearance *clearance = ctx;
	int64_t serials[DEEDS_MAX];
	size_t rows;

	if (!goes_on(clearance, err))
		return;
	rows = store_rows(result);
	if (rows == 0) {
		clearance->plan.done(clearance->plan.ctx, NULL);
		return;
	}
	for (size_t i = 0; i < rows; i++)
		serials[i] = store_get_int(result, i, 0);
	clearance->busy = true;
	deeds_remove(clearance->plan.store, serials, rows, on_deeds_removed,
		     clearance);
}

/* Those of the owner. */
static void
find_deeds(struct clearance *clearance)
{
	const struct copies_place *place = &clearance->place;

	clearance->busy = true;
	deeds_find(clearance->plan.store, &(struct deeds_place){
			   .owner = place->owner,
			   .own_before = place->before[0],
			   .room_before = place->before[TENURE_GROUPCHAT],
		   }, on_deeds_found, clearance);
}

static void find_visits(struct clearance *clearance);

/* So far they were looked at. */
static void
go_on_with_visits(struct clearance *clearance)
{
	if (clearance->found < VISITS_MAX ||
	    clearance->visits.first >= clearance->visits.before)
		find_deeds(clearance);
	else
		find_visits(clearance);
}

static void
on_visits_pause_over(uv_timer_t *timer)
{
	go_on_with_visits(timer->data);
}

static void
on_visits_removed(void *ctx, const struct store_result *result,
		  const struct error *err)
{
	struct clearance *clearance = ctx;

	(void)result;
	if (goes_on(clearance, err))
		uv_timer_start(&clearance->timer, on_visits_pause_over,
			       PAUSE_MS, 0);
}

/* When the first that is over began, and the last.  Returns whether there are
   any. */
static bool
take_visits(struct clearance *clearance, const struct store_result *result,
	    int64_t bounds[2])
{
	bool any = false;

	for (size_t i = 0; i < clearance->found; i++) {
		int64_t first = store_get_int(result, i, VISITS_FIRST);

		clearance->visits.first = first;
		clearance->visits.owner = store_get_int(result, i,
							VISITS_OWNER);
		if (store_get_int(result, i, VISITS_IS_OVER) == 0)
			continue;
		bounds[1] = first;
		if (!any)
			bounds[0] = first;
		any = true;
	}
	return any;
}

static void
on_visits_found(void *ctx, const struct store_result *result,
		const struct error *err)
{
	struct clearance *clearance = ctx;
	int64_t bounds[2];

	if (!goes_on(clearance, err))
		return;
	clearance->found = store_rows(result);
	if (!take_visits(clearance, result, bounds)) {
		go_on_with_visits(clearance);
		return;
	}
	clearance->busy = true;
	visits_remove(clearance->plan.store, &clearance->visits, bounds,
		      on_visits_removed, clearance);
}

static void
find_visits(struct clearance *clearance)
{
	clearance->busy = true;
	visits_find(clearance->plan.store, &clearance->visits,
		    on_visits_found, clearance);
}

/* Up to the latest that is over of whatever kind is said in rooms. */
static void
begin_visits(struct clearance *clearance)
{
	const struct copies_place *place = &clearance->place;
	struct visits_place *visits = &clearance->visits;

	*visits = (struct visits_place){ .room = place->owner };
	for (size_t i = TENURE_GROUPCHAT; i < TENURE_KINDS; i++)
		if (place->before[i] > visits->before)
			visits->before = place->before[i];
	if (visits->before > 0)
		find_visits(clearance);
	else
		find_deeds(clearance);
}

static void find_copies(struct clearance *clearance);

/* So far it was looked through. */
static void
go_on(struct clearance *clearance)
{
	if (clearance->found < COPIES_MAX) {
		clearance->place.side++;
		clearance->place.after = 0;
	}
	if (clearance->place.side < COPIES_SIDES)
		find_copies(clearance);
	else if (clearance->plan.dry)
		clearance->plan.done(clearance->plan.ctx, NULL);
	else
		begin_visits(clearance);
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
	struct clearance *clearance = ctx;

	if (!goes_on(clearance, err))
		return;
	clearance->messages += store_rows(result);
	uv_timer_start(&clearance->timer, on_pause_over, PAUSE_MS, 0);
}

/* The serials of those that may go.  Returns how many there are. */
static size_t
take_copies(struct clearance *clearance, const struct store_result *result,
	    int64_t serials[COPIES_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < clearance->found; i++) {
		int64_t serial = store_get_int(result, i, COPIES_SERIAL);
		bool held = store_get_int(result, i, COPIES_IS_HELD) != 0;

		clearance->place.after = serial;
		clearance->plan.found(clearance->plan.ctx,
				      (size_t)store_get_int(result, i,
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
	struct clearance *clearance = ctx;
	int64_t serials[COPIES_MAX];
	size_t count;

	if (!goes_on(clearance, err))
		return;
	clearance->found = store_rows(result);
	count = take_copies(clearance, result, serials);
	if (count == 0 || clearance->plan.dry) {
		go_on(clearance);
		return;
	}
	clearance->busy = true;
	copies_remove(clearance->plan.store, &clearance->place, serials, count,
		      on_removed, clearance);
}

static void
find_copies(struct clearance *clearance)
{
	clearance->busy = true;
	copies_find(clearance->plan.store, &clearance->place, on_found,
		    clearance);
}

struct clearance *
clearance_new(const struct clearance_plan *plan)
{
	struct clearance *clearance = calloc(1, sizeof(*clearance));

	ensure(clearance != NULL);
	clearance->plan = *plan;
	uv_timer_init(plan->loop, &clearance->timer);
	clearance->timer.data = clearance;
	return clearance;
}

void
clearance_free(struct clearance **clearance_)
{
	struct clearance *clearance = *clearance_;

	*clearance_ = NULL;
	clearance->freed = true;
	uv_timer_stop(&clearance->timer);
	if (!clearance->busy)
		destroy(clearance);
}

void
clearance_begin(struct clearance *clearance, const struct copies_place *place)
{
	clearance->place = *place;
	find_copies(clearance);
}

uint64_t
clearance_messages(const struct clearance *clearance)
{
	return clearance->messages;
}

uint64_t
clearance_events(const struct clearance *clearance)
{
	return clearance->events;
}
