#include "components/archive/journaling/arrears.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "components/archive/journaling/post.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/serial.h"
#include "shared/store.h"

/* Before the section is tried to be opened again. */
#define PAUSE_MS 1000
/* Between two counts. */
#define COUNT_MS 5000
/* So often the table is told that the daemon is there. */
#define STAY_MS 3600000

struct arrears {
	struct arrears_plan plan;
	int64_t id;		/* of the section */
	uint64_t stayed_ms;	/* when the table was told */
	uint64_t waiting, aside;	/* at the last count */
	int64_t oldest;		/* its stamp; 0: none waits */
	bool late;		/* the log says that it is too old */
	unsigned asked;		/* of the store, without an answer */
	bool freed;		/* it goes with the last of these */
	uv_timer_t timer;
};

static void
on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

static void
destroy(struct arrears *arrears)
{
	uv_close((uv_handle_t *)&arrears->timer, on_closed);
}

/* The store has answered.  Whether anybody wants to know. */
static bool
is_wanted(struct arrears *arrears)
{
	arrears->asked--;
	if (arrears->freed && arrears->asked == 0)
		destroy(arrears);
	return !arrears->freed;
}

/* Once each time that it becomes so. */
static void
look_at_age(struct arrears *arrears)
{
	int64_t secs = arrears_count(arrears).oldest_secs;
	bool late = secs >= arrears->plan.alarm_secs;

	if (late && !arrears->late)
		log_error("journaling \"%s\": mails wait for %" PRId64 " s",
			  arrears->plan.title, secs);
	arrears->late = late;
}

static void
on_counted(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct arrears *arrears = ctx;

	if (!is_wanted(arrears) || err != NULL)
		return;
	arrears->waiting = (uint64_t)store_get_int(result, 0, 0);
	arrears->oldest = serial_time(store_get_int(result, 0, 1));
	arrears->aside = (uint64_t)store_get_int(result, 0, 2);
	look_at_age(arrears);
}

static void
count(struct arrears *arrears)
{
	arrears->asked++;
	post_count(arrears->plan.store, arrears->id, on_counted, arrears);
}

static void
on_count(uv_timer_t *timer)
{
	struct arrears *arrears = timer->data;

	count(arrears);
	if (uv_now(timer->loop) - arrears->stayed_ms < STAY_MS)
		return;
	arrears->stayed_ms = uv_now(timer->loop);
	post_stay(arrears->plan.store, arrears->id);
}

static void open_section(struct arrears *arrears);

static void
on_pause_over(uv_timer_t *timer)
{
	open_section(timer->data);
}

static void
try_again(struct arrears *arrears)
{
	uv_timer_start(&arrears->timer, on_pause_over, PAUSE_MS, 0);
}

static void
on_opened(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	struct arrears *arrears = ctx;

	if (!is_wanted(arrears))
		return;
	if (err != NULL) {
		try_again(arrears);
		return;
	}
	arrears->id = store_get_int(result, 0, 0);
	arrears->stayed_ms = uv_now(arrears->timer.loop);
	uv_timer_start(&arrears->timer, on_count, COUNT_MS, COUNT_MS);
	count(arrears);
	arrears->plan.opened(arrears->plan.ctx, arrears->id);
}

/* What was stored later is not there to be mailed. */
static void
look_at_gap(const struct arrears *arrears, int64_t seen)
{
	char text[CLOCK_TEXT_SIZE];

	if (seen <= clock_now() - POST_GONE)
		log_error("journaling \"%s\": its daemon was away for too "
			  "long: nothing is mailed that was stored from %s "
			  "until now", arrears->plan.title,
			  clock_print(seen + POST_GONE, text));
}

static void
on_last(void *ctx, const struct store_result *result, const struct error *err)
{
	struct arrears *arrears = ctx;

	if (!is_wanted(arrears))
		return;
	if (err != NULL) {
		try_again(arrears);
		return;
	}
	if (store_rows(result) > 0)
		look_at_gap(arrears, store_get_int(result, 0, 0));
	arrears->asked++;
	post_open(arrears->plan.store, arrears->plan.domain,
		  arrears->plan.title, on_opened, arrears);
}

static void
open_section(struct arrears *arrears)
{
	arrears->asked++;
	post_find(arrears->plan.store, arrears->plan.domain,
		  arrears->plan.title, on_last, arrears);
}

struct arrears *
arrears_new(const struct arrears_plan *plan)
{
	struct arrears *arrears = calloc(1, sizeof(*arrears));

	ensure(arrears != NULL);
	arrears->plan = *plan;
	uv_timer_init(plan->loop, &arrears->timer);
	arrears->timer.data = arrears;
	open_section(arrears);
	return arrears;
}

void
arrears_free(struct arrears **arrears_p)
{
	struct arrears *arrears = *arrears_p;

	*arrears_p = NULL;
	uv_timer_stop(&arrears->timer);
	arrears->freed = true;
	if (arrears->asked == 0)
		destroy(arrears);
}

void
arrears_set_alarm(struct arrears *arrears, int64_t secs)
{
	arrears->plan.alarm_secs = secs;
}

struct arrears_count
arrears_count(const struct arrears *arrears)
{
	int64_t age = clock_now() - arrears->oldest;

	return (struct arrears_count){
		.waiting = arrears->waiting, .aside = arrears->aside,
		.oldest_secs = arrears->waiting == 0 || age < 0 ? 0 :
			       age / CLOCK_SECOND,
	};
}

const char *
arrears_alarm(const struct arrears *arrears)
{
	if (arrears->late)
		return "mails of messages wait too long";
	return arrears->aside > 0 ? "mails of messages were set aside" : NULL;
}
