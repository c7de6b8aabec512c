#include "components/muc/loading.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "components/muc/filter.h"
#include "components/muc/ghost.h"
#include "components/muc/muc.h"
#include "components/muc/queue.h"
#include "components/muc/room.h"
#include "components/muc/roomload.h"
#include "components/muc/roomstore.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/router.h"
#include "shared/str.h"
#include "shared/xml.h"

/* An unloaded room has nobody in it, once all are back who were inside: leaving
   it, or an error from one who was there, does not matter. */
static bool
needs_room(const struct muc *muc, const struct request *req)
{
	const char *type = req->stanza.type;

	if (muc->loading.people_missing)
		return true;
	switch (req->stanza.kind) {
	case STANZA_PRESENCE:
		return *type == '\0';
	case STANZA_MESSAGE:
		return strcmp(type, "error") != 0;
	case STANZA_IQ:
		break;
	}
	return strcmp(type, "get") == 0 || strcmp(type, "set") == 0;
}

/* One that went on may hold the room. */
static bool
has_to_wait(const struct muc *muc, const char *jid,
	    const struct waiting *waiting)
{
	struct room *room;

	HASH_FIND_STR(muc->rooms, jid, room);
	if (room == NULL || waiting->req == NULL ||
	    !queue_is_held(room, waiting->req))
		return false;
	queue_add(room, waiting->req, waiting->bytes);
	return true;
}

static void
resume(const struct waiting *waiting, const struct error *err)
{
	if (waiting->req == NULL)
		waiting->fn(waiting->ctx, err);
	else if (err != NULL)
		request_finish(waiting->req, err);
	else
		request_resume(waiting->req);
}

static void
resume_all(struct muc *muc, const char *jid, struct waiting *waiting,
	   const struct error *err)
{
	while (waiting != NULL) {
		struct waiting *next = waiting->next;

		muc->loading.count--;
		muc->loading.bytes -= waiting->bytes;
		if (err != NULL || !has_to_wait(muc, jid, waiting))
			resume(waiting, err);
		free(waiting);
		waiting = next;
	}
}

/* People who are in it were in it when the process was killed that ran before;
   one that ends with the last one in it may have lost him just then. */
static void
open_room(struct room *room)
{
	if (room->sessions == NULL)
		room_settle(&room);
	else if (!room->muc->roomstore.stopped &&
		 router_is_up(room->muc->runtime->router))
		ghost_probe(room);
}

void
loading_done(struct room *room, bool found, const struct error *err)
{
	struct waiting *waiting = room->waiting;
	struct muc *muc = room->muc;
	char *jid = str_dup(room->jid);

	room->waiting = NULL;
	room->waiting_count = 0;
	if (found && err == NULL)
		open_room(room);
	else
		room_free(&room);
	resume_all(muc, jid, waiting, err);
	free(jid);
}

static struct room *
load(struct muc *muc, const char *jid)
{
	struct room *room = room_new(muc, jid, ROOM_LOADING);

	roomload(room, loading_done);
	return room;
}

void
loading_wait(struct muc *muc, const char *jid, loading_fn *fn, void *ctx)
{
	struct error err = { 0 };
	struct waiting *waiting;
	struct room *room;

	HASH_FIND_STR(muc->rooms, jid, room);
	if (room != NULL ? room->state != ROOM_LOADING :
	    roomstore_is_ended(&muc->roomstore, jid)) {
		fn(ctx, NULL);
		return;
	}
	if (queue_check(&muc->loading, room, 0, &err) < 0) {
		fn(ctx, &err);
		return;
	}
	if (room == NULL)
		room = load(muc, jid);
	waiting = queue_add(room, NULL, 0);
	waiting->fn = fn;
	waiting->ctx = ctx;
}

int
loading_admit(struct request *req, void *ctx, struct error *err)
{
	struct muc *muc = ctx;
	struct room *room;
	size_t bytes;

	if (*req->to->local == '\0')
		return 0;
	HASH_FIND_STR(muc->rooms, req->to->bare, room);
	if (room != NULL ? room->state != ROOM_LOADING &&
			   !queue_is_held(room, req) :
	    (!needs_room(muc, req) ||
	     roomstore_is_ended(&muc->roomstore, req->to->bare)))
		return 0;
	bytes = filter_length(req->stanza.el);
	if (queue_check(&muc->loading, room, bytes, err) < 0)
		return -1;
	if (room == NULL)
		room = load(muc, req->to->bare);
	queue_add(room, req, bytes);
	return REQUEST_PARKED;
}
