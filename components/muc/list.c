#include <string.h>

#include "components/muc/filter.h"
#include "components/muc/handlers.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/standing.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/xml.h"

static void
add_role(struct arena *arena, struct xml *query, const struct occupant *who)
{
	struct xml *item = xml_add(arena, query, NULL, "item");

	xml_set(arena, item, "affiliation",
		affiliation_name(who->affiliation));
	xml_set(arena, item, "jid", who->sessions->jid);
	xml_set(arena, item, "nick", who->nick);
	xml_set(arena, item, "role", role_name(who->role));
}

static void
add_affiliation(struct arena *arena, struct xml *query,
		const struct affiliate *who)
{
	struct xml *item = xml_add(arena, query, NULL, "item");

	xml_set(arena, item, "affiliation",
		affiliation_name(who->affiliation));
	xml_set(arena, item, "jid", who->jid);
	if (who->nick != NULL)
		xml_set(arena, item, "nick", who->nick);
	if (who->reason != NULL)
		xml_add_text(arena, item, NULL, "reason", who->reason);
}

/* Sections 8.5 and 9.8. */
static int
list_roles(struct request *req, const struct room *room,
	   const struct actor *actor, enum role role, struct xml *query,
	   struct error *err)
{
	bool allowed = actor->affiliation >= AFFILIATION_ADMIN ||
		       (role < ROLE_MODERATOR &&
			actor->role == ROLE_MODERATOR);

	if (!allowed)
		return error_set(err, ERROR_FORBIDDEN,
				 "you may not see the list of %ss",
				 role_name(role));
	for (const struct occupant *who = room->occupants; who != NULL;
	     who = who->hh.next)
		if (who->role == role)
			add_role(req->arena, query, who);
	return 0;
}

/* Members see each other where nobody hides (9.5), and so do the roles that
   the room's owner has named. */
static bool
may_see_members(const struct room *room, const struct actor *actor)
{
	unsigned roles = room->options.getmemberlist;

	if (actor->affiliation >= AFFILIATION_ADMIN)
		return true;
	if (room->options.whois == WHOIS_ANYONE &&
	    (actor->affiliation == AFFILIATION_MEMBER ||
	     (room->options.membersonly && actor->role != ROLE_NONE)))
		return true;
	return (actor->role == ROLE_MODERATOR && roles & OPTION_MODERATOR) ||
	       (actor->role == ROLE_PARTICIPANT &&
		roles & OPTION_PARTICIPANT) ||
	       (actor->role == ROLE_VISITOR && roles & OPTION_VISITOR);
}

/* Owners and admins are known where nobody hides: MAY in 10.5 and 10.8. */
static bool
may_see(const struct room *room, const struct actor *actor,
	enum affiliation affiliation)
{
	switch (affiliation) {
	case AFFILIATION_OWNER:
	case AFFILIATION_ADMIN:
		return actor->affiliation == AFFILIATION_OWNER ||
		       (room->options.whois == WHOIS_ANYONE &&
			actor->role != ROLE_NONE);
	case AFFILIATION_MEMBER:
		return may_see_members(room, actor);
	default:
		return actor->affiliation >= AFFILIATION_ADMIN;
	}
}

static int
list_affiliations(struct request *req, const struct room *room,
		  const struct actor *actor, enum affiliation affiliation,
		  struct xml *query, struct error *err)
{
	if (!may_see(room, actor, affiliation))
		return error_set(err, ERROR_FORBIDDEN,
				 "you may not see the list of %ss",
				 affiliation_name(affiliation));
	for (const struct affiliate *who = room->affiliates; who != NULL;
	     who = who->hh.next)
		if (who->affiliation == affiliation)
			add_affiliation(req->arena, query, who);
	return 0;
}

/* Asking for one of the six lists: voice, moderator, outcast, member, admin,
   owner. */
int
muc_on_list(struct request *req, void *ctx, struct error *err)
{
	struct xml *query = xml_new(req->arena, NS_MUC_ADMIN, "query");
	const struct xml *item = xml_child(req->payload, NS_MUC_ADMIN, "item");
	const char *affiliation_text, *role_text;
	enum affiliation affiliation;
	struct actor actor;
	struct room *room;
	enum role role;
	int ret;

	if (room_require(ctx, req, &room, err) < 0)
		return -1;
	affiliation_text = item ? xml_attr(item, "affiliation") : NULL;
	role_text = item ? xml_attr(item, "role") : NULL;
	actor = standing_actor(room, req->from);
	if (role_text && !affiliation_text && role_find(role_text, &role))
		ret = list_roles(req, room, &actor, role, query, err);
	else if (affiliation_text && !role_text &&
		 affiliation_find(affiliation_text, &affiliation))
		ret = list_affiliations(req, room, &actor, affiliation, query,
					err);
	else
		ret = error_set(err, ERROR_BAD_REQUEST,
				"one role or affiliation must be asked for");
	if (ret < 0 || quota_take_list(ctx, req->from->bare,
				       filter_length(query), err) < 0)
		return -1;
	request_reply(req, query);
	return 0;
}
