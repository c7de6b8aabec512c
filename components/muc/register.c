#include "components/muc/register.h"

#include <string.h>

#include "components/muc/handlers.h"
#include "components/muc/muc.h"
#include "components/muc/nick.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/standing.h"
#include "components/muc/talk.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/xml.h"

#define FIELD_NICK "muc#register_roomnick"
#define FIELD_ALLOW "muc#register_allow"
#define FIELD_JID "muc#jid"

static const struct {
	const char *var, *type, *label;
	bool required;
} fields[] = {
	{ FIELD_NICK, "text-single", "Desired nickname", true },
	{ "muc#register_first", "text-single", "Given name", false },
	{ "muc#register_last", "text-single", "Family name", false },
	{ "muc#register_url", "text-single", "Your URL", false },
	{ "muc#register_email", "text-single", "Email address", false },
	{ "muc#register_faqentry", "text-multi", "FAQ entry", false },
};

#define FIELDS_LEN (sizeof(fields) / sizeof(fields[0]))

static int
check_allowed(const struct room *room, const struct request *req,
	      struct error *err)
{
	if (room_affiliation(room, req->from) == AFFILIATION_OUTCAST)
		return error_set(err, ERROR_NOT_ALLOWED,
				 "you may not register with this room");
	return 0;
}

static struct xml *
blank_form(struct arena *arena, const struct room *room)
{
	struct xml *form = form_new(arena, "form", NS_MUC_REGISTER);

	form_add_title(arena, form,
		       arena_printf(arena, "Registration with %s", room->jid));
	for (size_t i = 0; i < FIELDS_LEN; i++) {
		struct xml *field = form_add(arena, form, fields[i].type,
					     fields[i].var, fields[i].label);

		if (fields[i].required)
			form_set_required(arena, field);
	}
	return form;
}

int
muc_on_register_get(struct request *req, void *ctx, struct error *err)
{
	struct arena *arena = req->arena;
	struct xml *query = xml_new(arena, NS_REGISTER, "query");
	const struct affiliate *who;
	struct room *room;

	if (room_require(ctx, req, &room, err) < 0 ||
	    check_allowed(room, req, err) < 0)
		return -1;
	who = affiliate_find(room->affiliates, req->from->bare);
	if (who != NULL && who->nick != NULL) {
		xml_add(arena, query, NULL, "registered");
		xml_add_text(arena, query, NULL, "username", who->nick);
	}
	xml_add_text(arena, query, NULL, "instructions",
		     "Register to become a member and to reserve a "
		     "nickname.");
	xml_append(query, blank_form(arena, room));
	request_reply(req, query);
	return 0;
}

/* Whether the account can have the nick; prepares it. */
static int
check_nick(struct arena *arena, const struct room *room,
	   const struct jid *account, const char *nick, const char **nick_r,
	   struct error *err)
{
	const struct affiliate *owner;
	const struct jid *jid;

	if (nick == NULL || nick_is_blank(nick))
		return error_set(err, ERROR_BAD_REQUEST, "a nick is required");
	if (jid_with_resource(arena, account, nick, &jid, err) < 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "that cannot be a nick");
	*nick_r = jid->resource;
	owner = affiliate_find_nick(room->affiliates, *nick_r);
	if (owner != NULL && strcmp(owner->jid, account->bare) != 0)
		return error_set(err, ERROR_CONFLICT, "that nick is taken");
	return standing_check_count(room, affiliate_find(room->affiliates,
							 account->bare) ==
					  NULL, err);
}

/* Whether somebody else bears it now. */
static int
check_bearer(const struct room *room, const struct jid *account,
	     const char *nick, struct error *err)
{
	const struct occupant *bearer = occupant_find(room, nick);

	if (bearer != NULL && strcmp(bearer->jid, account->bare) != 0)
		return error_set(err, ERROR_CONFLICT, "that nick is in use");
	return 0;
}

/* Who has an affiliation keeps it. */
static void
register_nick(struct room *room, const struct request *req,
	      const struct jid *account, const char *nick)
{
	const struct jid *bare = jid_bare(req->arena, account);
	struct standing change = { .nick = nick, .by = req->from->bare };

	change.affiliation = affiliation_of(room->affiliates, bare);
	if (change.affiliation == AFFILIATION_NONE)
		change.affiliation = AFFILIATION_MEMBER;
	standing_set_affiliation(room, req->arena, bare, &change);
}

/* What was submitted, for an admin to read, with who it was (9.9). */
static struct xml *
approval_form(struct arena *arena, const struct form *form,
	      const struct jid *account)
{
	struct xml *out = form_new(arena, "form", NS_MUC_REGISTER), *field;

	form_add_title(arena, out, "Registration request");
	form_add_instructions(arena, out,
			      "To approve this registration request, select "
			      "the \"Allow this person to register with the "
			      "room?\" checkbox and submit the form.  To skip "
			      "it, cancel.");
	field = form_add(arena, out, "jid-single", FIELD_JID, "User ID");
	form_add_value(arena, field, account->bare);
	for (size_t i = 0; i < FIELDS_LEN; i++) {
		const char *value = form_value(form, fields[i].var);

		field = form_add(arena, out, fields[i].type, fields[i].var,
				 fields[i].label);
		form_add_value(arena, field, value ? value : "");
	}
	field = form_add(arena, out, "boolean", FIELD_ALLOW,
			 "Allow this person to register with the room?");
	form_add_bool(arena, field, false);
	return out;
}

static void
ask_admins(struct request *req, const struct room *room,
	   const struct form *form)
{
	struct xml *message = stanza_new(req->arena, "message", room->jid,
					 NULL, NULL);

	xml_append(message, approval_form(req->arena, form, req->from));
	for (const struct affiliate *who = room->affiliates; who != NULL;
	     who = who->hh.next)
		if (who->affiliation >= AFFILIATION_ADMIN)
			runtime_send(req->runtime,
				     xml_set(req->arena, message, "to",
					     who->jid));
}

/* Anybody may register with an open room; for a members-only one an admin is
   asked. */
static int
submit(struct request *req, struct room *room, const struct form *form,
       struct error *err)
{
	bool asks = room->options.membersonly &&
		    room_affiliation(room, req->from) < AFFILIATION_MEMBER;
	const char *nick;

	if (form->form_type != NULL &&
	    strcmp(form->form_type, NS_MUC_REGISTER) != 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "not a registration form");
	if (check_nick(req->arena, room, req->from,
		       form_value(form, FIELD_NICK), &nick, err) < 0)
		return -1;
	/* Who may not enter learns no nicks of those inside; an admin who
	   approves does. */
	if (!asks && check_bearer(room, req->from, nick, err) < 0)
		return -1;
	request_reply(req, NULL);
	if (asks)
		ask_admins(req, room, form);
	else
		register_nick(room, req, req->from, nick);
	return 0;
}

/* XEP-0077 section 3.2: a member leaves, others only give up the nick. */
static int
unregister(struct request *req, struct room *room, struct error *err)
{
	const struct jid *bare = jid_bare(req->arena, req->from);
	struct standing change = { .nick = "", .by = bare->bare };

	if (affiliate_find(room->affiliates, bare->bare) == NULL)
		return error_set(err, ERROR_REGISTRATION_REQUIRED,
				 "you are not registered");
	change.affiliation = affiliation_of(room->affiliates, bare);
	if (change.affiliation == AFFILIATION_MEMBER)
		change.affiliation = AFFILIATION_NONE;
	request_reply(req, NULL);
	standing_set_affiliation(room, req->arena, bare, &change);
	room_settle(&room);
	return 0;
}

int
muc_on_register_set(struct request *req, void *ctx, struct error *err)
{
	const struct form *form;
	const struct xml *el;
	struct room *room;

	if (room_require(ctx, req, &room, err) < 0 ||
	    check_allowed(room, req, err) < 0 ||
	    talk_check_request(ctx, req, err) < 0)
		return -1;
	if (xml_child(req->payload, NS_REGISTER, "remove") != NULL)
		return unregister(req, room, err);
	el = xml_child(req->payload, NS_DATA, "x");
	if (el == NULL || form_parse(req->arena, el, &form, err) < 0 ||
	    strcmp(form->type, "submit") != 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "a registration form must be submitted");
	return submit(req, room, form, err);
}

int
register_approve(struct request *req, struct room *room,
		 const struct form *form, struct error *err)
{
	const char *text = form_value(form, FIELD_JID), *nick;
	const struct jid *account;
	bool allow = false;

	if (room_affiliation(room, req->from) < AFFILIATION_ADMIN)
		return error_set(err, ERROR_FORBIDDEN,
				 "only admins approve registrations");
	if (text == NULL || form_find(form, FIELD_ALLOW) == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "the form lacks a field");
	if (form_field_bool(form_find(form, FIELD_ALLOW), &allow, err) < 0 ||
	    jid_parsez(req->arena, text, &account, err) < 0)
		return -1;
	if (!allow)
		return 0;
	if (check_nick(req->arena, room, account,
		       form_value(form, FIELD_NICK), &nick, err) < 0 ||
	    check_bearer(room, account, nick, err) < 0)
		return -1;
	if (room_affiliation(room, account) == AFFILIATION_OUTCAST)
		return error_set(err, ERROR_NOT_ALLOWED, "%s is banned",
				 account->bare);
	register_nick(room, req, account, nick);
	return 0;
}
