#include <string.h>

#include "components/muc/handlers.h"
#include "components/muc/muc.h"
#include "components/muc/nick.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/standing.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/xml.h"

/* One item that asks for a change. */
struct item {
	bool is_role;
	const char *nick;
	const struct jid *jid;		/* of an affiliation */
	struct standing change;
	UT_hash_handle hh;		/* in changes->last, by address */
	UT_hash_handle hh_nick;		/* in changes->nicks, by nick */
};

/* All items of one request; none is applied unless all can be. */
struct changes {
	struct room *room;
	struct actor actor;
	struct item *items;
	size_t count;
	/* Thousands of items meet thousands of affiliations, so no list is
	   searched. */
	struct item *last;		/* of each address: the one that
					   counts */
	struct item *nicks;		/* to be reserved */
};

static int
read_role(const struct changes *changes, struct item *item, struct error *err)
{
	const struct occupant *who;

	item->is_role = true;
	if (item->nick == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "a role belongs to a nick");
	who = occupant_find(changes->room, item->nick);
	if (who == NULL)
		return error_set(err, ERROR_ITEM_NOT_FOUND,
				 "nobody here is called %s", item->nick);
	return standing_check_role(&changes->actor, who, item->change.role,
				   err);
}

/* The account meant: by address, or by the nick of an occupant. */
static int
read_account(struct arena *arena, const struct changes *changes,
	     const struct xml *el, struct item *item, struct error *err)
{
	const char *text = xml_attr(el, "jid");
	const struct occupant *who;
	const struct jid *jid;

	if (text == NULL) {
		who = item->nick ? occupant_find(changes->room, item->nick) :
				   NULL;
		if (who == NULL)
			return error_set(err, ERROR_BAD_REQUEST,
					 "an affiliation belongs to an "
					 "address");
		text = who->jid;
		item->nick = NULL;
	}
	if (jid_parsez(arena, text, &jid, err) < 0)
		return -1;
	item->jid = jid_bare(arena, jid);
	return 0;
}

static int
read_affiliation(struct arena *arena, const struct changes *changes,
		 const struct xml *el, struct item *item, struct error *err)
{
	const char *text = item->nick;
	const struct jid *nick;

	if (read_account(arena, changes, el, item, err) < 0)
		return -1;
	if (item->nick != NULL && *text != '\0') {
		if (nick_is_blank(text))
			return error_set(err, ERROR_JID_MALFORMED,
					 "nobody could see that nick");
		if (jid_with_resource(arena, item->jid, text, &nick, err) < 0)
			return -1;
		item->nick = nick->resource;
	}
	item->change.nick = item->nick;
	return standing_check_affiliation(changes->room, &changes->actor,
					  item->jid, item->change.affiliation,
					  err);
}

static int
read_item(struct arena *arena, const struct changes *changes,
	  const struct xml *el, struct item *item, struct error *err)
{
	const char *affiliation = xml_attr(el, "affiliation");
	const char *role = xml_attr(el, "role");

	item->nick = xml_attr(el, "nick");
	item->change.actor = changes->actor.nick;
	item->change.by = changes->actor.jid->bare;
	item->change.reason = xml_child_text(arena, el, NS_MUC_ADMIN,
					     "reason");
	if (standing_check_reason(item->change.reason, err) < 0)
		return -1;
	if (role != NULL && affiliation == NULL &&
	    role_find(role, &item->change.role))
		return read_role(changes, item, err);
	if (affiliation != NULL && role == NULL &&
	    affiliation_find(affiliation, &item->change.affiliation))
		return read_affiliation(arena, changes, el, item, err);
	return error_set(err, ERROR_BAD_REQUEST,
			 "an item changes one role or one affiliation");
}

static int
read_items(struct arena *arena, struct changes *changes,
	   const struct xml *query, struct error *err)
{
	const struct xml *el;
	size_t n = 0;

	for (el = xml_child(query, NS_MUC_ADMIN, "item"); el != NULL;
	     el = xml_next(el, NS_MUC_ADMIN, "item"))
		n++;
	if (n == 0)
		return error_set(err, ERROR_BAD_REQUEST, "no item");
	changes->items = arena_alloc(arena, n * sizeof(*changes->items));
	for (el = xml_child(query, NS_MUC_ADMIN, "item"); el != NULL;
	     el = xml_next(el, NS_MUC_ADMIN, "item"))
		if (read_item(arena, changes, el,
			      &changes->items[changes->count++], err) < 0)
			return -1;
	return 0;
}

static void
add_to_last(struct changes *changes, struct item *item)
{
	const char *jid = item->jid->bare;
	struct item *former;

	HASH_FIND_STR(changes->last, jid, former);
	if (former != NULL)
		HASH_DEL(changes->last, former);
	HASH_ADD_KEYPTR(hh, changes->last, jid, strlen(jid), item);
}

/* Two addresses do not get one nick. */
static int
add_to_nicks(struct changes *changes, struct item *item, struct error *err)
{
	struct item *other;

	HASH_FIND(hh_nick, changes->nicks, item->nick, strlen(item->nick),
		  other);
	if (other == NULL)
		HASH_ADD_KEYPTR(hh_nick, changes->nicks, item->nick,
				strlen(item->nick), item);
	else if (!jid_equal(other->jid, item->jid))
		return error_set(err, ERROR_CONFLICT,
				 "that nick is given to two");
	return 0;
}

static int
index_items(struct changes *changes, struct error *err)
{
	for (size_t i = 0; i < changes->count; i++) {
		struct item *item = &changes->items[i];

		if (item->is_role)
			continue;
		add_to_last(changes, item);
		if (item->nick != NULL && *item->nick != '\0' &&
		    add_to_nicks(changes, item, err) < 0)
			return -1;
	}
	return 0;
}

static void
drop_index(struct changes *changes)
{
	HASH_CLEAR(hh, changes->last);
	HASH_CLEAR(hh_nick, changes->nicks);
}

static int
check_nicks(const struct changes *changes, struct error *err)
{
	const struct affiliate *who = changes->room->affiliates;
	const struct item *item;

	for (; changes->nicks != NULL && who != NULL; who = who->hh.next) {
		if (who->nick == NULL)
			continue;
		HASH_FIND(hh_nick, changes->nicks, who->nick,
			  strlen(who->nick), item);
		if (item != NULL && strcmp(who->jid, item->jid->bare) != 0)
			return error_set(err, ERROR_CONFLICT,
					 "that nick is reserved");
	}
	return 0;
}

/* A room never loses its last owner (10.4, 10.5). */
static int
check_owners(const struct changes *changes, struct error *err)
{
	const struct affiliate *who = changes->room->affiliates;
	const struct item *item = changes->last;

	for (; item != NULL; item = item->hh.next)
		if (item->change.affiliation == AFFILIATION_OWNER)
			return 0;
	for (; who != NULL; who = who->hh.next) {
		if (who->affiliation != AFFILIATION_OWNER)
			continue;
		HASH_FIND_STR(changes->last, who->jid, item);
		if (item == NULL)
			return 0;
	}
	return error_set(err, ERROR_CONFLICT, "a room needs an owner");
}

static int
check_count(const struct changes *changes, struct error *err)
{
	struct affiliate *table = changes->room->affiliates;
	const struct item *item = changes->last;
	size_t more = 0;

	for (; item != NULL; item = item->hh.next)
		more += item->change.affiliation != AFFILIATION_NONE &&
			affiliate_find(table, item->jid->bare) == NULL;
	return standing_check_count(changes->room, more, err);
}

static int
check_items(struct changes *changes, struct error *err)
{
	int ret = -1;

	if (index_items(changes, err) == 0 && check_nicks(changes, err) == 0 &&
	    check_owners(changes, err) == 0)
		ret = check_count(changes, err);
	drop_index(changes);
	return ret;
}

static void
apply(struct arena *arena, const struct changes *changes)
{
	struct room *room = changes->room;

	for (size_t i = 0; i < changes->count; i++) {
		const struct item *item = &changes->items[i];
		struct occupant *who;

		if (!item->is_role) {
			standing_set_affiliation(room, arena, item->jid,
						 &item->change);
			continue;
		}
		who = occupant_find(room, item->nick);
		if (who != NULL)
			standing_set_role(who, &item->change);
	}
	room_settle(&room);
}

/* Several items in one request are done all or none (9.2). */
int
muc_on_change(struct request *req, void *ctx, struct error *err)
{
	struct changes changes = { 0 };

	if (room_require(ctx, req, &changes.room, err) < 0)
		return -1;
	changes.actor = standing_actor(changes.room, req->from);
	/* The actor may be among those who go. */
	if (changes.actor.nick != NULL)
		changes.actor.nick = arena_strdup(req->arena,
						  changes.actor.nick);
	if (read_items(req->arena, &changes, req->payload, err) < 0 ||
	    check_items(&changes, err) < 0)
		return -1;
	/* The answer goes before what follows from it (8.2, 9.1). */
	request_reply(req, NULL);
	apply(req->arena, &changes);
	return 0;
}
