#include "components/archive/retention/erasure.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "components/archive/commands.h"
#include "components/archive/retention/pending.h"
#include "components/archive/retention/traces.h"
#include "shared/arena.h"
#include "shared/audit.h"
#include "shared/call.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/request.h"
#include "shared/store.h"
#include "shared/str.h"

#define ALIAS_SIZE 64

/* One that is under way, whoever waits for it. */
struct erasure {
	struct store *store;
	struct call *call;	/* NULL: nobody waits */
	char *jid, *who;	/* who: NULL before it was read */
	char alias[ALIAS_SIZE];
	struct traces traces;
	uint64_t erased, renamed, removed, events, shown, pending;
	size_t found, asked;	/* at the last look */
};

static uint64_t
done(const struct erasure *erasure)
{
	return erasure->erased + erasure->renamed + erasure->removed +
	       erasure->events + erasure->shown + erasure->pending;
}

/* An entry says what went, each time that something did. */
static void
report(const struct erasure *erasure)
{
	json_t *json;
	char *detail;

	if (done(erasure) == 0)
		return;
	json = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}",
			 "user", erasure->jid,
			 "text_removed", (json_int_t)erasure->erased,
			 "address_replaced", (json_int_t)erasure->renamed,
			 "removed", (json_int_t)erasure->removed,
			 "events_removed", (json_int_t)erasure->events,
			 "attendance_replaced", (json_int_t)erasure->shown,
			 "review_removed", (json_int_t)erasure->pending);
	ensure(json != NULL);
	detail = json_dumps(json, JSON_COMPACT);
	ensure(detail != NULL);
	audit_report(erasure->store, &(struct audit_event){
			     erasure->who, "erased", detail });
	free(detail);
	json_decref(json);
}

static void
finish(struct erasure *erasure, const struct error *err)
{
	struct call *call = erasure->call;

	if (err == NULL)
		log_info("archive: erased a person: %" PRIu64 " tombstones, %"
			 PRIu64 " messages to them, %" PRIu64 " removed, %"
			 PRIu64 " events, %" PRIu64 " times in a room, %"
			 PRIu64 " held for review",
			 erasure->erased, erasure->renamed, erasure->removed,
			 erasure->events, erasure->shown, erasure->pending);
	else
		log_warning("archive: erasing a person goes on at the next "
			    "start: %s", error_reason(err));
	report(erasure);
	free(erasure->who);
	free(erasure->jid);
	free(erasure);
	if (call == NULL)
		return;
	call->fini = NULL;
	call_end(call, err);
}

static void
tell(struct call *call, const char *what, const char *matter, uint64_t count)
{
	const char *cells[] = {
		what, matter, arena_printf(call->arena, "%" PRIu64, count),
	};

	call_row(call, cells);
}

static void
on_held(void *ctx, const struct store_result *result, const struct error *err)
{
	struct erasure *erasure = ctx;
	struct call *call = erasure->call;

	if (err == NULL && call != NULL) {
		tell(call, "text removed", NULL, erasure->erased);
		tell(call, "address replaced", NULL, erasure->renamed);
		tell(call, "removed", NULL, erasure->removed);
		tell(call, "events removed", NULL, erasure->events);
		tell(call, "attendance replaced", NULL, erasure->shown);
		tell(call, "removed before review", NULL, erasure->pending);
		for (size_t i = 0; i < store_rows(result); i++)
			tell(call, "held", store_get_text(result, i, 0),
			     (uint64_t)store_get_int(result, i, 1));
	}
	finish(erasure, err);
}

static void
on_ended(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct erasure *erasure = ctx;

	(void)result;
	if (err != NULL)
		finish(erasure, err);
	else
		traces_count_held(erasure->store, &erasure->traces, on_held,
				  erasure);
}

static void
on_forgotten(void *ctx, const struct store_result *result,
	     const struct error *err)
{
	struct erasure *erasure = ctx;

	if (err != NULL) {
		finish(erasure, err);
		return;
	}
	erasure->pending += store_rows(result);
	if (store_rows(result) > 0)
		pending_forget(erasure->store, &erasure->traces, on_forgotten,
			       erasure);
	else
		traces_end(erasure->store, &erasure->traces, on_ended,
			   erasure);
}

static void
on_events(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	struct erasure *erasure = ctx;

	if (err != NULL) {
		finish(erasure, err);
		return;
	}
	erasure->events += store_rows(result);
	if (store_rows(result) > 0)
		traces_forget_events(erasure->store, &erasure->traces,
				     on_events, erasure);
	else
		pending_forget(erasure->store, &erasure->traces, on_forgotten,
			       erasure);
}

static void look(struct erasure *erasure);

static void
go_on(struct erasure *erasure)
{
	if (erasure->call != NULL)
		call_progress(erasure->call, done(erasure), 0);
	if (erasure->found < TRACES_MAX) {
		erasure->traces.side++;
		erasure->traces.after = 0;
	}
	if (erasure->traces.side < TRACES_SIDES)
		look(erasure);
	else
		traces_forget_events(erasure->store, &erasure->traces,
				     on_events, erasure);
}

/* Of what was asked for, something is left of so many. */
static void
count(struct erasure *erasure, size_t left)
{
	switch (erasure->traces.side) {
	case TRACES_SENT:
		erasure->erased += left;
		break;
	case TRACES_RECEIVED:
		erasure->renamed += left;
		break;
	default:
		erasure->shown += erasure->asked;
		return;
	}
	if (left < erasure->asked)
		erasure->removed += erasure->asked - left;
}

static void
on_erased(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	struct erasure *erasure = ctx;

	if (err != NULL) {
		finish(erasure, err);
		return;
	}
	count(erasure, store_rows(result));
	go_on(erasure);
}

static void
on_found(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct erasure *erasure = ctx;
	int64_t serials[TRACES_MAX];

	if (err != NULL) {
		finish(erasure, err);
		return;
	}
	erasure->found = store_rows(result);
	erasure->asked = 0;
	for (size_t i = 0; i < erasure->found; i++) {
		erasure->traces.after = store_get_int(result, i, 0);
		if (store_get_int(result, i, 1) == 0)
			serials[erasure->asked++] = erasure->traces.after;
	}
	if (erasure->asked == 0)
		go_on(erasure);
	else
		traces_erase(erasure->store, &erasure->traces, serials,
			     erasure->asked, on_erased, erasure);
}

static void
look(struct erasure *erasure)
{
	traces_find(erasure->store, &erasure->traces, on_found, erasure);
}

static void
on_begun(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct erasure *erasure = ctx;

	if (err != NULL || store_rows(result) == 0) {
		finish(erasure, err);
		return;
	}
	snprintf(erasure->alias, sizeof(erasure->alias), "%s",
		 store_get_text(result, 0, 0));
	erasure->who = str_dup(store_get_text(result, 0, 1));
	look(erasure);
}

static struct erasure *
erasure_new(struct store *store, const char *jid)
{
	struct erasure *erasure = calloc(1, sizeof(*erasure));
	uint64_t dice[2];

	ensure(erasure != NULL);
	ensure(getrandom(dice, sizeof(dice), 0) == sizeof(dice));
	erasure->store = store;
	erasure->jid = str_dup(jid);
	snprintf(erasure->alias, sizeof(erasure->alias),
		 "%016" PRIx64 "%016" PRIx64 "@erased.invalid", dice[0],
		 dice[1]);
	erasure->traces = (struct traces){
		.jid = erasure->jid, .alias = erasure->alias,
	};
	return erasure;
}

static void
on_pending(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	if (err != NULL)
		return;
	for (size_t i = 0; i < store_rows(result); i++) {
		struct erasure *erasure =
			erasure_new(ctx, store_get_text(result, i, 0));

		traces_resume(ctx, &erasure->traces, on_begun, erasure);
	}
}

void
erasure_resume(struct store *store)
{
	store_read(store, "SELECT jid FROM archive_erasure", NULL, 0,
		   on_pending, store);
}

/* It goes on without the call. */
static void
leave(struct call *call)
{
	struct erasure *erasure = call->state;

	erasure->call = NULL;
}

static void
run(struct call *call)
{
	struct erasure *erasure = erasure_new(call->runtime->store,
					      call_jid(call, "user")->bare);

	erasure->call = call;
	call->state = erasure;
	call->fini = leave;
	traces_begin(erasure->store, &erasure->traces, call->who, on_begun,
		     erasure);
}

int
erasure_run(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	(void)err;
	audit_call(call, run);
	return CALL_PARKED;
}
