#include <string.h>

#include "components/muc/handlers.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/register.h"
#include "components/muc/room.h"
#include "components/muc/standing.h"
#include "components/muc/talk.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/xml.h"

static void
add_value(struct arena *arena, struct xml *form, const char *type,
	  const char *var, const char *label, const char *value)
{
	form_add_value(arena, form_add(arena, form, type, var, label), value);
}

/* The form that a moderator approves (8.6). */
static struct xml *
approval_form(struct arena *arena, const struct session *session)
{
	struct xml *form = form_new(arena, "form", NS_MUC_REQUEST);

	form_add_title(arena, form, "Voice request");
	form_add_instructions(arena, form,
			      "To approve this request for voice, select the "
			      "\"Grant voice to this person?\" checkbox and "
			      "submit the form.  To skip it, cancel.");
	add_value(arena, form, "list-single", "muc#role", "Requested role",
		  "participant");
	add_value(arena, form, "jid-single", "muc#jid", "User ID",
		  session->jid);
	add_value(arena, form, "text-single", "muc#roomnick", "Room nickname",
		  session->occupant->nick);
	form_add_bool(arena, form_add(arena, form, "boolean",
				      "muc#request_allow",
				      "Grant voice to this person?"), false);
	return form;
}

/* Section 7.13.  Who has voice already need not ask. */
static int
ask(struct request *req, const struct room *room, struct session *session,
    const struct form *form, struct error *err)
{
	const char *role = form_value(form, "muc#role");
	struct xml *message;

	if (role == NULL || strcmp(role, "participant") != 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "only the role of participant is requested");
	if (session->occupant->role != ROLE_VISITOR)
		return error_set(err, ERROR_NOT_ALLOWED,
				 "you have voice already");
	if (talk_check(req, session->occupant, err) < 0)
		return -1;
	message = stanza_new(req->arena, "message", room->jid, NULL, NULL);
	xml_set(req->arena, message, "id", req->stanza.id);
	xml_append(message, approval_form(req->arena, session));
	for (const struct session *at = room->sessions; at; at = at->hh.next)
		if (at->occupant->role == ROLE_MODERATOR)
			runtime_send(req->runtime,
				     xml_set(req->arena, message, "to",
					     at->jid));
	return 0;
}

/* Who asked: by address, since somebody else may have taken the nick. */
static struct occupant *
find_asker(const struct room *room, const struct form *form)
{
	const char *jid = form_value(form, "muc#jid");
	const char *nick = form_value(form, "muc#roomnick");
	const struct session *session;

	if (jid == NULL)
		return nick ? occupant_find(room, nick) : NULL;
	session = session_find(room, jid);
	return session ? session->occupant : NULL;
}

/* Section 8.6. */
static int
approve(struct request *req, const struct room *room,
	const struct form *form, struct error *err)
{
	const struct actor actor = standing_actor(room, req->from);
	struct standing change = { .role = ROLE_PARTICIPANT,
				   .actor = actor.nick };
	struct occupant *who = find_asker(room, form);
	bool allow = false;

	if (actor.role != ROLE_MODERATOR)
		return error_set(err, ERROR_FORBIDDEN,
				 "only moderators grant voice");
	if (form_field_bool(form_find(form, "muc#request_allow"), &allow,
			    err) < 0)
		return -1;
	if (!allow)
		return 0;
	if (who == NULL)
		return error_set(err, ERROR_ITEM_NOT_FOUND,
				 "who asked for voice has left");
	if (who->role == ROLE_VISITOR)
		standing_set_role(who, &change);
	return 0;
}

static int
on_voice(struct request *req, const struct room *room,
	 const struct form *form, struct error *err)
{
	struct session *session;

	if (room_require_session(room, req, &session, err) < 0)
		return -1;
	if (form_find(form, "muc#request_allow") != NULL)
		return approve(req, room, form, err);
	return ask(req, room, session, form, err);
}

/* A form sent to a room in a message: voice, or a registration approved.  Who
   cancels one that the room sent has decided nothing (8.6, 9.9). */
int
muc_on_form(struct request *req, void *ctx, struct error *err)
{
	const struct form *form;
	struct room *room;

	if (room_require(ctx, req, &room, err) < 0 ||
	    form_parse(req->arena, req->payload, &form, err) < 0)
		return -1;
	if (strcmp(form->type, "cancel") == 0)
		return 0;
	if (form->form_type == NULL || strcmp(form->type, "submit") != 0)
		return HANDLER_DECLINE;
	if (strcmp(form->form_type, NS_MUC_REQUEST) == 0)
		return on_voice(req, room, form, err);
	if (strcmp(form->form_type, NS_MUC_REGISTER) == 0)
		return register_approve(req, room, form, err);
	return HANDLER_DECLINE;
}

/* Only messages of type groupchat, invitations and forms are for a room
   itself (17.2). */
int
muc_on_message_to_room(struct request *req, void *ctx, struct error *err)
{
	struct session *session;
	struct room *room;

	if (room_require(ctx, req, &room, err) < 0 ||
	    room_require_session(room, req, &session, err) < 0)
		return -1;
	return error_set(err, ERROR_BAD_REQUEST,
			 "what is for all is of type groupchat");
}
