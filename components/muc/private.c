#include <string.h>

#include "components/muc/filter.h"
#include "components/muc/handlers.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/pseudonym.h"
#include "components/muc/release.h"
#include "components/muc/room.h"
#include "components/muc/talk.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/xml.h"

static bool
may_send(const struct occupant *who)
{
	switch ((enum option_allowpm)who->room->options.allowpm) {
	case ALLOWPM_ANYONE:
		return true;
	case ALLOWPM_PARTICIPANTS:
		return who->role >= ROLE_PARTICIPANT;
	case ALLOWPM_MODERATORS:
		return who->role == ROLE_MODERATOR;
	case ALLOWPM_NONE:
		break;
	}
	return false;
}

/* To every client of the recipient, marked as a private message of a room so
   that other clients of theirs can follow (7.5). */
static int
deliver(struct request *req, const struct occupant *from,
	const struct occupant *to, struct error *err)
{
	struct xml *message = req->stanza.el;
	int ret = 0;

	filter_message(from->room, false,
		       release_delay(from->room->muc, req), message);
	pseudonym_add(req->arena, message, from->pseudonym);
	xml_add(req->arena, message, NS_MUC_USER, "x");
	xml_set(req->arena, message, "from",
		room_address(from->room, req->arena, from->nick));
	for (const struct session *at = to->sessions; at; at = at->next)
		ret |= runtime_send(req->runtime,
				    xml_set(req->arena, message, "to",
					    at->jid));
	return ret < 0 ? talk_too_large(err) : 0;
}

/* Section 7.5. */
int
muc_on_private(struct request *req, void *ctx, struct error *err)
{
	const struct muc *muc = ctx;
	const struct occupant *to;
	struct session *session;
	struct room *room;

	if (room_require(muc, req, &room, err) < 0 ||
	    room_require_session(room, req, &session, err) < 0)
		return -1;
	to = occupant_find(room, req->to->resource);
	if (to == NULL)
		return error_set(err, ERROR_ITEM_NOT_FOUND,
				 "nobody of that nick is here");
	if (!may_send(session->occupant))
		return error_set(err, ERROR_FORBIDDEN,
				 "you may not send private messages here");
	if (talk_check(req, session->occupant, err) < 0)
		return -1;
	return deliver(req, session->occupant, to, err);
}
