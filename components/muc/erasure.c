#include "components/muc/erasure.h"

#include <string.h>
#include <utlist.h>

#include "components/muc/chronicle.h"
#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "components/muc/tomb.h"
#include "shared/archive_hold.h"
#include "shared/arena.h"
#include "shared/drain_wait.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/ns.h"
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
#define AUTHOR_MAX 10
#define MODERATOR_MAX 100

int
erasure_check(const struct muc *muc, const char *asker, bool author,
	      struct error *err)
{
	size_t all = 0, own = 0, own_max = author ? AUTHOR_MAX : MODERATOR_MAX;
	const struct erasure *other;

	DL_FOREACH(muc->erasures, other) {
		all++;
		own += (other->plan.author != NULL) == author &&
		       strcmp(other->plan.asker, asker) == 0;
	}
	if (all < ALL_MAX && own < own_max)
		return 0;
	return error_set_type(err, ERROR_RESOURCE_CONSTRAINT, ERROR_TYPE_WAIT,
			      "too many retractions at a time");
}

/* What a moderator has removed: who did it, and why, its author cannot take
   away. */
#define IS_MODERATED \
	"(m.body IS NULL AND COALESCE(m.rest, '') LIKE " \
	"'<retracted xmlns=''" NS_RETRACT "''%<moderated xmlns=''" \
	NS_MODERATE "''%')"
#define IS_THAT \
	"m.uid = $1 AND m.recipient = " \
	"(SELECT id FROM archive_address WHERE jid = $2) AND " \
	"(CAST($3 AS TEXT) IS NULL OR (NOT " IS_MODERATED " AND m.sender = " \
	"(SELECT id FROM archive_address WHERE jid = CAST($3 AS TEXT))))"

/* What is not of the message itself stays: 6 are the flags that tell where it
   came from. */
static const char empty_sql[] =
	"UPDATE archive_message AS m SET subject = NULL, body = NULL, "
	"thread = NULL, relation = NULL, about = NULL, rest = $4, "
	"flags = flags & 6 WHERE " IS_THAT " "
	"AND NOT " ARCHIVE_HOLD_COVERS;
/* What is held keeps its text, unseen: 128 is ARCHIVE_ERASED. */
static const char hide_sql[] =
	"UPDATE archive_message AS m SET flags = CASE WHEN "
	ARCHIVE_HOLD_COVERS " THEN flags | 128 ELSE flags END "
	"WHERE " IS_THAT " RETURNING uid";

static void
on_erased(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	struct erasure *erasure = ctx;
	const struct erasure_plan *plan = &erasure->plan;
	struct arena *arena = erasure->arena;

	DL_DELETE(erasure->muc->erasures, erasure);
	if (plan->fn != NULL)
		plan->fn(plan->ctx, err == NULL && store_rows(result) > 0,
			 err);
	arena_free(&arena);
}

static void
erase(struct erasure *erasure)
{
	const struct erasure_plan *plan = &erasure->plan;
	const struct store_value values[] = {
		store_text(plan->uid), store_text(erasure->archive),
		store_text(plan->author), store_text(plan->left),
	};
	struct store *store = erasure->muc->runtime->store;
	struct store_batch *batch = store_begin(store);

	drain_wait_end(&erasure->wait);
	erasure->waiting = false;
	archive_hold_heed(store, batch);
	store_add(batch, empty_sql, values, 4);
	/* The last one's rows are told. */
	store_add(batch, hide_sql, values, 3);
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
	erasure->plan.left = arena_strdup(arena, plan->left);
	erasure->plan.asker = arena_strdup(arena, plan->asker);
	if (plan->author != NULL)
		erasure->plan.author = arena_strdup(arena, plan->author);
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
	unsigned count = 0;

	DL_FOREACH_SAFE(muc->erasures, erasure, next) {
		if (!erasure->waiting)
			continue;
		erase(erasure);
		count++;
	}
	if (count > 0)
		log_warning("muc: %u retractions are given up for messages "
			    "that the archive does not have yet", count);
}
