#include "components/muc/attendance.h"
#include "components/muc/chronicle.h"
#include "components/muc/chronicle_entry.h"
#include "components/muc/coverage.h"
#include "components/muc/erasure.h"
#include "components/muc/handlers.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/pseudonym.h"
#include "components/muc/queue.h"
#include "components/muc/room.h"
#include "components/muc/talk.h"
#include "components/muc/template.h"
#include "components/muc/tomb.h"
#include "shared/archive_tombstone.h"
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
	int64_t stamp;			/* when it was asked for */
	const char *target;		/* the message's id */
	struct xml *by;			/* <moderated/> */
	const char *reason;		/* or NULL */
	const char *id;			/* of the message that tells all */
	const char *uid;		/* the room's for it */
	bool archived;			/* that message itself */
};

static const char *
make_id(struct arena *arena)
{
	char *id = arena_alloc(arena, QUERY_ID_SIZE);

	query_make_id(id);
	return id;
}

static bool
is_archived(const struct room *room)
{
	return coverage_has(room->muc, &room->options);
}

static struct xml *
announcement(const struct moderation *moderation)
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
static struct stanza
stanza_of(const struct moderation *moderation, struct xml *message)
{
	const struct request *req = moderation->req;

	return (struct stanza){
		.kind = STANZA_MESSAGE, .el = message, .type = "groupchat",
		.id = moderation->id, .from = req->from, .to = req->to,
	};
}

/* All inside are shown it, with the id that the archive has for it. */
static void
show(const struct moderation *moderation, const struct room *room)
{
	struct arena *arena = moderation->req->arena;
	struct xml *message = announcement(moderation), *sid;
	struct template template;

	if (moderation->archived) {
		sid = xml_add(arena, message, NS_SID, "stanza-id");
		xml_set(arena, sid, "by", room->jid);
		xml_set(arena, sid, "id", moderation->uid);
	}
	template_init(&template, message);
	room_broadcast(room, &template);
	template_fini(&template);
}

static void
on_logged(void *ctx, const struct error *err)
{
	struct moderation *moderation = ctx;
	struct request *req = moderation->req;
	struct room *room = room_find(moderation->muc, req->to->bare);

	if (room != NULL && room->created != moderation->created)
		room = NULL;
	if (err == NULL && room != NULL)
		show(moderation, room);
	if (err == NULL)
		request_reply(req, NULL);
	request_finish(req, err);
	if (room != NULL)
		queue_let_go(room);
}

/* And has it go out of the archive.  Returns 0; REQUEST_PARKED: it is answered
   once all are told; or -1: nobody is, although it is removed, and the
   moderator may try again. */
static int
tell_all(struct moderation *moderation, struct room *room, struct error *err)
{
	struct chronicle *chronicle = moderation->muc->chronicle;
	struct arena *arena = moderation->req->arena;
	struct stanza stanza = stanza_of(moderation, announcement(moderation));
	struct chronicle_entry entry = {
		.room = room, .stanza = &stanza, .nick = "",
		.uid = moderation->uid, .stamp = moderation->stamp,
	};

	moderation->archived = is_archived(room);
	entry.unstored = !moderation->archived;
	if (moderation->archived)
		attendance_note(room, clock_now());
	if (entry.unstored || !chronicle_is_first(chronicle)) {
		show(moderation, room);
		if (chronicle != NULL)
			chronicle_add(chronicle, arena, &entry);
		return 0;
	}
	if (chronicle_add_first(chronicle, &entry, on_logged, moderation,
				err) < 0)
		return -1;
	queue_hold(room);
	return REQUEST_PARKED;
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
	struct room *room = room_find(moderation->muc, req->to->bare);
	struct error own;
	int ret = 0;

	if (err == NULL && (!found || room == NULL ||
			    room->created != moderation->created)) {
		refuse_unknown(&own);
		err = &own;
	}
	if (err == NULL)
		ret = tell_all(moderation, room, &own);
	if (ret == REQUEST_PARKED)
		return;
	if (err == NULL && ret == 0)
		request_reply(req, NULL);
	request_finish(req, ret < 0 ? &own : err);
}

/* What is not shown any more may be in the archive, be that switched off by
   now. */
static int
look_for(struct moderation *moderation, const struct room *room,
	 const char *left, struct error *err)
{
	const char *asker = moderation->req->from->bare;

	if (room->muc->chronicle == NULL)
		return refuse_unknown(err);
	if (erasure_check(room->muc, asker, err) < 0)
		return -1;
	erasure_start(&(struct erasure_plan){
		.room = room, .asker = asker, .uid = moderation->target,
		.retraction = moderation->uid, .left = left,
		.fn = on_erased, .ctx = moderation,
	});
	return REQUEST_PARKED;
}

static int
moderate(struct moderation *moderation, struct room *room, struct error *err)
{
	struct request *req = moderation->req;
	const struct archive_tombstone tombstone = {
		.stamp = moderation->stamp, .id = moderation->id,
		.moderated = moderation->by, .reason = moderation->reason,
	};
	const char *left = archive_tombstone_print(req->arena, &tombstone);
	const struct chronicle *chronicle = room->muc->chronicle;
	int ret;

	if (!tomb_is_id(moderation->target))
		return refuse_unknown(err);
	if (chronicle != NULL && chronicle_check_room(chronicle, err) < 0)
		return -1;
	if (!tomb_bury(room, moderation->target, NULL, left))
		return look_for(moderation, room, left, err);
	ret = tell_all(moderation, room, err);
	if (ret == 0)
		request_reply(req, NULL);
	return ret;
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

	moderation->req = req;
	moderation->muc = muc;
	moderation->created = who->room->created;
	moderation->id = make_id(arena);
	moderation->uid = make_id(arena);
	moderation->archived = false;
	moderation->stamp = clock_now();
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
	if (talk_check(req, session->occupant, err) < 0)
		return -1;
	return moderate(read_moderation(muc, req, session->occupant), room,
			err);
}
