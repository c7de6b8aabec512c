#include "components/muc/attendance.h"
#include "components/muc/chronicle.h"
#include "components/muc/erasure.h"
#include "components/muc/handlers.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/pseudonym.h"
#include "components/muc/room.h"
#include "components/muc/talk.h"
#include "components/muc/template.h"
#include "components/muc/tomb.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/query.h"
#include "shared/xml.h"

/* A moderator's request. */
struct moderation {
	struct request *req;
	struct muc *muc;
	int64_t created;		/* the room, as another may get its
					   name */
	const char *target;		/* the message's id */
	struct xml *by;			/* <moderated/> */
	const char *reason;		/* or NULL */
	const char *id;			/* of the message that tells all */
};

static bool
is_archived(const struct room *room)
{
	return chronicle_covers(room->muc->chronicle, &room->options);
}

static struct xml *
announcement(struct moderation *moderation)
{
	struct arena *arena = moderation->req->arena;
	struct xml *message = stanza_new(arena, "message",
					 moderation->req->to->bare, NULL,
					 "groupchat");
	struct xml *retract = xml_add(arena, message, NS_RETRACT, "retract");

	xml_set(arena, message, "id", moderation->id);
	xml_set(arena, retract, "id", moderation->target);
	xml_append(retract, xml_copy(arena, moderation->by));
	if (moderation->reason != NULL)
		xml_add_text(arena, retract, NULL, "reason",
			     moderation->reason);
	return message;
}

/* It is the room that says it. */
static void
archive(const struct moderation *moderation, const struct room *room,
	struct xml *message, const char *uid)
{
	const struct request *req = moderation->req;
	const struct stanza stanza = {
		.kind = STANZA_MESSAGE, .el = message, .type = "groupchat",
		.id = moderation->id, .from = req->from, .to = req->to,
	};

	attendance_note(room, clock_now());
	chronicle_add(moderation->muc->chronicle, req->arena,
		      &(struct chronicle_entry){
		.room = room, .stanza = &stanza, .nick = "", .uid = uid,
		.stamp = clock_now(),
	});
}

static void
tell_all(struct moderation *moderation, const struct room *room)
{
	struct arena *arena = moderation->req->arena;
	struct xml *message = announcement(moderation), *sid = NULL;
	char *uid = arena_alloc(arena, QUERY_ID_SIZE);
	struct template template;

	query_make_id(uid);
	if (is_archived(room)) {
		sid = xml_add(arena, message, NS_SID, "stanza-id");
		xml_set(arena, sid, "by", room->jid);
		xml_set(arena, sid, "id", uid);
	}
	template_init(&template, message);
	room_broadcast(room, &template);
	template_fini(&template);
	if (sid == NULL)
		return;
	xml_remove(sid);
	archive(moderation, room, message, uid);
}

static int
refuse_unknown(struct error *err)
{
	return error_set(err, ERROR_ITEM_NOT_FOUND, "no such message");
}

static void
on_erased(void *ctx, bool found, const struct error *err)
{
	struct moderation *moderation = ctx;
	struct request *req = moderation->req;
	const struct room *room = room_find(moderation->muc, req->to->bare);
	struct error own;

	if (err == NULL && (!found || room == NULL ||
			    room->created != moderation->created)) {
		refuse_unknown(&own);
		err = &own;
	}
	if (err == NULL) {
		tell_all(moderation, room);
		request_reply(req, NULL);
	}
	request_finish(req, err);
}

static int
moderate(struct moderation *moderation, struct room *room, struct error *err)
{
	struct request *req = moderation->req;
	const struct tomb tomb = {
		.id = moderation->id, .moderated = moderation->by,
		.reason = moderation->reason,
	};
	const char *left = tomb_print(req->arena, &tomb);
	/* What was archived before may be, whatever the room is now. */
	bool archived = room->muc->chronicle != NULL;
	bool shown;

	if (!tomb_is_id(moderation->target))
		return refuse_unknown(err);
	if (archived &&
	    erasure_check(room->muc, req->from->bare, false, err) < 0)
		return -1;
	shown = tomb_bury(room, moderation->target, NULL, left);
	if (!shown && !archived)
		return refuse_unknown(err);
	if (archived)
		erasure_start(&(struct erasure_plan){
			.room = room, .asker = req->from->bare,
			.uid = moderation->target, .left = left,
			.fn = shown ? NULL : on_erased, .ctx = moderation,
		});
	if (!shown)
		return REQUEST_PARKED;
	tell_all(moderation, room);
	request_reply(req, NULL);
	return 0;
}

static struct xml *
moderated_by(struct request *req, const struct occupant *who)
{
	struct xml *by = xml_new(req->arena, NS_MODERATE, "moderated");

	xml_set(req->arena, by, "by",
		room_address(who->room, req->arena, who->nick));
	pseudonym_add(req->arena, by, who->pseudonym);
	return by;
}

static struct moderation *
read_moderation(struct muc *muc, struct request *req,
		const struct occupant *who)
{
	struct arena *arena = req->arena;
	struct moderation *moderation = arena_alloc(arena,
						    sizeof(*moderation));
	char *id = arena_alloc(arena, QUERY_ID_SIZE);

	query_make_id(id);
	moderation->req = req;
	moderation->muc = muc;
	moderation->created = who->room->created;
	moderation->id = id;
	moderation->target = xml_attr(req->payload, "id");
	moderation->by = moderated_by(req, who);
	moderation->reason = xml_child_text(arena, req->payload, NS_MODERATE,
					    "reason");
	return moderation;
}

/* XEP-0425. */
int
muc_on_moderate(struct request *req, void *ctx, struct error *err)
{
	struct muc *muc = ctx;
	struct session *session;
	struct room *room;

	if (room_require(muc, req, &room, err) < 0 ||
	    room_require_session(room, req, &session, err) < 0)
		return -1;
	if (session->occupant->role != ROLE_MODERATOR)
		return error_set(err, ERROR_FORBIDDEN,
				 "only moderators retract what others said");
	if (xml_attr(req->payload, "id") == NULL ||
	    xml_child(req->payload, NS_RETRACT, "retract") == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "nothing is to be retracted");
	if (talk_check(muc, session->occupant, req->stanza.el, err) < 0)
		return -1;
	return moderate(read_moderation(muc, req, session->occupant), room,
			err);
}
