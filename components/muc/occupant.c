#include "components/muc/occupant.h"

#include <stdlib.h>
#include <string.h>

#include "components/muc/attendance.h"
#include "components/muc/filter.h"
#include "components/muc/room.h"
#include "components/muc/roomstore.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/fanout.h"
#include "shared/jid.h"
#include "shared/str.h"
#include "shared/xml.h"

struct occupant *
occupant_find(const struct room *room, const char *nick)
{
	struct occupant *occupant;

	HASH_FIND_STR(room->occupants, nick, occupant);
	return occupant;
}

struct session *
session_find(const struct room *room, const char *jid)
{
	struct session *session;

	HASH_FIND_STR(room->sessions, jid, session);
	return session;
}

struct session *
session_of(const struct room *room, const char *bare)
{
	struct session *session = room->sessions;

	while (session != NULL &&
	       strcmp(session->occupant->jid, bare) != 0)
		session = session->hh.next;
	return session;
}

static struct occupant *
occupant_new(struct room *room, const char *nick, const char *jid)
{
	struct occupant *occupant = calloc(1, sizeof(*occupant));

	ensure(occupant != NULL);
	occupant->room = room;
	occupant->nick = str_dup(nick);
	occupant->jid = str_dup(jid);
	pseudonym_make(room->key, jid, occupant->pseudonym);
	HASH_ADD_KEYPTR(hh, room->occupants, occupant->nick,
			strlen(occupant->nick), occupant);
	return occupant;
}

static void
occupant_free(struct occupant *occupant)
{
	HASH_DEL(occupant->room->occupants, occupant);
	free(occupant->nick);
	free(occupant->jid);
	free(occupant);
}

/* Most addresses need no escaping; those share one string. */
static void
set_to(struct session *session)
{
	struct str to = { 0 };

	xml_escape(&to, session->jid);
	session->to_len = to.len;
	if (strcmp(to.data, session->jid) == 0) {
		session->to = session->jid;
		str_fini(&to);
	} else {
		session->to = to.data;
	}
}

static void
attach(struct session *session, struct occupant *occupant)
{
	session->occupant = occupant;
	session->next = occupant->sessions;
	occupant->sessions = session;
}

static void
detach(struct session *session)
{
	struct session **at = &session->occupant->sessions;

	while (*at != session)
		at = &(*at)->next;
	*at = session->next;
}

struct session *
session_new(struct room *room, const char *nick, const struct jid *jid)
{
	struct occupant *occupant = occupant_find(room, nick);
	struct session *session = calloc(1, sizeof(*session));

	ensure(session != NULL);
	if (occupant == NULL)
		occupant = occupant_new(room, nick, jid->bare);
	session->jid = str_dup(jid->full);
	set_to(session);
	session->presence = str_dup("");
	session->serial = ++room->serial;
	attach(session, occupant);
	HASH_ADD_KEYPTR(hh, room->sessions, session->jid,
			strlen(session->jid), session);
	attendance_enter(room, jid->bare);
	roomstore_save_session(session);
	return session;
}

struct session *
session_restore(struct room *room, const struct session_past *past)
{
	const struct occupant *holder = occupant_find(room, past->nick);
	struct session *session;

	/* Somebody has edited the table. */
	if (*past->nick == '\0' || session_find(room, past->jid->full) ||
	    (holder != NULL && strcmp(holder->jid, past->jid->bare) != 0))
		return NULL;
	session = session_new(room, past->nick, past->jid);
	free(session->presence);
	session->presence = str_dup(past->presence);
	session->changed = past->changed;
	session->serial = past->serial;
	if (past->serial > room->serial)
		room->serial = past->serial;
	session->occupant->role = past->role;
	session->occupant->affiliation = past->affiliation;
	return session;
}

void
session_free(struct session **gone)
{
	struct session *session = *gone;
	struct occupant *occupant = session->occupant;

	roomstore_drop_session(session);
	attendance_leave(occupant->room, occupant->jid);
	detach(session);
	HASH_DEL(occupant->room->sessions, session);
	if (session->to != session->jid)
		free(session->to);
	free(session->jid);
	free(session->presence);
	free(session);
	if (occupant->sessions == NULL)
		occupant_free(occupant);
	*gone = NULL;
}

void
session_send(const struct session *to, struct fanout *fanout,
	     struct router_template *stanza)
{
	if (to == NULL)
		fanout_send(fanout, stanza);
	else
		fanout_send_to(fanout, stanza, to->to, to->to_len);
}

void
session_set_presence(struct session *session, const struct xml *presence)
{
	struct str text = { 0 };

	filter_print(&text, session->occupant->room, presence);
	free(session->presence);
	session->presence = str_dup(text.data ? text.data : "");
	str_fini(&text);
	session->changed = clock_now();
	detach(session);
	attach(session, session->occupant);
	roomstore_save_session(session);
}

void
session_rename(struct session *session, const char *nick)
{
	struct occupant *was = session->occupant;
	struct occupant *is = occupant_find(was->room, nick);

	if (is == NULL) {
		is = occupant_new(was->room, nick, was->jid);
		is->role = was->role;
		is->affiliation = was->affiliation;
		is->presences = was->presences;
	}
	detach(session);
	attach(session, is);
	if (was->sessions == NULL)
		occupant_free(was);
	roomstore_save_session(session);
}
