#include "components/muc/loading.h"

#include <stdlib.h>
#include <string.h>

#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "components/muc/roomstore.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/xml.h"

/* Beyond this many, people are told to come again. */
#define WAITING_MAX 1000

struct waiting {
	struct request *req;
	struct waiting *next;
};

/* An unloaded room has nobody in it: leaving it, or an error from one who was
   there, does not matter. */
static bool
needs_room(const struct request *req)
{
	const char *type = req->stanza.type;

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

static void
resume_all(struct waiting *waiting, const struct error *err)
{
	while (waiting != NULL) {
		struct waiting *next = waiting->next;

		if (err != NULL)
			request_finish(waiting->req, err);
		else
			request_resume(waiting->req);
		free(waiting);
		waiting = next;
	}
}

static void
on_loaded(struct room *room, bool found, const struct error *err)
{
	struct waiting *waiting = room->waiting;

	room->waiting = NULL;
	room->waiting_count = 0;
	if (found && err == NULL)
		room->state = ROOM_OPEN;
	else
		room_free(&room);
	resume_all(waiting, err);
}

static int
wait_for(struct room *room, struct request *req, struct error *err)
{
	struct waiting *waiting, **at = &room->waiting;

	if (room->waiting_count == WAITING_MAX)
		return error_set(err, ERROR_RESOURCE_CONSTRAINT,
				 "the room is being loaded");
	waiting = calloc(1, sizeof(*waiting));
	ensure(waiting != NULL);
	waiting->req = req;
	while (*at != NULL)
		at = &(*at)->next;
	*at = waiting;
	room->waiting_count++;
	return REQUEST_PARKED;
}

int
loading_admit(struct request *req, void *ctx, struct error *err)
{
	struct muc *muc = ctx;
	struct room *room;

	if (*req->to->local == '\0')
		return 0;
	HASH_FIND_STR(muc->rooms, req->to->bare, room);
	if (room == NULL) {
		if (!needs_room(req))
			return 0;
		room = room_new(muc, req->to->bare, ROOM_LOADING);
		roomstore_load(room, on_loaded);
	}
	if (room->state != ROOM_LOADING)
		return 0;
	return wait_for(room, req, err);
}
