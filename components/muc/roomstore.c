#include "components/muc/roomstore.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/restore.h"
#include "components/muc/room.h"
#include "components/muc/rows.h"
#include "shared/arena.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/store.h"
#include "shared/str.h"

/* How long changes are gathered, which is also what may be lost when the
   process is killed; and the pause after a failure. */
#define GATHER_MS 20
#define FAILURE_MS 1000

/* About the most that goes into one batch. */
#define BATCH_BYTES (1 << 20)
/* The most on their way for those who want to read what was written: they may
   ask often, and each batch takes memory while the database is away. */
#define FLUSH_BATCHES 16

struct roomstore_ended {
	char *jid;
	bool unsaved;		/* is to go into a batch */
	unsigned writing;	/* batches on their way with it */
	UT_hash_handle hh;	/* in roomstore->ended, by jid */
};

/* A batch on its way: which rooms are in it, by address, since they may have
   gone when it is done. */
struct sending {
	struct roomstore *roomstore;
	struct arena *arena;
	struct sending_room *rooms;
	size_t count;
};

struct sending_room {
	const char *jid;
	bool ended;
	struct sending_room *next;
};

static const char delete_people[] =
	"DELETE FROM muc_occupant WHERE EXISTS (SELECT 1 FROM muc_room "
	"WHERE muc_room.jid = muc_occupant.room AND domain = $1)";
static const char delete_passing[] =
	"DELETE FROM muc_room WHERE domain = $1 AND "
	"(persistentroom = 0 OR locked = 1)";

static void on_timer(uv_timer_t *timer);

bool
roomstore_keeps(const struct room *room)
{
	return room->state == ROOM_OPEN && room->options.persistentroom;
}

/* All are that outlive the process. */
static bool
is_stored(const struct room *room)
{
	return roomstore_keeps(room) || rows_keep_people(room);
}

static double
count_unsaved(void *ctx)
{
	const struct roomstore *roomstore = ctx;

	return (double)(roomstore->unsaved_count + roomstore->ended_count);
}

void
roomstore_init(struct roomstore *roomstore, struct muc *muc)
{
	struct runtime *runtime = muc->runtime;

	roomstore->muc = muc;
	rows_init(&roomstore->rows);
	roomstore->timer = calloc(1, sizeof(*roomstore->timer));
	ensure(roomstore->timer != NULL);
	uv_timer_init(runtime->loop, roomstore->timer);
	roomstore->timer->data = roomstore;
	metric_gauge_fn(runtime->metrics, "annex_muc_unsaved_rooms", "",
			"Rooms with something to be written to the database.",
			count_unsaved, roomstore);
}

static void
on_timer_closed(uv_handle_t *timer)
{
	free(timer);
}

static void
free_ended(struct roomstore *roomstore, struct roomstore_ended *one)
{
	HASH_DEL(roomstore->ended, one);
	free(one->jid);
	free(one);
}

void
roomstore_fini(struct roomstore *roomstore)
{
	while (roomstore->ended != NULL)
		free_ended(roomstore, roomstore->ended);
	rows_fini(&roomstore->rows);
	uv_close((uv_handle_t *)roomstore->timer, on_timer_closed);
}

static void
schedule(struct roomstore *roomstore, uint64_t ms)
{
	if (!roomstore->stopped && roomstore->batches == 0 &&
	    !uv_is_active((uv_handle_t *)roomstore->timer))
		uv_timer_start(roomstore->timer, on_timer, ms, 0);
}

static bool
is_empty(const struct roomstore *roomstore)
{
	return roomstore->unsaved == NULL && roomstore->ended_count == 0;
}

static struct roomstore_ended *
find_ended(const struct roomstore *roomstore, const char *jid)
{
	struct roomstore_ended *one;

	HASH_FIND_STR(roomstore->ended, jid, one);
	return one;
}

static void
add_ended(struct roomstore *roomstore, const char *jid)
{
	struct roomstore_ended *one = find_ended(roomstore, jid);

	if (one == NULL) {
		ensure((one = calloc(1, sizeof(*one))) != NULL);
		one->jid = str_dup(jid);
		HASH_ADD_KEYPTR(hh, roomstore->ended, one->jid,
				strlen(one->jid), one);
	}
	roomstore->ended_count += !one->unsaved;
	one->unsaved = true;
	schedule(roomstore, GATHER_MS);
}

static void
list(struct room *room)
{
	struct roomstore *roomstore = &room->muc->roomstore;

	if (room->unsaved.listed || room->state == ROOM_LOADING ||
	    roomstore->stopped)
		return;
	if (!is_stored(room) && !room->unsaved.stored)
		return;
	room->unsaved.listed = true;
	roomstore->unsaved_count++;
	DL_APPEND2(roomstore->unsaved, room, unsaved.prev, unsaved.next);
	schedule(roomstore, GATHER_MS);
}

static void
unlist(struct room *room)
{
	struct roomstore *roomstore = &room->muc->roomstore;

	if (!room->unsaved.listed)
		return;
	room->unsaved.listed = false;
	roomstore->unsaved_count--;
	DL_DELETE2(roomstore->unsaved, room, unsaved.prev, unsaved.next);
}

static void
note(struct sending *sending, const char *jid, bool ended)
{
	struct sending_room *one = arena_alloc(sending->arena, sizeof(*one));

	one->jid = arena_strdup(sending->arena, jid);
	one->ended = ended;
	LL_PREPEND(sending->rooms, one);
	sending->count++;
}

/* Before the rooms: there may be one of the same name by now. */
static void
write_ended(struct roomstore *roomstore, struct store_batch *batch,
	    struct sending *sending)
{
	struct roomstore_ended *one = roomstore->ended;

	for (; one != NULL && store_batch_bytes(batch) < BATCH_BYTES;
	     one = one->hh.next) {
		if (!one->unsaved)
			continue;
		rows_delete_room(batch, one->jid);
		note(sending, one->jid, true);
		one->unsaved = false;
		roomstore->ended_count--;
		one->writing++;
	}
}

static void
write_room(struct room *room, struct store_batch *batch,
	   struct sending *sending)
{
	unlist(room);
	if (is_stored(room)) {
		unsaved_write(room, batch);
	} else {
		rows_delete_room(batch, room->jid);
		unsaved_clear(room);
		room->unsaved.stored = false;
	}
	room->unsaved.writing++;
	note(sending, room->jid, false);
}

static void
write_rooms(struct roomstore *roomstore, struct store_batch *batch,
	    struct sending *sending)
{
	while (roomstore->unsaved != NULL &&
	       store_batch_bytes(batch) < BATCH_BYTES) {
		struct room *room = roomstore->unsaved;
		bool alone = room->unsaved.alone;

		if (alone && sending->count > 0)
			return;
		write_room(room, batch, sending);
		if (alone)
			return;
	}
}

/* What the database refuses even alone, it will refuse again. */
static bool
is_hopeless(const struct sending *sending, const struct error *err)
{
	return err != NULL && err->cond == ERROR_INTERNAL_SERVER_ERROR &&
	       sending->count == 1;
}

/* Not deleted yet; where there is another room of that name by now, its rows
   come in place of those. */
static void
end_again(struct roomstore *roomstore, const char *jid)
{
	struct room *room;

	HASH_FIND_STR(roomstore->muc->rooms, jid, room);
	if (room == NULL) {
		add_ended(roomstore, jid);
		return;
	}
	room->unsaved.all = room->unsaved.stored = true;
	list(room);
}

static void
settle_ended(struct sending *sending, const char *jid, const struct error *err)
{
	struct roomstore *roomstore = sending->roomstore;
	struct roomstore_ended *one = find_ended(roomstore, jid);

	one->writing--;
	if (is_hopeless(sending, err))
		log_error("muc: %s could not be deleted", jid);
	else if (err != NULL)
		end_again(roomstore, jid);
	if (!one->unsaved && one->writing == 0)
		free_ended(roomstore, one);
}

/* One that is refused waits until something in it has changed.  Otherwise it
   is not known what the database has of it now. */
static void
settle_room(struct sending *sending, const char *jid, const struct error *err)
{
	struct room *room;

	if (is_hopeless(sending, err))
		log_error("muc: %s could not be stored", jid);
	HASH_FIND_STR(sending->roomstore->muc->rooms, jid, room);
	if (room == NULL)
		return;
	if (room->unsaved.writing > 0)
		room->unsaved.writing--;
	if (err == NULL) {
		room->unsaved.alone = false;
		return;
	}
	room->unsaved.all = true;
	if (is_hopeless(sending, err))
		return;
	room->unsaved.alone = err->cond == ERROR_INTERNAL_SERVER_ERROR;
	list(room);
}

static void
settle(struct sending *sending, const struct error *err)
{
	for (const struct sending_room *one = sending->rooms; one != NULL;
	     one = one->next)
		if (one->ended)
			settle_ended(sending, one->jid, err);
		else
			settle_room(sending, one->jid, err);
}

static void
on_written(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct sending *sending = ctx;
	struct roomstore *roomstore = sending->roomstore;

	(void)result;
	roomstore->batches--;
	if (!roomstore->stopped) {
		settle(sending, err);
		if (!is_empty(roomstore))
			schedule(roomstore, err ? FAILURE_MS : GATHER_MS);
	}
	arena_free(&sending->arena);
	free(sending);
}

static void
write_some(struct roomstore *roomstore)
{
	struct sending *sending = calloc(1, sizeof(*sending));
	struct store_batch *batch =
		store_begin(roomstore->muc->runtime->store);

	ensure(sending != NULL);
	sending->roomstore = roomstore;
	sending->arena = arena_new();
	write_ended(roomstore, batch, sending);
	write_rooms(roomstore, batch, sending);
	roomstore->batches++;
	store_commit(&batch, on_written, sending);
}

/* While something is on its way more is gathered. */
static void
on_timer(uv_timer_t *timer)
{
	struct roomstore *roomstore = timer->data;

	if (roomstore->batches == 0 && !is_empty(roomstore))
		write_some(roomstore);
}

void
roomstore_flush(struct roomstore *roomstore)
{
	while (!is_empty(roomstore) && roomstore->batches < FLUSH_BATCHES)
		write_some(roomstore);
}

static void
add_all_leave(struct store_batch *batch, const struct runtime *runtime)
{
	const struct store_value domain = store_text(runtime->domain);

	store_add(batch, delete_passing, &domain, 1);
	store_add(batch, delete_people, &domain, 1);
}

/* Only those in memory are told. */
static void
add_some_leave(struct store_batch *batch, const struct muc *muc)
{
	for (const struct room *room = muc->rooms; room; room = room->hh.next)
		if (roomstore_keeps(room))
			rows_delete_sessions(batch, room);
		else if (room->state != ROOM_LOADING)
			rows_delete_room(batch, room->jid);
}

void
roomstore_stop(struct roomstore *roomstore)
{
	const struct muc *muc = roomstore->muc;
	struct store_batch *batch;

	while (!is_empty(roomstore))
		write_some(roomstore);
	batch = store_begin(muc->runtime->store);
	if (muc->loading.people_missing)
		add_some_leave(batch, muc);
	else
		add_all_leave(batch, muc->runtime);
	store_commit(&batch, NULL, NULL);
	uv_timer_stop(roomstore->timer);
	roomstore->stopped = true;
}

bool
roomstore_is_saved(const struct room *room)
{
	return !room->unsaved.listed && !room->unsaved.writing;
}

bool
roomstore_is_ended(const struct roomstore *roomstore, const char *jid)
{
	return find_ended(roomstore, jid) != NULL;
}

void
roomstore_save(struct room *room)
{
	room->unsaved.row = true;
	list(room);
}

void
roomstore_save_affiliate(struct room *room, const char *jid)
{
	if (room->unsaved.stored)
		unsaved_add_affiliate(room, jid);
	list(room);
}

void
roomstore_save_message(struct room *room)
{
	list(room);
}

/* Those behind it are written again, which are no more than the history has:
   each takes no memory. */
void
roomstore_save_history(struct room *room, const struct history_item *item)
{
	if (item->serial <= room->unsaved.message)
		room->unsaved.message = item->serial - 1;
	list(room);
}

void
roomstore_save_occupant(struct occupant *occupant)
{
	for (struct session *at = occupant->sessions; at; at = at->next)
		roomstore_save_session(at);
}

void
roomstore_save_session(struct session *session)
{
	struct room *room = session->occupant->room;

	if (!rows_keep_people(room))
		return;
	unsaved_add_session(session);
	list(room);
}

void
roomstore_drop_session(struct session *session)
{
	struct room *room = session->occupant->room;

	unsaved_drop_session(session);
	if (room->unsaved.gone != NULL)
		list(room);
}

void
roomstore_delete(struct room *room)
{
	if (room->unsaved.stored)
		add_ended(&room->muc->roomstore, room->jid);
	room->unsaved.stored = false;
}

void
roomstore_forget(struct room *room)
{
	unlist(room);
	unsaved_clear(room);
}
