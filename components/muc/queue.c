#include "components/muc/queue.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "components/muc/coverage.h"
#include "components/muc/loading.h"
#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/str.h"

/* Beyond this many for a room or for all, or this much, people are told to
   come again. */
#define ROOM_MAX 5000
#define COUNT_MAX 10000
#define BYTES_MAX ((size_t)16 << 20)
/* Of a room, on their way into the journal at once. */
#define HELD_MAX 100

int
queue_check(const struct loading *loading, const struct room *room,
	    size_t bytes, struct error *err)
{
	if ((room == NULL || room->waiting_count < ROOM_MAX) &&
	    loading->count < COUNT_MAX &&
	    (loading->count == 0 || loading->bytes + bytes <= BYTES_MAX))
		return 0;
	return error_set_type(err, ERROR_RESOURCE_CONSTRAINT, ERROR_TYPE_WAIT,
			      "too much waits for rooms");
}

struct waiting *
queue_add(struct room *room, struct request *req, size_t bytes)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	ensure(waiting != NULL);
	waiting->req = req;
	waiting->bytes = bytes;
	room->muc->loading.count++;
	room->muc->loading.bytes += bytes;
	DL_APPEND(room->waiting, waiting);
	room->waiting_count++;
	return waiting;
}

static struct request *
take_first(struct room *room)
{
	struct waiting *first = room->waiting;
	struct loading *loading = &room->muc->loading;
	struct request *req = first->req;

	DL_DELETE(room->waiting, first);
	room->waiting_count--;
	loading->count--;
	loading->bytes -= first->bytes;
	free(first);
	return req;
}

void
queue_hold(struct room *room)
{
	room->held++;
}

/* What goes into the journal as well comes out of it in order. */
static bool
is_archived(const struct room *room, const struct request *req)
{
	return req->stanza.kind == STANZA_MESSAGE &&
	       strcmp(req->stanza.type, "groupchat") == 0 &&
	       *req->to->resource == '\0' &&
	       coverage_wants(room, req->stanza.el);
}

static bool
may_go_along(const struct room *room, const struct request *req)
{
	return room->held < HELD_MAX && is_archived(room, req);
}

bool
queue_is_held(const struct room *room, const struct request *req)
{
	return room->held > 0 &&
	       !(room->waiting == NULL && may_go_along(room, req));
}

/* One by one: any of them may hold the room again, or end it. */
void
queue_let_go(struct room *room)
{
	const struct muc *muc = room->muc;
	int64_t created = room->created;
	char *jid = str_dup(room->jid);

	ensure(room->held > 0);
	room->held--;
	while (room != NULL && room->created == created &&
	       room->waiting != NULL &&
	       (room->held == 0 || may_go_along(room, room->waiting->req))) {
		request_resume(take_first(room));
		HASH_FIND_STR(muc->rooms, jid, room);
	}
	free(jid);
}

void
queue_give_up(struct room *room)
{
	struct error err;

	error_set(&err, ERROR_ITEM_NOT_FOUND, "no such room");
	while (room->waiting != NULL)
		request_finish(take_first(room), &err);
}
