#include <string.h>

#include "components/muc/attendance.h"
#include "components/muc/chronicle.h"
#include "components/muc/chronicle_entry.h"
#include "components/muc/coverage.h"
#include "components/muc/filter.h"
#include "components/muc/handlers.h"
#include "components/muc/history.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/pseudonym.h"
#include "components/muc/queue.h"
#include "components/muc/release.h"
#include "components/muc/room.h"
#include "components/muc/talk.h"
#include "components/muc/template.h"
#include "components/muc/tomb.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/content.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/metric.h"
#include "shared/ns.h"
#include "shared/query.h"
#include "shared/router.h"
#include "shared/xml.h"

int
talk_too_large(struct error *err)
{
	return error_set_type(err, ERROR_POLICY_VIOLATION, ERROR_TYPE_MODIFY,
			      "the message is too large");
}

int
talk_check(const struct request *req, struct occupant *who, struct error *err)
{
	struct muc *muc = who->room->muc;

	if (filter_length(req->stanza.el) > muc->settings->max_message)
		return talk_too_large(err);
	/* All that he said in an hour may come at once. */
	if (release_delay(muc, req) != NULL)
		return 0;
	return quota_take(muc, who->jid, QUOTA_MESSAGE, err);
}

int
talk_check_request(struct muc *muc, const struct request *req,
		   struct error *err)
{
	if (filter_length(req->stanza.el) > muc->settings->max_message)
		return talk_too_large(err);
	return quota_take(muc, req->from->bare, QUOTA_REQUEST, err);
}

/* What people said is history; typing notifications and the like are not, and
   neither are subjects (7.2.13). */
static bool
is_history(const struct xml *message)
{
	if (content_hints(message, "no-store") ||
	    content_hints(message, "no-permanent-store"))
		return false;
	if (xml_child(message, NS_CLIENT, "body") != NULL)
		return true;
	return content_hints(message, "store") &&
	       xml_child(message, NS_CLIENT, "subject") == NULL;
}

/* When it was said, as an owner says who continues a chat (7.9); the history
   then has a delay of its own. */
static int64_t
take_stamp(struct xml *message, int64_t came)
{
	struct xml *delay = xml_child(message, NS_DELAY, "delay");
	int64_t stamp = came;

	if (xml_attr(delay, "stamp") != NULL)
		clock_parse(xml_attr(delay, "stamp"), &stamp);
	for (; delay != NULL; delay = xml_child(message, NS_DELAY, "delay"))
		xml_remove(delay);
	return stamp;
}

/* One that is passed on, and what becomes of it then. */
struct remark {
	struct muc *muc;
	struct request *req;
	const struct occupant *who;
	bool history, archived, unseen;
	bool logged;			/* the archive has it already */
	const char *id;			/* NULL: it is not kept */
	talk_fn *then;			/* may be NULL */
	int64_t created;		/* the room */
	int64_t stamp;			/* not after its serial */
	struct xml *occupant_id, *stanza_id;	/* in the message */
};

static struct remark
remark_of(struct request *req, const struct occupant *who)
{
	const struct xml *message = req->stanza.el;
	const struct xml *delay = release_delay(who->room->muc, req);
	struct remark remark = {
		.muc = who->room->muc, .req = req, .who = who,
		.created = who->room->created,
		.stamp = release_stamp(delay, clock_now()),
		.history = is_history(message),
		.archived = coverage_wants(who->room, message),
		.unseen = coverage_wants_unseen(who->room, message),
	};
	char *id;

	if (remark.history || remark.archived || remark.unseen) {
		id = arena_alloc(req->arena, QUERY_ID_SIZE);
		query_make_id(id);
		remark.id = id;
	}
	return remark;
}

/* What is kept can be named by others then, and is known again by whoever gets
   it twice (XEP-0359). */
static struct xml *
add_stanza_id(const struct remark *remark)
{
	struct arena *arena = remark->req->arena;
	struct xml *el = xml_add(arena, remark->req->stanza.el, NS_SID,
				 "stanza-id");

	xml_set(arena, el, "by", remark->who->room->jid);
	return xml_set(arena, el, "id", remark->id);
}

static void
add_ids(struct remark *remark)
{
	remark->occupant_id = pseudonym_add(remark->req->arena,
					    remark->req->stanza.el,
					    remark->who->pseudonym);
	if (remark->history || remark->archived)
		remark->stanza_id = add_stanza_id(remark);
}

static struct chronicle_entry
entry_of(const struct remark *remark)
{
	return (struct chronicle_entry){
		.room = remark->who->room, .stanza = &remark->req->stanza,
		.nick = remark->who->nick, .uid = remark->id,
		.stamp = remark->stamp, .unseen = remark->unseen,
	};
}

/* The archive tells both ids by itself, and when it was sent, whatever an owner
   says of that. */
static void
archive(const struct remark *remark)
{
	const struct chronicle_entry entry = entry_of(remark);

	xml_remove(remark->occupant_id);
	if (remark->stanza_id != NULL)
		xml_remove(remark->stanza_id);
	attendance_note(entry.room, clock_now());
	chronicle_add(entry.room->muc->chronicle, remark->req->arena, &entry);
}

static void
keep(const struct remark *remark, struct template *template)
{
	struct xml *message = remark->req->stanza.el;
	struct room *room = remark->who->room;
	bool past = xml_child(message, NS_DELAY, "delay") != NULL;
	int64_t stamp = take_stamp(message, remark->stamp);

	if (past) {
		template_fini(template);
		template_init(template, message);
	}
	if (remark->history) {
		history_add(room, template, stamp,
			    tomb_original(room, remark->req->arena, message,
					  remark->who->pseudonym),
			    room->muc->settings->history);
		roomstore_save_message(room);
	}
	if ((remark->archived || remark->unseen) && !remark->logged)
		archive(remark);
}

static void
retract(const struct remark *remark)
{
	const struct chronicle_entry entry = entry_of(remark);

	tomb_retract(remark->who->room, &entry, remark->who->pseudonym,
		     remark->archived || remark->unseen);
}

static int
reflect(struct remark *remark, struct error *err)
{
	const struct occupant *who = remark->who;
	struct muc *muc = who->room->muc;
	struct template template;
	bool sent;

	add_ids(remark);
	template_init(&template, remark->req->stanza.el);
	sent = room_broadcast(who->room, &template);
	if (sent && remark->id != NULL)
		keep(remark, &template);
	template_fini(&template);
	if (!sent)
		return talk_too_large(err);
	retract(remark);
	metric_add(muc->messages, 1);
	metric_add(muc->deliveries, HASH_COUNT(who->room->sessions));
	if (remark->then != NULL)
		remark->then(remark->req, who);
	return 0;
}

/* Others may have ended the room meanwhile, or thrown him out. */
static int
find_author(struct remark *remark, struct error *err)
{
	const struct request *req = remark->req;
	const struct room *room = room_find(remark->muc, req->to->bare);
	struct session *session;

	if (room == NULL || room->created != remark->created)
		return error_set(err, ERROR_NOT_ACCEPTABLE,
				 "you are not in the room");
	if (room_require_session(room, req, &session, err) < 0)
		return -1;
	remark->who = session->occupant;
	return 0;
}

static void
on_logged(void *ctx, const struct error *err)
{
	struct remark *remark = ctx;
	struct muc *muc = remark->muc;
	struct room *room = room_find(muc, remark->req->to->bare);
	int64_t created = remark->created;
	struct error own;

	if (err == NULL && (find_author(remark, &own) < 0 ||
			    reflect(remark, &own) < 0))
		err = &own;
	request_finish(remark->req, err);
	if (room != NULL && room->created == created)
		queue_let_go(room);
}

/* As it goes into the archive, without the time at which an owner says that it
   was said. */
static struct stanza
stanza_of(const struct remark *remark)
{
	struct stanza stanza = remark->req->stanza;

	stanza.el = xml_copy(remark->req->arena, stanza.el);
	take_stamp(stanza.el, remark->stamp);
	return stanza;
}

static bool
fits(const struct remark *remark)
{
	struct remark copy = *remark;
	struct router *router = remark->muc->runtime->router;
	struct template template;
	struct router_template view;
	bool ret;

	add_ids(&copy);
	template_init(&template, copy.req->stanza.el);
	view = template_view(&template);
	ret = router_fits(router, &view);
	template_fini(&template);
	xml_remove(copy.occupant_id);
	if (copy.stanza_id != NULL)
		xml_remove(copy.stanza_id);
	return ret;
}

/* What is asked of the room next waits for that. */
static int
log_first(const struct remark *remark, struct error *err)
{
	struct arena *arena = remark->req->arena;
	struct remark *later = arena_alloc(arena, sizeof(*later));
	struct room *room = remark->who->room;
	struct chronicle_entry entry = entry_of(remark);
	struct stanza stanza = stanza_of(remark);

	if (!fits(remark))
		return talk_too_large(err);
	*later = *remark;
	later->logged = true;
	entry.stanza = &stanza;
	attendance_note(room, clock_now());
	if (chronicle_add_first(room->muc->chronicle, &entry, on_logged,
				later, err) < 0)
		return -1;
	queue_hold(room);
	return REQUEST_PARKED;
}

int
talk_reflect(struct request *req, const struct occupant *who, talk_fn *then,
	     struct error *err)
{
	struct room *room = who->room;
	struct xml *message = req->stanza.el;
	bool owner = who->affiliation == AFFILIATION_OWNER;
	struct remark remark;

	if (tomb_check(room, message, err) < 0)
		return -1;
	filter_message(room, owner, release_delay(room->muc, req), message);
	xml_set(req->arena, message, "from",
		room_address(room, req->arena, who->nick));
	remark = remark_of(req, who);
	remark.then = then;
	if ((remark.archived || remark.unseen) &&
	    chronicle_is_first(room->muc->chronicle))
		return log_first(&remark, err);
	return reflect(&remark, err);
}

/* Section 7.4. */
int
muc_on_groupchat(struct request *req, void *ctx, struct error *err)
{
	const struct muc *muc = ctx;
	struct session *session;
	struct room *room;

	if (room_require(muc, req, &room, err) < 0 ||
	    room_require_session(room, req, &session, err) < 0)
		return -1;
	if (session->occupant->role < ROLE_PARTICIPANT)
		return error_set(err, ERROR_FORBIDDEN,
				 "visitors may not speak here");
	if (talk_check(req, session->occupant, err) < 0)
		return -1;
	return talk_reflect(req, session->occupant, NULL, err);
}

/* A private message of type groupchat (7.5). */
int
muc_on_groupchat_to_occupant(struct request *req, void *ctx,
			     struct error *err)
{
	const struct muc *muc = ctx;
	struct session *session;
	struct room *room;

	if (room_require(muc, req, &room, err) < 0 ||
	    room_require_session(room, req, &session, err) < 0)
		return -1;
	return error_set(err, ERROR_BAD_REQUEST,
			 "a private message is not of type groupchat");
}
