#include <string.h>

#include "components/muc/arrival.h"
#include "components/muc/coverage.h"
#include "components/muc/door.h"
#include "components/muc/filter.h"
#include "components/muc/handlers.h"
#include "components/muc/history.h"
#include "components/muc/leave.h"
#include "components/muc/muc.h"
#include "components/muc/nick.h"
#include "components/muc/occupant.h"
#include "components/muc/presence.h"
#include "components/muc/room.h"
#include "components/muc/visit.h"
#include "components/muc/witness.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/xml.h"

/* One attempt to enter. */
struct entry {
	const struct request *req;
	struct room *room;
	const struct xml *x;		/* the muc element */
	const char *nick;
	enum affiliation affiliation;
	bool created;
	struct history_request history;
	unsigned self[NOTICE_CODES];
};

static int
check_password(const struct entry *entry, struct error *err)
{
	const struct options *options = &entry->room->options;
	const char *password;

	if (!options->passwordprotectedroom)
		return 0;
	password = xml_child_text(entry->req->arena, entry->x, NS_MUC,
				  "password");
	if (password == NULL || strcmp(password, options->roomsecret) != 0)
		return error_set(err, ERROR_NOT_AUTHORIZED,
				 "a password is required");
	return 0;
}

/* Owners and admins are let in when others are not (7.2.9). */
static int
check_space(const struct entry *entry, struct error *err)
{
	const struct room *room = entry->room;
	unsigned max = room->options.maxusers;
	unsigned limit = room->muc->settings->max_occupants;

	if (max == 0 || (limit != 0 && limit < max))
		max = limit;
	if (max == 0 || HASH_COUNT(room->occupants) < max ||
	    entry->affiliation >= AFFILIATION_ADMIN ||
	    occupant_find(room, entry->nick) != NULL)
		return 0;
	return error_set_type(err, ERROR_SERVICE_UNAVAILABLE, ERROR_TYPE_WAIT,
			      "the room is full");
}

/* Sections 7.2.5 to 7.2.10. */
static int
check(struct entry *entry, struct error *err)
{
	const struct room *room = entry->room;
	const char *locked = nick_locked(room, entry->req->from);

	if (entry->affiliation == AFFILIATION_OUTCAST)
		return error_set(err, ERROR_FORBIDDEN, "you are banned");
	if (room->state == ROOM_LOCKED &&
	    entry->affiliation != AFFILIATION_OWNER)
		return error_set(err, ERROR_ITEM_NOT_FOUND,
				 "the room is not yet configured");
	if (room->options.membersonly &&
	    entry->affiliation < AFFILIATION_MEMBER)
		return error_set(err, ERROR_REGISTRATION_REQUIRED,
				 "only members may enter");
	if (check_password(entry, err) < 0)
		return -1;
	if (locked != NULL && strcmp(locked, entry->nick) != 0) {
		entry->nick = locked;
		notice_add_code(entry->self, STATUS_NICK_CHANGED_BY_SERVICE);
	}
	if (nick_check(room, entry->req->from, entry->nick, err) < 0)
		return -1;
	return check_space(entry, err);
}

/* Section 10.1.1. */
static int
create(struct muc *muc, struct entry *entry, struct error *err)
{
	const struct jid *creator = entry->req->from;
	bool locked = muc->settings->lock_new_rooms;

	if (!muc_may_create(muc, creator))
		return error_set(err, ERROR_NOT_ALLOWED,
				 "you may not create rooms");
	if (strlen(entry->req->to->bare) > ROOM_JID_BYTES)
		return error_set_type(err, ERROR_NOT_ACCEPTABLE,
				      ERROR_TYPE_MODIFY,
				      "the room's address has more than %d "
				      "bytes", ROOM_JID_BYTES);
	entry->room = room_new(muc, entry->req->to->bare,
			       locked ? ROOM_LOCKED : ROOM_OPEN);
	affiliation_set(&entry->room->affiliates, creator->bare,
			AFFILIATION_OWNER, NULL);
	entry->created = true;
	notice_add_code(entry->self, STATUS_CREATED);
	return 0;
}

/* What a newcomer must be told about the room (7.2.3, 7.2.12). */
static void
add_warnings(struct entry *entry)
{
	if (entry->room->options.whois == WHOIS_ANYONE)
		notice_add_code(entry->self, STATUS_ANYONE_SEES_JID);
	if (coverage_is_logged(entry->room->muc, &entry->room->options))
		notice_add_code(entry->self, STATUS_LOGGING_ON);
}

static struct arrival
arrival_of(struct entry *entry, struct session *session)
{
	struct arrival arrival = { .session = session,
				   .history = entry->history };

	add_warnings(entry);
	memcpy(arrival.self, entry->self, sizeof(arrival.self));
	return arrival;
}

static struct session *
add_session(struct entry *entry)
{
	struct room *room = entry->room;
	bool is_new = occupant_find(room, entry->nick) == NULL;
	struct session *session =
		session_new(room, entry->nick, entry->req->from);
	struct occupant *occupant = session->occupant;

	if (is_new) {
		occupant->affiliation = entry->affiliation;
		occupant->role = visit_role(room, occupant->jid,
					    entry->affiliation);
	}
	session_set_presence(session, entry->req->stanza.el);
	if (is_new)
		witness_joined(session);
	return session;
}

static int
read_history(const struct muc *muc, struct entry *entry, struct error *err)
{
	const struct options *options =
		entry->room ? &entry->room->options : &muc->defaults;

	return history_request(entry->x, options->maxhistoryfetch,
			       &entry->history, err);
}

/* Another client of one who is inside, and may have come just now, is not
   introduced with those who are new: it is the same person. */
static void
come_in(struct door *door, struct entry *entry)
{
	bool is_known = occupant_find(entry->room, entry->nick) != NULL;
	struct arrival arrival;

	if (is_known)
		door_tell_all(door);
	arrival = arrival_of(entry, add_session(entry));
	if (is_known)
		arrival_tell(&arrival);
	else
		door_tell(door, &arrival);
}

static int
enter(struct muc *muc, struct entry *entry, struct error *err)
{
	if (read_history(muc, entry, err) < 0)
		return -1;
	if (entry->room == NULL && create(muc, entry, err) < 0)
		return -1;
	entry->affiliation = room_affiliation(entry->room, entry->req->from);
	if (check(entry, err) < 0) {
		if (entry->created)
			room_free(&entry->room);
		return -1;
	}
	if (entry->created) {
		roomstore_save(entry->room);
		witness_created(entry->room, entry->req->from->bare);
	}
	come_in(&muc->door, entry);
	return 0;
}

/* Somebody who is inside asks to enter: he has lost track and is told all
   again (17.3). */
static int
enter_again(struct entry *entry, struct session *session, struct error *err)
{
	struct arrival arrival;

	if (read_history(entry->room->muc, entry, err) < 0)
		return -1;
	session_set_presence(session, entry->req->stanza.el);
	arrival = arrival_of(entry, session);
	arrival_tell(&arrival);
	return 0;
}

/* Whether somebody asks to enter again by another nick than the one that is
   locked for him, and that he has. */
static bool
is_kept_nick(const struct entry *entry, const struct session *session)
{
	const char *locked = nick_locked(entry->room, entry->req->from);
	const char *nick = session->occupant->nick;

	return entry->x != NULL && locked != NULL &&
	       strcmp(locked, nick) == 0 && strcmp(entry->nick, nick) != 0;
}

/* Presence of an occupant we do not know, from a client that thinks it is
   inside (7.2.18). */
static int
turn_away(const struct request *req)
{
	static const char *const codes[] = { "110", "307", "333" };
	struct arena *arena = req->arena;
	struct xml *presence = stanza_new(arena, "presence", req->to->full,
					  req->from->full, "unavailable");
	struct xml *x = xml_add(arena, presence, NS_MUC_USER, "x");
	struct xml *item = xml_add(arena, x, NULL, "item");

	xml_set(arena, item, "affiliation", "none");
	xml_set(arena, item, "role", "none");
	xml_add_text(arena, item, NULL, "reason", "You are not in the room.");
	for (size_t i = 0; i < 3; i++)
		xml_set(arena, xml_add(arena, x, NULL, "status"), "code",
			codes[i]);
	runtime_send(req->runtime, presence);
	return 0;
}

static int
check_presence(struct muc *muc, struct session *session,
	       const struct request *req, struct error *err)
{
	const struct muc_settings *settings = muc->settings;

	if (filter_length(req->stanza.el) > settings->max_presence)
		return error_set_type(err, ERROR_POLICY_VIOLATION,
				      ERROR_TYPE_MODIFY,
				      "the presence is too large");
	if (session != NULL &&
	    !limit_take(&session->occupant->presences, settings->presence_rate,
			settings->presence_burst, uv_now(muc->runtime->loop)))
		return error_set_type(err, ERROR_RESOURCE_CONSTRAINT,
				      ERROR_TYPE_WAIT,
				      "too many changes of presence");
	return 0;
}

int
muc_on_presence(struct request *req, void *ctx, struct error *err)
{
	struct muc *muc = ctx;
	struct room *room = room_find(muc, req->to->bare);
	struct session *session =
		room ? session_find(room, req->from->full) : NULL;
	struct entry entry = {
		.req = req, .room = room, .nick = req->to->resource,
		.x = xml_child(req->stanza.el, NS_MUC, "x"),
	};

	if (*req->stanza.type != '\0') {
		if (session != NULL)
			leave_room(room, session, req);
		return 0;
	}
	/* He may have come just now. */
	if (session != NULL)
		door_tell_all(&muc->door);
	if (check_presence(muc, session, req, err) < 0)
		return -1;
	/* Each time costs what others were told and say, be it in vain. */
	if (entry.x != NULL &&
	    quota_take(muc, req->from->bare, QUOTA_ENTER, err) < 0)
		return -1;
	if (session == NULL)
		return entry.x ? enter(muc, &entry, err) : turn_away(req);
	if (is_kept_nick(&entry, session)) {
		notice_add_code(entry.self, STATUS_NICK_CHANGED_BY_SERVICE);
	} else if (strcmp(session->occupant->nick, entry.nick) != 0) {
		if (nick_change(session, req, err) < 0)
			return -1;
	} else if (entry.x == NULL) {
		nick_set_availability(session, req);
	}
	return entry.x ? enter_again(&entry, session, err) : 0;
}

/* Without a nick nobody can enter (7.2.1). */
int
muc_on_presence_to_room(struct request *req, void *ctx, struct error *err)
{
	struct muc *muc = ctx;
	struct room *room = room_find(muc, req->to->bare);
	struct session *session =
		room ? session_find(room, req->from->full) : NULL;

	if (*req->stanza.type != '\0') {
		if (session != NULL)
			leave_room(room, session, req);
		return 0;
	}
	return error_set(err, ERROR_JID_MALFORMED, "a nick is required");
}
