#include "components/muc/invite.h"

#include <string.h>

#include "components/muc/handlers.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/standing.h"
#include "components/muc/talk.h"
#include "components/muc/witness.h"
#include "components/muc/word.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/xml.h"

#define INVITES_MAX 20

/* Into a members-only room only those invite who may make members, which the
   option opens to all members (9.5). */
static bool
may_invite(const struct occupant *who)
{
	const struct options *options = &who->room->options;

	if (!options->membersonly || who->affiliation >= AFFILIATION_ADMIN)
		return true;
	return options->allowinvites && who->affiliation == AFFILIATION_MEMBER;
}

/* Whether the invitee can become a member (9.5). */
static int
check_member(const struct room *room, const struct jid *invitee,
	     struct error *err)
{
	bool is_new = !affiliate_find(room->affiliates, invitee->bare);

	if (standing_check_address(room, invitee, AFFILIATION_MEMBER, err) < 0)
		return -1;
	return standing_check_count(room, is_new, err);
}

static int
read_invitee(struct request *req, const struct room *room,
	     const struct xml *invite, const struct jid **jid_r,
	     struct error *err)
{
	const char *to = xml_attr(invite, "to");

	if (to == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "an invitation is to somebody");
	if (jid_parsez(req->arena, to, jid_r, err) < 0)
		return -1;
	if (strcmp((*jid_r)->domain, req->to->domain) == 0)
		return error_set(err, ERROR_ITEM_NOT_FOUND,
				 "%s belongs to this service", to);
	if (room_affiliation(room, *jid_r) == AFFILIATION_OUTCAST)
		return error_set(err, ERROR_FORBIDDEN, "%s is banned", to);
	return room->options.membersonly ? check_member(room, *jid_r, err) : 0;
}

/* Passes the reason and the mark that a chat is continued (7.9). */
static int
pass(struct request *req, const struct occupant *who, const struct xml *invite,
     const struct jid *to, struct error *err)
{
	const struct room *room = who->room;
	struct xml *message, *el;

	el = word_new_invite(room, req->arena, who->jid, to->full, &message);
	xml_set(req->arena, message, "id", req->stanza.id);
	for (const struct xml *at = invite->first; at; at = at->next)
		if (at->name != NULL)
			xml_append(el, xml_copy(req->arena, at));
	if (runtime_send(req->runtime, message) < 0)
		return talk_too_large(err);
	invitation_note(&room->muc->invitations, &(struct invited){
				room->jid, req->from, to->bare,
				req->stanza.id },
			uv_now(req->runtime->loop));
	witness_invited(who, to->bare, xml_child_text(
			req->arena, invite, NS_MUC_USER, "reason"));
	return 0;
}

void
invite_failed(struct muc *muc, const struct request *req)
{
	struct invitation *invitation;
	struct stanza message = { .kind = STANZA_MESSAGE, .type = "" };
	struct error err;

	if (req->stanza.kind != STANZA_MESSAGE)
		return;
	invitation = invitation_bounced(&muc->invitations, req->to->bare,
					req->from->bare, req->stanza.id);
	if (invitation == NULL)
		return;
	error_set(&err, ERROR_ITEM_NOT_FOUND, "%s could not be invited",
		  req->from->bare);
	message.el = stanza_new(req->arena, "message", invitation->inviter,
				invitation->room, NULL);
	message.id = invitation->id;
	if (jid_parsez(req->arena, invitation->inviter, &message.from,
		       &(struct error){ 0 }) == 0) {
		message.to = req->to;
		runtime_send(req->runtime,
			     stanza_error(req->arena, &message, &err,
					  req->to->bare));
	}
	invitation_forget(&muc->invitations, &invitation);
}

static int
invite(struct request *req, struct occupant *who, const struct xml *el,
       struct error *err)
{
	struct room *room = who->room;
	const struct jid *to;

	if (read_invitee(req, room, el, &to, err) < 0 ||
	    pass(req, who, el, to, err) < 0)
		return -1;
	/* Who is invited becomes a member; the invitation says so (9.5). */
	if (room->options.membersonly &&
	    room_affiliation(room, to) < AFFILIATION_MEMBER) {
		witness_affiliated(room, who->jid, to->bare,
				   affiliation_of(room->affiliates, to),
				   AFFILIATION_MEMBER);
		affiliation_set(&room->affiliates, to->bare,
				AFFILIATION_MEMBER, NULL);
		roomstore_save_affiliate(room, to->bare);
	}
	return 0;
}

/* All are read before any is sent. */
static int
check_all(struct request *req, const struct room *room, const struct xml *el,
	  struct error *err)
{
	const struct jid *to;

	for (size_t n = 0; el != NULL; n++) {
		if (n == INVITES_MAX)
			return error_set(err, ERROR_NOT_ACCEPTABLE,
					 "too many invitations in a message");
		if (read_invitee(req, room, el, &to, err) < 0)
			return -1;
		el = xml_next(el, NS_MUC_USER, "invite");
	}
	return 0;
}

static int
invite_all(struct request *req, const struct room *room, const struct xml *el,
	   struct error *err)
{
	struct session *session;

	if (room_require_session(room, req, &session, err) < 0)
		return -1;
	if (!may_invite(session->occupant))
		return error_set(err, ERROR_FORBIDDEN,
				 "you may not invite to this room");
	if (talk_check(req, session->occupant, err) < 0 ||
	    check_all(req, room, el, err) < 0)
		return -1;
	for (; el != NULL; el = xml_next(el, NS_MUC_USER, "invite"))
		if (invite(req, session->occupant, el, err) < 0)
			return -1;
	return 0;
}

/* The invitation that is declined: a room writes to nobody for anyone who was
   not invited by him.  Who was not is told the same whoever is in the room or
   belongs to it. */
static int
find_declined(struct request *req, const struct room *room, const char *to,
	      struct invitation **invitation_r, struct error *err)
{
	const struct occupant *who = NULL;
	const struct jid *jid;
	const char *inviter;

	if (to == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "a decline is to somebody");
	if (jid_parsez(req->arena, to, &jid, err) < 0)
		return -1;
	if (strcmp(jid->bare, room->jid) == 0)
		who = occupant_find(room, jid->resource);
	inviter = who != NULL ? who->jid : jid->bare;
	*invitation_r = invitation_find(&room->muc->invitations, room->jid,
					req->from->bare, inviter);
	if (*invitation_r == NULL)
		return error_set(err, ERROR_ITEM_NOT_FOUND,
				 "%s has not invited you", jid->full);
	return 0;
}

static int
decline(struct request *req, const struct room *room, const struct xml *el,
	struct error *err)
{
	struct arena *arena = req->arena;
	struct invitation *invitation;
	struct xml *message, *x, *out;

	if (talk_check_request(room->muc, req, err) < 0 ||
	    find_declined(req, room, xml_attr(el, "to"), &invitation,
			  err) < 0)
		return -1;
	message = stanza_new(arena, "message", room->jid, invitation->inviter,
			     NULL);
	xml_set(arena, message, "id", req->stanza.id);
	x = xml_add(arena, message, NS_MUC_USER, "x");
	out = xml_add(arena, x, NULL, "decline");
	xml_set(arena, out, "from", req->from->bare);
	for (const struct xml *at = el->first; at != NULL; at = at->next)
		if (at->name != NULL)
			xml_append(out, xml_copy(arena, at));
	if (runtime_send(req->runtime, message) < 0)
		return talk_too_large(err);
	invitation_forget(&room->muc->invitations, &invitation);
	return 0;
}

int
muc_on_invite(struct request *req, void *ctx, struct error *err)
{
	const struct xml *el;
	struct room *room;

	if (room_require(ctx, req, &room, err) < 0)
		return -1;
	el = xml_child(req->payload, NS_MUC_USER, "invite");
	if (el != NULL)
		return invite_all(req, room, el, err);
	el = xml_child(req->payload, NS_MUC_USER, "decline");
	if (el != NULL)
		return decline(req, room, el, err);
	return HANDLER_DECLINE;
}
