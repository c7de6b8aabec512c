#include "components/muc/leave.h"

#include "components/muc/filter.h"
#include "components/muc/ghost.h"
#include "components/muc/handlers.h"
#include "components/muc/invite.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/presence.h"
#include "components/muc/room.h"
#include "components/muc/talk.h"
#include "components/muc/witness.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Section 7.14.  Who created a room and leaves before configuring it gives it
   up (10.1.3). */
void
leave_room(struct room *room, struct session *session,
	   const struct request *req)
{
	struct notice notice = notice_going(session->occupant);
	struct str payload = { 0 };

	if (room->state == ROOM_LOCKED && HASH_COUNT(room->sessions) == 1) {
		witness_left(session);
		witness_destroyed(room, session->occupant->jid, NULL);
		room_destroy(&room, req->arena, NULL, NULL, NULL);
		return;
	}
	filter_print(&payload, room, req->stanza.el);
	notice.payload = payload.data;
	room_remove(&session, &notice);
	str_fini(&payload);
	room_settle(&room);
}

/* An error that answers a private message goes back to its author; of what it
   holds only which error it is. */
static void
pass_on(const struct request *req, const struct error *what,
	const struct occupant *from, const struct occupant *to)
{
	struct arena *arena = req->arena;
	struct stanza message = {
		.kind = STANZA_MESSAGE, .type = "", .id = req->stanza.id,
		.to = req->to,
	};
	struct xml *el;

	for (const struct session *at = to->sessions; at; at = at->next) {
		message.el = stanza_new(arena, "message", at->jid,
					req->to->full, NULL);
		if (jid_parsez(arena, at->jid, &message.from,
			       &(struct error){ 0 }) < 0)
			continue;
		el = stanza_error(arena, &message, what, NULL);
		xml_set(arena, el, "from",
			room_address(from->room, arena, from->nick));
		runtime_send(req->runtime, el);
	}
}

/* Something that was sent came back (11.1, 18.1.2). */
int
muc_on_error(struct request *req, void *ctx, struct error *err)
{
	struct muc *muc = ctx;
	struct room *room = room_find(muc, req->to->bare);
	struct session *session =
		room ? session_find(room, req->from->full) : NULL;
	const struct occupant *author;
	struct error what;

	if (session == NULL) {
		invite_failed(muc, req);
		return 0;
	}
	filter_read_error(req->arena, req->stanza.el, &what);
	if (ghost_is_gone(&what)) {
		ghost_remove(room, session);
		return 0;
	}
	author = occupant_find(room, req->to->resource);
	if (req->stanza.kind == STANZA_MESSAGE && author != NULL &&
	    talk_check(req, session->occupant, err) == 0)
		pass_on(req, &what, session->occupant, author);
	return 0;
}
