#include "components/muc/restore.h"

#include <stdlib.h>
#include <uv.h>

#include "components/muc/loading.h"
#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "components/muc/roomload.h"
#include "components/muc/roomstore.h"
#include "shared/arena.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/store.h"

/* How many rooms are read at once, so that none waits so long that the read
   counts as failed; and the pause before reading again those that did. */
#define AT_ONCE 64
#define AGAIN_MS 1000

enum restore_state {
	RESTORE_LIST,	/* it is not known yet in which rooms people were */
	RESTORE_ROOMS,	/* those are being read */
	RESTORE_DONE,
};

struct restore {
	struct muc *muc;
	enum restore_state state;
	struct arena *arena;	/* for the addresses of the rooms */
	const char **rooms;
	size_t count, at;
	size_t again;		/* of those before at; they come first */
	size_t pending;		/* reads under way */
	size_t found;
	uv_timer_t *timer;
};

/* Left behind when people went just before the process was killed. */
static const char delete_empty[] =
	"DELETE FROM muc_room WHERE domain = $1 AND "
	"(persistentroom = 0 OR locked = 1) AND NOT EXISTS "
	"(SELECT 1 FROM muc_occupant WHERE room = muc_room.jid)";
static const char select_rooms[] =
	"SELECT DISTINCT room FROM muc_occupant WHERE EXISTS "
	"(SELECT 1 FROM muc_room WHERE muc_room.jid = muc_occupant.room "
	"AND domain = $1)";

static void on_list(void *ctx, const struct store_result *result,
		    const struct error *err);
static void load_rooms(struct restore *restore);

/* One after the other. */
static void
set_state(struct restore *restore, enum restore_state state)
{
	ensure(restore->state < state);
	restore->state = state;
}

static void
ask_for_list(struct restore *restore)
{
	const struct runtime *runtime = restore->muc->runtime;

	store_read(runtime->store, select_rooms,
		   STORE_VALUES(store_text(runtime->domain)), on_list,
		   restore);
}

static void
on_timer(uv_timer_t *timer)
{
	struct restore *restore = timer->data;

	if (restore->state == RESTORE_LIST)
		ask_for_list(restore);
	else
		load_rooms(restore);
}

static void
again(struct restore *restore, const char *jid)
{
	restore->rooms[restore->again++] = jid;
}

static void
finish(struct restore *restore)
{
	set_state(restore, RESTORE_DONE);
	restore->muc->loading.people_missing = false;
	arena_free(&restore->arena);
	if (restore->found > 0)
		log_info("muc: people are back in %zu rooms", restore->found);
}

static void
on_restored(struct room *room, bool found, const struct error *err)
{
	struct restore *restore = room->muc->restore;

	restore->pending--;
	if (err != NULL)
		again(restore, arena_strdup(restore->arena, room->jid));
	else if (found)
		restore->found++;
	loading_done(room, found, err);
	load_rooms(restore);
}

static void
load_room(struct restore *restore, const char *jid)
{
	struct room *room;

	/* All have left in the meantime. */
	if (roomstore_is_ended(&restore->muc->roomstore, jid))
		return;
	HASH_FIND_STR(restore->muc->rooms, jid, room);
	if (room == NULL) {
		room = room_new(restore->muc, jid, ROOM_LOADING);
		restore->pending++;
		roomload(room, on_restored);
	} else if (room->state == ROOM_LOADING) {
		/* Somebody asked for it; perhaps in vain. */
		again(restore, jid);
	}
}

static void
load_rooms(struct restore *restore)
{
	if (restore->muc->roomstore.stopped)
		return;
	while (restore->at < restore->count && restore->pending < AT_ONCE)
		load_room(restore, restore->rooms[restore->at++]);
	if (restore->at < restore->count || restore->pending > 0)
		return;
	restore->count = restore->again;
	restore->at = restore->again = 0;
	if (restore->count > 0)
		uv_timer_start(restore->timer, on_timer, AGAIN_MS, 0);
	else
		finish(restore);
}

static void
on_list(void *ctx, const struct store_result *result, const struct error *err)
{
	struct restore *restore = ctx;

	if (err != NULL) {
		uv_timer_start(restore->timer, on_timer, AGAIN_MS, 0);
		return;
	}
	set_state(restore, RESTORE_ROOMS);
	restore->count = store_rows(result);
	restore->rooms = arena_alloc(restore->arena, (restore->count + 1) *
				     sizeof(*restore->rooms));
	for (size_t i = 0; i < restore->count; i++)
		restore->rooms[i] = arena_strdup(restore->arena,
						 store_get_text(result, i, 0));
	load_rooms(restore);
}

struct restore *
restore_new(struct muc *muc)
{
	const struct runtime *runtime = muc->runtime;
	struct restore *restore = calloc(1, sizeof(*restore));

	ensure(restore != NULL);
	restore->muc = muc;
	muc->loading.people_missing = true;
	restore->arena = arena_new();
	ensure((restore->timer = calloc(1, sizeof(*restore->timer))) != NULL);
	uv_timer_init(runtime->loop, restore->timer);
	restore->timer->data = restore;
	if (store_is_lasting(runtime->store)) {
		store_write(runtime->store, delete_empty,
			    STORE_VALUES(store_text(runtime->domain)), NULL,
			    NULL);
		ask_for_list(restore);
	} else {
		finish(restore);
	}
	return restore;
}

static void
on_timer_closed(uv_handle_t *timer)
{
	free(timer);
}

void
restore_free(struct restore **restore_)
{
	struct restore *restore = *restore_;

	uv_close((uv_handle_t *)restore->timer, on_timer_closed);
	if (restore->arena != NULL)
		arena_free(&restore->arena);
	free(restore);
	*restore_ = NULL;
}
