#include "components/muc/nick.h"

#include <string.h>

#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/presence.h"
#include "components/muc/room.h"
#include "shared/error.h"
#include "shared/jid.h"

bool
nick_is_blank(const char *nick)
{
	return nick[strspn(nick, " \t\n")] == '\0';
}

/* A server may make as many as it likes, and each is told of all others. */
static int
check_clients(const struct occupant *holder, struct error *err)
{
	unsigned max = holder->room->muc->settings->max_clients;
	unsigned count = 0;

	if (max == 0)
		return 0;
	for (const struct session *at = holder->sessions; at != NULL;
	     at = at->next)
		count++;
	if (count < max)
		return 0;
	return error_set_type(err, ERROR_RESOURCE_CONSTRAINT, ERROR_TYPE_WAIT,
			      "too many of your clients are in the room");
}

int
nick_check(const struct room *room, const struct jid *account,
	   const char *nick, struct error *err)
{
	const struct occupant *holder = occupant_find(room, nick);
	const struct affiliate *owner =
		affiliate_find_nick(room->affiliates, nick);

	if (nick_is_blank(nick))
		return error_set(err, ERROR_JID_MALFORMED,
				 "nobody could see that nick");
	if (holder != NULL && strcmp(holder->jid, account->bare) != 0)
		return error_set(err, ERROR_CONFLICT,
				 "that nick is in use");
	if (owner != NULL && strcmp(owner->jid, account->bare) != 0)
		return error_set(err, ERROR_CONFLICT,
				 "that nick is reserved");
	return holder != NULL ? check_clients(holder, err) : 0;
}

const char *
nick_locked(const struct room *room, const struct jid *account)
{
	const struct affiliate *who;

	if (!room->muc->settings->lock_nicks)
		return NULL;
	who = affiliate_find(room->affiliates, account->bare);
	return who ? who->nick : NULL;
}

/* The old nick goes, with a word on the new one; when other clients of the
   account stay under it, only the one that changes is told. */
static void
tell_old(const struct session *session, const char *nick)
{
	struct notice notice = notice_of(session->occupant);

	notice.unavailable = true;
	notice.nick = nick;
	notice_add_code(notice.codes, STATUS_NEW_NICK);
	if (session->occupant->sessions->next == NULL)
		presence_broadcast(session, &notice);
	else
		presence_send(session, &notice, session);
}

/* Others of the account's clients stay under the old nick.  Whose presence was
   not that of the one that changed is seen as before; but for that one, to
   which the nick has become somebody else's. */
static void
tell_left(const struct session *left, const struct session *session,
	  bool was_seen)
{
	const struct occupant *occupant = left->occupant;
	struct notice notice = notice_of(occupant);

	if (was_seen)
		presence_broadcast(left, &notice);
	else if (presence_is_broadcast(occupant->room, occupant->role))
		presence_send(left, &notice, session);
}

static int
check(const struct session *session, const struct jid *account,
      const char *nick, struct error *err)
{
	const struct room *room = session->occupant->room;
	const char *locked = nick_locked(room, account);

	if (locked != NULL && strcmp(locked, nick) != 0)
		return error_set_type(err, ERROR_NOT_ACCEPTABLE,
				      ERROR_TYPE_CANCEL,
				      "your nick here is %s", locked);
	return nick_check(room, account, nick, err);
}

int
nick_change(struct session *session, const struct request *req,
	    struct error *err)
{
	const char *nick = req->to->resource;
	const struct session *first = session->occupant->sessions;
	const struct session *left = first == session ? first->next : first;
	struct notice notice;

	if (check(session, req->from, nick, err) < 0)
		return -1;
	tell_old(session, nick);
	session_rename(session, nick);
	session_set_presence(session, req->stanza.el);
	notice = notice_of(session->occupant);
	presence_broadcast(session, &notice);
	if (left != NULL)
		tell_left(left, session, first == session);
	return 0;
}

void
nick_set_availability(struct session *session, const struct request *req)
{
	struct notice notice = notice_of(session->occupant);

	session_set_presence(session, req->stanza.el);
	presence_broadcast(session, &notice);
}
