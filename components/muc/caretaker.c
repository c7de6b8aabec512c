#include "components/muc/caretaker.h"

#include <stdlib.h>

#include "components/muc/chronicle.h"
#include "components/muc/erasure.h"
#include "components/muc/ghost.h"
#include "components/muc/lookback.h"
#include "components/muc/memo.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/presence.h"
#include "components/muc/restore.h"
#include "components/muc/room.h"
#include "components/muc/tomb.h"
#include "components/muc/witness.h"
#include "shared/archive_obituary.h"
#include "shared/error.h"
#include "shared/fanout.h"
#include "shared/groups.h"
#include "shared/metric.h"
#include "shared/status.h"
#include "shared/str.h"

#define SWEEP_MS 5000

void
caretaker_sweep(struct muc *muc, uint64_t now_ms)
{
	uint64_t idle_ms = muc->settings->room_idle * UINT64_C(1000);
	struct room *room, *next;

	HASH_ITER(hh, muc->rooms, room, next) {
		if (room->state == ROOM_OPEN && room->sessions == NULL &&
		    room->held == 0 && roomstore_is_saved(room) &&
		    now_ms - room->idle_ms >= idle_ms)
			room_free(&room);
	}
	invitations_expire(&muc->invitations, now_ms);
	quotas_expire(&muc->quotas, now_ms);
}

static void
on_sweep(uv_timer_t *timer)
{
	caretaker_sweep(timer->data, uv_now(timer->loop));
}

static double
count_rooms(void *ctx)
{
	const struct muc *muc = ctx;

	return HASH_COUNT(muc->rooms);
}

static double
count_occupants(void *ctx)
{
	const struct muc *muc = ctx;
	double n = 0;

	for (const struct room *room = muc->rooms; room; room = room->hh.next)
		n += HASH_COUNT(room->occupants);
	return n;
}

static void
add_metrics(struct muc *muc)
{
	struct metrics *metrics = muc->runtime->metrics;

	metric_gauge_fn(metrics, "annex_muc_rooms", "", "Rooms in memory.",
			count_rooms, muc);
	metric_gauge_fn(metrics, "annex_muc_occupants", "",
			"Occupants of all rooms.", count_occupants, muc);
	muc->messages = metric_counter(metrics, "annex_muc_messages_total",
				       "", "Messages sent to rooms.");
	muc->deliveries = metric_counter(metrics,
					 "annex_muc_deliveries_total", "",
					 "Copies of them sent to occupants.");
}

bool
caretaker_archives(const void *settings)
{
	return chronicle_is_wanted(settings);
}

int
caretaker_start(struct runtime *runtime, const void *settings, void **ctx_r,
		struct error *err)
{
	const struct muc_settings *own = settings;
	struct muc *muc = calloc(1, sizeof(*muc));

	ensure(muc != NULL);
	muc->runtime = runtime;
	muc->coverage = coverage_of(own->archive);
	if (chronicle_is_wanted(own) &&
	    chronicle_new(runtime, own, &muc->chronicle, err) < 0) {
		free(muc);
		return -1;
	}
	muc_reload(muc, settings);
	roomstore_init(&muc->roomstore, muc);
	if (muc->chronicle != NULL) {
		chronicle_on_retraction(muc->chronicle, tomb_recall, muc);
		muc->obituary = archive_obituary_new(
			runtime->loop, runtime->store, runtime->domain);
	}
	muc->fanout = fanout_new(runtime);
	muc->restore = restore_new(muc);
	add_metrics(muc);
	uv_timer_init(runtime->loop, &muc->sweep);
	muc->sweep.data = muc;
	uv_timer_start(&muc->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
	*ctx_r = muc;
	return 0;
}

/* Section 11.2. */
static void
shut_down(struct room *room)
{
	for (struct session *at = room->sessions; at; at = at->hh.next) {
		struct notice notice = notice_going(at->occupant);

		notice_add_code(notice.codes, STATUS_SHUTDOWN);
		presence_send(at, &notice, at);
		if (at == at->occupant->sessions)
			witness_left(at);
	}
}

static void
on_stopped(void *ctx)
{
	const struct muc *muc = ctx;

	component_stopped(muc->runtime);
}

void
caretaker_stop(void *ctx)
{
	struct muc *muc = ctx;
	struct room *room, *next;

	uv_timer_stop(&muc->sweep);
	door_open(muc);
	lookback_stop(muc);
	erasure_stop(muc);
	archive_obituary_free(&muc->obituary);
	roomstore_stop(&muc->roomstore);
	HASH_ITER(hh, muc->rooms, room, next) {
		if (room->state == ROOM_LOADING)
			continue;
		shut_down(room);
		room_free(&room);
	}
	if (muc->chronicle != NULL)
		chronicle_stop(muc->chronicle, on_stopped, muc);
	else
		component_stopped(muc->runtime);
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void
caretaker_free(void *ctx)
{
	struct muc *muc = ctx;
	struct room *room, *next;

	/* Those that were still being loaded. */
	HASH_ITER(hh, muc->rooms, room, next)
		room_free(&room);
	door_fini(&muc->door);
	listing_fini(&muc->listing);
	restore_free(&muc->restore);
	if (muc->chronicle != NULL)
		chronicle_free(&muc->chronicle);
	fanout_free(&muc->fanout);
	roomstore_fini(&muc->roomstore);
	memo_clear(&muc->faulty);
	invitations_fini(&muc->invitations);
	quotas_fini(&muc->quotas);
	options_fini(&muc->defaults);
	groups_unref(&muc->groups);
	uv_close((uv_handle_t *)&muc->sweep, on_closed);
}

void
caretaker_link(void *ctx, bool up)
{
	if (!up)
		return;
	door_open(ctx);
	ghost_probe_all(ctx);
}

void
caretaker_status(void *ctx, struct call *call)
{
	const struct muc *muc = ctx;
	struct str way = { 0 };

	fanout_describe(muc->fanout, &way);
	status_add(call, "sent to many", "%s", way.data);
	str_fini(&way);
	status_add(call, "rooms in memory", "%u", HASH_COUNT(muc->rooms));
	status_add(call, "occupants", "%.0f", count_occupants(ctx));
	status_add(call, "rooms to be written", "%zu",
		   muc->roomstore.unsaved_count);
	chronicle_status(muc->chronicle, call);
}
