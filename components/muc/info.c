#include <string.h>

#include "components/muc/filter.h"
#include "components/muc/handlers.h"
#include "components/muc/lookback.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/presence.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/disco.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/xml.h"

#define NODE_RESERVED_NICK "x-roomuser-item"
#define NODE_TRAFFIC NS_MUC "#traffic"
#define FEATURE_STABLE_ID NS_MUC "#stable_id"
#define FEATURE_SELF_PING NS_MUC "#self-ping-optimization"

static void
add_features(struct arena *arena, struct xml *query,
	     const struct options *options)
{
	const char *const features[] = {
		NS_DISCO_INFO, NS_DISCO_ITEMS, NS_PING, NS_REGISTER,
		NS_MUC, FEATURE_STABLE_ID, NS_MUC_REGISTER, NS_MUC_REQUEST,
		NS_MUC_ROOMCONFIG, NS_MUC_ROOMINFO, NS_SID, NS_OCCUPANT_ID,
		FEATURE_SELF_PING, NS_RETRACT, NS_RETRACT "#tombstone",
		NS_MODERATE,
		options->persistentroom ? "muc_persistent" : "muc_temporary",
		options->publicroom ? "muc_public" : "muc_hidden",
		options->membersonly ? "muc_membersonly" : "muc_open",
		options->moderatedroom ? "muc_moderated" : "muc_unmoderated",
		options->passwordprotectedroom ? "muc_passwordprotected" :
						 "muc_unsecured",
		options->whois == WHOIS_ANYONE ? "muc_nonanonymous" :
						 "muc_semianonymous",
		NULL
	};

	disco_add_features(arena, query, features);
}

static void
add_field(struct arena *arena, struct xml *form, const char *var,
	  const char *label, const char *value)
{
	if (*value != '\0')
		form_add_value(arena, form_add(arena, form, "text-single", var,
					       label), value);
}

static void
add_contacts(struct arena *arena, struct xml *form, const struct room *room)
{
	struct xml *field = form_add(arena, form, "jid-multi",
				     "muc#roominfo_contactjid",
				     "Contact addresses");

	for (const struct affiliate *who = room->affiliates; who != NULL;
	     who = who->hh.next)
		if (who->affiliation == AFFILIATION_OWNER)
			form_add_value(arena, field, who->jid);
}

/* What is said in the room is for those who are let in. */
static bool
may_see_subject(const struct room *room, const struct jid *jid)
{
	const struct options *options = &room->options;

	return (!options->membersonly && !options->passwordprotectedroom) ||
	       session_find(room, jid->full) != NULL ||
	       room_affiliation(room, jid) >= AFFILIATION_MEMBER;
}

/* Section 16.5.4.  Who owns a semi-anonymous room is nobody's business. */
static struct xml *
info_form(struct arena *arena, const struct room *room, const struct jid *jid)
{
	const struct options *options = &room->options;
	struct xml *form = form_new(arena, "result", NS_MUC_ROOMINFO);

	add_field(arena, form, "muc#roominfo_description", "Description",
		  options->roomdesc);
	add_field(arena, form, "muc#roominfo_lang", "Language of discussion",
		  options->lang);
	if (may_see_subject(room, jid))
		add_field(arena, form, "muc#roominfo_subject",
			  "Current subject", room_subject_text(room, arena));
	add_field(arena, form, "muc#roominfo_occupants", "Number of occupants",
		  arena_printf(arena, "%u", HASH_COUNT(room->occupants)));
	add_field(arena, form, "muc#roomconfig_pubsub",
		  "Associated publish-subscribe node", options->pubsub);
	add_field(arena, form, "muc#maxhistoryfetch",
		  "Most messages of the past shown on entering",
		  arena_printf(arena, "%u", options->maxhistoryfetch));
	form_add_bool(arena, form_add(arena, form, "boolean",
				      "muc#roominfo_subjectmod",
				      "Occupants may change the subject"),
		      options->changesubject);
	form_add_bool(arena, form_add(arena, form, "boolean",
				      "muc#roomconfig_changesubject",
				      "Occupants may change the subject"),
		      options->changesubject);
	if (options->whois == WHOIS_ANYONE)
		add_contacts(arena, form, room);
	return form;
}

static int
room_info(struct request *req, const struct room *room)
{
	struct xml *query = disco_query(req->arena, NS_DISCO_INFO, NULL);
	const char *name = room->options.roomname;

	if (*name == '\0')
		name = req->to->local;
	disco_add_identity(req->arena, query, "conference", "text", name);
	add_features(req->arena, query, &room->options);
	lookback_add_features(room, req->arena, query);
	xml_append(query, info_form(req->arena, room, req->from));
	request_reply(req, query);
	return 0;
}

/* Section 7.12. */
static int
reserved_nick(struct request *req, const struct room *room)
{
	struct xml *query = disco_query(req->arena, NS_DISCO_INFO,
					NODE_RESERVED_NICK);
	const struct affiliate *who =
		affiliate_find(room->affiliates, req->from->bare);

	if (who != NULL && who->nick != NULL)
		disco_add_identity(req->arena, query, "conference", "text",
				   who->nick);
	request_reply(req, query);
	return 0;
}

/* Sections 6.4, 7.12 and 18.1.1. */
int
muc_on_room_info(struct request *req, void *ctx, struct error *err)
{
	const char *node = xml_attr(req->payload, "node");
	struct room *room;

	if (room_require(ctx, req, &room, err) < 0)
		return -1;
	if (node == NULL || *node == '\0')
		return room_info(req, room);
	if (strcmp(node, NODE_RESERVED_NICK) == 0)
		return reserved_nick(req, room);
	if (strcmp(node, NODE_TRAFFIC) == 0)
		return error_set(err, ERROR_SERVICE_UNAVAILABLE,
				 "all traffic is allowed");
	return error_set(err, ERROR_ITEM_NOT_FOUND, "no such node");
}

/* Section 6.5: occupants are shown to those who are inside or belong to the
   room; of roles that are not broadcast, nobody but oneself. */
static void
add_occupants(const struct request *req, const struct room *room,
	      struct xml *query)
{
	const struct session *session = session_find(room, req->from->full);
	const struct occupant *self = session ? session->occupant : NULL;

	if (self == NULL &&
	    room_affiliation(room, req->from) < AFFILIATION_MEMBER)
		return;
	for (const struct occupant *who = room->occupants; who != NULL;
	     who = who->hh.next)
		if (who == self || presence_is_broadcast(room, who->role))
			disco_add_item(req->arena, query,
				       room_address(room, req->arena,
						    who->nick),
				       NULL, NULL);
}

int
muc_on_room_items(struct request *req, void *ctx, struct error *err)
{
	struct xml *query = disco_query(req->arena, NS_DISCO_ITEMS, NULL);
	struct room *room;

	if (room_require(ctx, req, &room, err) < 0 ||
	    disco_check_no_node(req->payload, err) < 0)
		return -1;
	add_occupants(req, room, query);
	if (quota_take_list(ctx, req->from->bare, filter_length(query),
			    err) < 0)
		return -1;
	request_reply(req, query);
	return 0;
}
