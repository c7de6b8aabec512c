#include "components/muc/door.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "components/muc/filter.h"
#include "components/muc/loading.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/fanout.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/router.h"
#include "shared/str.h"
#include "shared/xml.h"

/* What those who enter together hear of each other grows with their square. */
#define TOGETHER_MAX 100

/* Somebody who waits; in the request's arena. */
struct knock {
	struct request *req;
	struct knock *prev, *next;
};

void
door_fini(struct door *door)
{
	arrivals_fini(&door->arrivals);
}

void
door_tell_all(struct door *door)
{
	arrivals_tell(&door->arrivals);
}

void
door_tell(struct door *door, const struct arrival *arrival)
{
	if (door->open)
		arrivals_add(&door->arrivals, arrival);
	else
		arrival_tell(arrival);
}

/* The room may be gone meanwhile, and even be in the store alone. */
static void
let_in(struct muc *muc, struct request *req)
{
	struct error err = { 0 };
	int ret = 0;

	if (room_find(muc, req->to->bare) == NULL)
		ret = loading_admit(req, muc, &err);
	if (ret == 0)
		request_resume(req);
	else if (ret < 0)
		request_finish(req, &err);
}

/* All who wait for one room, in order. */
static void
open_to(struct muc *muc, struct knock **knocks, const char *jid)
{
	struct room *room = room_find(muc, jid);
	struct knock *knock, *next;

	if (room != NULL)
		room->awaited = false;
	muc->door.open = true;
	DL_FOREACH_SAFE(*knocks, knock, next) {
		if (strcmp(knock->req->to->bare, jid) != 0)
			continue;
		DL_DELETE(*knocks, knock);
		let_in(muc, knock->req);
	}
	muc->door.open = false;
	door_tell_all(&muc->door);
}

void
door_open(struct muc *muc)
{
	struct knock *knocks = muc->door.knocks;

	muc->door.knocks = NULL;
	muc->door.count = 0;
	while (knocks != NULL) {
		char *jid = str_dup(knocks->req->to->bare);

		open_to(muc, &knocks, jid);
		free(jid);
	}
}

static void
on_done(void *ctx)
{
	struct muc *muc = ctx;

	muc->door.waiting = false;
	/* Nobody could be told; those who wait are let in when it is back. */
	if (router_is_up(muc->runtime->router))
		door_open(muc);
}

static bool
is_busy(struct muc *muc)
{
	if (!muc->door.waiting)
		muc->door.waiting = fanout_when_done(muc->fanout, on_done, muc);
	return muc->door.waiting;
}

/* Somebody who wants to enter a room that has others in it, and who is not
   told why not at once. */
static bool
is_newcomer(const struct room *room, const struct request *req)
{
	const struct xml *el = req->stanza.el;

	return req->stanza.kind == STANZA_PRESENCE &&
	       *req->stanza.type == '\0' && *req->to->resource != '\0' &&
	       xml_child(el, NS_MUC, "x") != NULL &&
	       room->state == ROOM_OPEN && room->sessions != NULL &&
	       session_find(room, req->from->full) == NULL &&
	       filter_length(el) <= room->muc->settings->max_presence;
}

static void
wait_at(struct door *door, struct request *req)
{
	struct knock *knock = arena_alloc(req->arena, sizeof(*knock));

	knock->req = req;
	DL_APPEND(door->knocks, knock);
	door->count++;
}

int
door_admit(struct request *req, void *ctx, struct error *err)
{
	struct muc *muc = ctx;
	int ret = loading_admit(req, ctx, err);
	struct room *room = ret == 0 ? room_find(muc, req->to->bare) : NULL;

	if (room == NULL)
		return ret;
	if (is_newcomer(room, req) && is_busy(muc)) {
		wait_at(&muc->door, req);
		room->awaited = true;
		if (muc->door.count >= TOGETHER_MAX)
			door_open(muc);
		return REQUEST_PARKED;
	}
	if (room->awaited)
		door_open(muc);
	return 0;
}
