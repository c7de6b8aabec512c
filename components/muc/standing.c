#include "components/muc/standing.h"

#include <string.h>

#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/presence.h"
#include "components/muc/room.h"
#include "components/muc/visit.h"
#include "components/muc/witness.h"
#include "components/muc/word.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/xml.h"

/* The longest reason: there may be thousands, and they are kept. */
#define REASON_BYTES 1000

struct actor
standing_actor(const struct room *room, const struct jid *jid)
{
	const struct session *session = session_find(room, jid->full);
	struct actor actor = {
		.jid = jid,
		.affiliation = room_affiliation(room, jid),
	};

	if (session != NULL) {
		actor.role = session->occupant->role;
		actor.nick = session->occupant->nick;
	}
	return actor;
}

/* Kicking, section 8.2; moderators are kicked by admins (5.1.3), unless by
   themselves. */
static int
check_kick(const struct actor *actor, const struct occupant *who,
	   struct error *err)
{
	if (who->role == ROLE_MODERATOR &&
	    actor->affiliation < AFFILIATION_ADMIN &&
	    strcmp(actor->jid->bare, who->jid) != 0)
		return error_set(err, ERROR_NOT_ALLOWED,
				 "%s is a moderator", who->nick);
	if (who->affiliation > actor->affiliation)
		return error_set(err, ERROR_NOT_ALLOWED,
				 "%s has a higher affiliation", who->nick);
	return 0;
}

/* Sections 8.4 and 9.7.  Two without affiliation are not each other's equals
   in the sense of 8.4: a moderator without one can still revoke voice. */
static int
check_demotion(const struct actor *actor, const struct occupant *who,
	       enum role role, struct error *err)
{
	bool powerful = who->affiliation >= AFFILIATION_ADMIN;

	if (role == ROLE_VISITOR && who->affiliation >= actor->affiliation &&
	    who->affiliation != AFFILIATION_NONE)
		return error_set(err, ERROR_NOT_ALLOWED,
				 "the voice of %s cannot be revoked",
				 who->nick);
	if (who->role == ROLE_MODERATOR && powerful && role != ROLE_MODERATOR)
		return error_set(err, ERROR_NOT_ALLOWED,
				 "%s is a moderator by affiliation",
				 who->nick);
	return 0;
}

int
standing_check_role(const struct actor *actor, const struct occupant *who,
		    enum role role, struct error *err)
{
	bool moderation = role == ROLE_MODERATOR ||
			  (who->role == ROLE_MODERATOR && role != ROLE_NONE);

	if (actor->role != ROLE_MODERATOR &&
	    actor->affiliation < AFFILIATION_ADMIN)
		return error_set(err, ERROR_FORBIDDEN,
				 "only moderators change roles");
	/* Nobody may do that, be he admin or not (8.4). */
	if (role == ROLE_VISITOR && who->affiliation >= AFFILIATION_ADMIN)
		return error_set(err, ERROR_NOT_ALLOWED,
				 "the voice of %s cannot be revoked",
				 who->nick);
	if (moderation && actor->affiliation < AFFILIATION_ADMIN)
		return error_set(err, ERROR_FORBIDDEN,
				 "only admins make and unmake moderators");
	if (role == ROLE_NONE)
		return check_kick(actor, who, err);
	return check_demotion(actor, who, role, err);
}

static bool
is_inside(const struct room *room, const struct jid *who)
{
	for (const struct occupant *at = room->occupants; at; at = at->hh.next)
		if (strcmp(at->jid, who->bare) == 0)
			return true;
	return false;
}

/* A domain stands for its accounts only where it is banned (9.2).  As anything
   more it would mean none of them, but a service that lives at the domain
   itself: one that we know. */
int
standing_check_address(const struct room *room, const struct jid *who,
		       enum affiliation affiliation, struct error *err)
{
	if (affiliation <= AFFILIATION_NONE || *who->local != '\0' ||
	    affiliation_of(room->affiliates, who) > AFFILIATION_NONE ||
	    is_inside(room, who))
		return 0;
	return error_set_type(err, ERROR_NOT_ACCEPTABLE, ERROR_TYPE_MODIFY,
			      "%s is a domain, which can only be banned",
			      who->bare);
}

int
standing_check_affiliation(const struct room *room, const struct actor *actor,
			   const struct jid *who, enum affiliation affiliation,
			   struct error *err)
{
	enum affiliation was = room_affiliation(room, who);

	if (actor->affiliation < AFFILIATION_ADMIN)
		return error_set(err, ERROR_FORBIDDEN,
				 "only admins change affiliations");
	if (standing_check_address(room, who, affiliation, err) < 0)
		return -1;
	if (affiliation == AFFILIATION_OUTCAST &&
	    jid_equal_bare(actor->jid, who))
		return error_set(err, ERROR_CONFLICT,
				 "you cannot ban yourself");
	if (affiliation == AFFILIATION_OUTCAST &&
	    muc_is_admin(room->muc, who))
		return error_set(err, ERROR_NOT_ALLOWED,
				 "%s administers the service", who->bare);
	if (actor->affiliation == AFFILIATION_OWNER)
		return 0;
	if (affiliation == AFFILIATION_OUTCAST && was >= AFFILIATION_ADMIN)
		return error_set(err, ERROR_NOT_ALLOWED,
				 "only owners ban admins and owners");
	if (affiliation >= AFFILIATION_ADMIN || was >= AFFILIATION_ADMIN)
		return error_set(err, ERROR_FORBIDDEN,
				 "only owners change admins and owners");
	return 0;
}

int
standing_check_reason(const char *reason, struct error *err)
{
	if (reason == NULL || strlen(reason) <= REASON_BYTES)
		return 0;
	return error_set_type(err, ERROR_POLICY_VIOLATION, ERROR_TYPE_MODIFY,
			      "a reason has at most %d bytes", REASON_BYTES);
}

int
standing_check_count(const struct room *room, size_t more, struct error *err)
{
	unsigned max = room->muc->settings->max_affiliations;

	if (more != 0 && HASH_COUNT(room->affiliates) + more > max)
		return error_set(err, ERROR_RESOURCE_CONSTRAINT,
				 "the room has too many affiliations");
	return 0;
}

/* All clients of an occupant go. */
static void
remove_occupant(struct occupant *who, const char *by, struct notice *notice)
{
	struct session *session = who->sessions;

	witness_removed(who, by, notice);
	visit_forget(who->room, who->jid);
	for (struct session *at = session->next, *next; at; at = next) {
		next = at->next;
		presence_send(at, notice, at);
		session_free(&at);
	}
	presence_broadcast(session, notice);
	session_free(&session);
}

/* A moderator sees real addresses, from now on also those of the people who
   were there before (7.2.4). */
static void
change_role(struct occupant *who, const struct notice *notice)
{
	bool sees_more = notice->role == ROLE_MODERATOR &&
			 who->role != ROLE_MODERATOR &&
			 who->room->options.whois == WHOIS_MODERATORS;

	presence_change_role(who, notice->role);
	presence_broadcast(who->sessions, notice);
	for (const struct session *at = who->sessions; sees_more && at;
	     at = at->next)
		presence_send_others(at);
}

void
standing_set_role(struct occupant *who, const struct standing *change)
{
	struct notice notice = notice_of(who);

	notice.actor = change->actor;
	notice.reason = change->reason;
	notice.role = change->role;
	if (change->role == ROLE_NONE) {
		notice.unavailable = true;
		notice_add_code(notice.codes, STATUS_KICKED);
		remove_occupant(who, change->by, &notice);
		return;
	}
	if (change->role == who->role)
		return;
	change_role(who, &notice);
}

/* The role that goes with a new affiliation (section 5.1.3): it is gained at
   once, and given up only with the power that implied it. */
static enum role
role_after(const struct occupant *who, enum affiliation was,
	   enum affiliation is)
{
	bool moderated = who->room->options.moderatedroom;
	enum role usual = role_on_entering(is, moderated);

	if (usual > who->role)
		return usual;
	if (was >= AFFILIATION_ADMIN && is < AFFILIATION_ADMIN)
		return usual;
	return who->role;
}

/* The code for somebody who may not stay, or 0. */
static unsigned
code_for_removal(const struct room *room, enum affiliation affiliation)
{
	if (affiliation == AFFILIATION_OUTCAST)
		return STATUS_BANNED;
	if (room->options.membersonly && affiliation < AFFILIATION_MEMBER)
		return STATUS_NO_LONGER_AFFILIATED;
	return 0;
}

static void
apply(struct occupant *who, enum affiliation is, const struct standing *change)
{
	enum affiliation was = who->affiliation;
	unsigned code = code_for_removal(who->room, is);
	struct notice notice;

	who->affiliation = is;
	notice = code ? notice_going(who) : notice_of(who);
	notice.actor = change->actor;
	notice.reason = change->reason;
	if (code != 0) {
		notice_add_code(notice.codes, code);
		remove_occupant(who, change->by, &notice);
		return;
	}
	notice.role = role_after(who, was, is);
	change_role(who, &notice);
}

/* A ban of a domain reaches all its accounts (9.2). */
static bool
is_meant(const struct occupant *who, const struct jid *jid)
{
	const char *at = strchr(who->jid, '@');

	if (*jid->local == '\0' && at != NULL)
		return strcmp(at + 1, jid->domain) == 0;
	return strcmp(who->jid, jid->bare) == 0;
}

/* Returns whether anybody of that address is here. */
static bool
apply_to_all(struct room *room, const struct jid *jid,
	     const struct standing *change)
{
	struct occupant *who, *next;
	bool here = false;

	HASH_ITER(hh, room->occupants, who, next) {
		enum affiliation is;
		struct arena *arena;
		const struct jid *account;

		if (!is_meant(who, jid))
			continue;
		here = true;
		arena = arena_new();
		if (jid_parsez(arena, who->jid, &account,
			       &(struct error){ 0 }) == 0) {
			is = room_affiliation(room, account);
			if (is != who->affiliation)
				apply(who, is, change);
		}
		arena_free(&arena);
	}
	return here;
}

static void
tell_absent(struct room *room, struct arena *arena, const struct jid *jid,
	    enum affiliation was, const struct standing *change)
{
	if (*jid->local == '\0' || was == change->affiliation)
		return;
	/* The change stands; but nobody sends unasked words to thousands. */
	if (quota_take(room->muc, change->by, QUOTA_NOTICE,
		       &(struct error){ 0 }) < 0)
		return;
	word_affiliation(room, arena, jid->bare, change->affiliation);
	if (room->options.membersonly && was < AFFILIATION_MEMBER &&
	    change->affiliation >= AFFILIATION_MEMBER)
		word_invite(room, arena, jid->bare, change->reason);
}

static void
reserve(struct room *room, const struct jid *who, const char *nick)
{
	if (nick != NULL && affiliate_find(room->affiliates, who->bare))
		affiliation_reserve(room->affiliates, who->bare,
				    *nick ? nick : NULL);
}

void
standing_set_affiliation(struct room *room, struct arena *arena,
			 const struct jid *who, const struct standing *change)
{
	enum affiliation was = affiliation_of(room->affiliates, who);

	affiliation_set(&room->affiliates, who->bare, change->affiliation,
			change->reason);
	if (change->affiliation != was)
		visit_forget(room, who->bare);
	if (change->affiliation != AFFILIATION_OUTCAST)
		reserve(room, who, change->nick);
	roomstore_save_affiliate(room, who->bare);
	witness_affiliated(room, change->by, who->bare, was,
			   change->affiliation);
	if (!apply_to_all(room, who, change))
		tell_absent(room, arena, who, was, change);
}

void
standing_remove_strangers(struct room *room)
{
	struct occupant *who, *next;

	HASH_ITER(hh, room->occupants, who, next) {
		struct notice notice = notice_going(who);

		if (who->affiliation >= AFFILIATION_MEMBER)
			continue;
		notice_add_code(notice.codes, STATUS_NOT_A_MEMBER);
		remove_occupant(who, NULL, &notice);
	}
}
