#include "components/muc/erasure.h"

#include <stdint.h>
#include <string.h>
#include <utlist.h>

#include "components/muc/chronicle.h"
#include "components/muc/chronicle_address.h"
#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "shared/archive_burial.h"
#include "shared/archive_hold.h"
#include "shared/arena.h"
#include "shared/drain_wait.h"
#include "shared/error.h"
#include "shared/store.h"

struct erasure {
	struct erasure *prev, *next;	/* in muc->erasures */
	struct muc *muc;
	struct arena *arena;		/* it lives there */
	struct erasure_plan plan;
	const char *archive;		/* the room's */
	struct drain_wait wait;
	bool waiting;
};

/* Of all, and of what one person has asked for: they may wait long, for the
   journal and for the database, and each has the memory of a message.  Who
   clears a room of what a spammer said removes much at once. */
#define ALL_MAX 1000
#define OWN_MAX 100

static const char find_sql[] =
	"SELECT uid FROM archive_message WHERE uid = $1 AND recipient + 0 = "
	"(SELECT id FROM archive_address WHERE jid = $2)";

int
erasure_check(const struct muc *muc, const char *asker, struct error *err)
{
	size_t all = 0, own = 0;
	const struct erasure *other;

	DL_FOREACH(muc->erasures, other) {
		all++;
		own += strcmp(other->plan.asker, asker) == 0;
	}
	if (all < ALL_MAX && own < OWN_MAX)
		return 0;
	return error_set_type(err, ERROR_RESOURCE_CONSTRAINT, ERROR_TYPE_WAIT,
			      "too many retractions at a time");
}

static void
on_erased(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	struct erasure *erasure = ctx;
	const struct erasure_plan *plan = &erasure->plan;
	struct arena *arena = erasure->arena;

	DL_DELETE(erasure->muc->erasures, erasure);
	plan->fn(plan->ctx, err == NULL && store_rows(result) > 0, err);
	arena_free(&arena);
}

/* Also what its author has said in its place by now. */
static void
erase(struct erasure *erasure)
{
	const struct erasure_plan *plan = &erasure->plan;
	struct store *store = erasure->muc->runtime->store;
	struct store_batch *batch = store_begin(store);

	drain_wait_end(&erasure->wait);
	erasure->waiting = false;
	archive_hold_heed(store, batch);
	archive_burial_add_room(store, batch, &(struct archive_burial_room){
		.who = plan->asker, .archive = erasure->archive,
		.target = plan->uid, .retraction = plan->retraction,
		.left = plan->left, .serial = INT64_MAX, .moderated = true,
		.conceals = chronicle_keeps(erasure->muc->chronicle),
	});
	/* The last one's rows are told. */
	store_add(batch, find_sql, STORE_VALUES(
		store_text(plan->uid), store_text(erasure->archive)));
	store_commit(&batch, on_erased, erasure);
}

static void
on_settled(void *ctx)
{
	erase(ctx);
}

static struct erasure *
erasure_new(const struct erasure_plan *plan)
{
	struct arena *arena = arena_new();
	struct erasure *erasure = arena_alloc(arena, sizeof(*erasure));

	erasure->muc = plan->room->muc;
	erasure->arena = arena;
	erasure->plan = *plan;
	erasure->plan.uid = arena_strdup(arena, plan->uid);
	erasure->plan.retraction = arena_strdup(arena, plan->retraction);
	erasure->plan.left = arena_strdup(arena, plan->left);
	erasure->plan.asker = arena_strdup(arena, plan->asker);
	erasure->archive = chronicle_address(plan->room, arena);
	erasure->wait.fn = on_settled;
	erasure->wait.ctx = erasure;
	return erasure;
}

void
erasure_start(const struct erasure_plan *plan)
{
	struct erasure *erasure = erasure_new(plan);
	struct muc *muc = erasure->muc;

	DL_APPEND(muc->erasures, erasure);
	erasure->waiting = true;
	if (chronicle_await(muc->chronicle, &erasure->wait) !=
	    ARCHIVE_OUTLET_AWAITED)
		erase(erasure);
}

void
erasure_stop(struct muc *muc)
{
	struct erasure *erasure, *next;

	DL_FOREACH_SAFE(muc->erasures, erasure, next)
		if (erasure->waiting)
			erase(erasure);
}
