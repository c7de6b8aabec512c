#include <string.h>

#include "components/muc/commands.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/standing.h"
#include "components/muc/target.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/error.h"
#include "shared/jid.h"

static int
list_affiliations(struct call *call, struct room *room, struct error *err)
{
	const char *wanted = call_text(call, "affiliation");
	size_t n = 0;

	(void)err;
	for (const struct affiliate *who = room->affiliates; who != NULL;
	     who = who->hh.next) {
		const char *const cells[] = {
			who->jid, affiliation_name(who->affiliation),
			who->nick, who->reason,
		};

		if (wanted != NULL && strcmp(wanted, cells[1]) != 0)
			continue;
		call_row(call, cells);
		n++;
	}
	call_say(call, n == 1 ? "1 affiliation." : "%zu affiliations.", n);
	return 0;
}

int
muc_command_affiliations(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	return target_find(call, list_affiliations, err);
}

/* Who asks, in that room: on the control socket it is the service itself.
   Both may do what an owner may. */
static int
find_actor(struct call *call, struct actor *actor_r, struct error *err)
{
	const struct jid *by = call->by;

	if (by == NULL && jid_parsez(call->arena, call->runtime->domain, &by,
				     err) < 0)
		return -1;
	*actor_r = (struct actor){
		.jid = by, .affiliation = AFFILIATION_OWNER,
	};
	return 0;
}

/* A room never loses its last owner (section 10.5). */
static int
check_owners(const struct room *room, const struct jid *who,
	     enum affiliation is, struct error *err)
{
	const struct affiliate *entry = affiliate_find(room->affiliates,
						       who->bare);

	if (is != AFFILIATION_OWNER && entry != NULL &&
	    entry->affiliation == AFFILIATION_OWNER &&
	    affiliation_count(room->affiliates, AFFILIATION_OWNER) == 1)
		return error_set(err, ERROR_CONFLICT, "a room needs an owner");
	return 0;
}

static int
check_affiliation(const struct room *room, const struct actor *actor,
		  const struct jid *who, enum affiliation is,
		  struct error *err)
{
	bool is_new = is != AFFILIATION_NONE &&
		      affiliate_find(room->affiliates, who->bare) == NULL;

	if (standing_check_affiliation(room, actor, who, is, err) < 0 ||
	    check_owners(room, who, is, err) < 0)
		return -1;
	return standing_check_count(room, is_new, err);
}

static int
set_affiliation(struct call *call, struct room *room, enum affiliation is,
		struct error *err)
{
	const struct jid *who = jid_bare(call->arena,
					 call_jid(call, "address"));
	struct standing change = {
		.affiliation = is, .reason = call_text(call, "reason"),
	};
	struct actor actor;

	if (find_actor(call, &actor, err) < 0 ||
	    check_affiliation(room, &actor, who, is, err) < 0 ||
	    standing_check_reason(change.reason, err) < 0)
		return -1;
	change.by = actor.jid->bare;
	call_say(call, "In %s, %s is now: %s.", room->jid, who->bare,
		 affiliation_name(is));
	standing_set_affiliation(room, call->arena, who, &change);
	room_settle(&room);
	return 0;
}

static int
affiliate(struct call *call, struct room *room, struct error *err)
{
	enum affiliation affiliation;

	ensure(affiliation_find(call_text(call, "affiliation"),
				&affiliation));
	return set_affiliation(call, room, affiliation, err);
}

int
muc_command_affiliate(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	return target_find(call, affiliate, err);
}

static int
ban(struct call *call, struct room *room, struct error *err)
{
	return set_affiliation(call, room, AFFILIATION_OUTCAST, err);
}

int
muc_command_ban(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	return target_find(call, ban, err);
}

static int
kick(struct call *call, struct room *room, struct error *err)
{
	const char *nick = call_text(call, "nick");
	struct standing change = {
		.role = ROLE_NONE, .reason = call_text(call, "reason"),
	};
	struct occupant *who = occupant_find(room, nick);
	struct actor actor;

	if (who == NULL)
		return error_set(err, ERROR_ITEM_NOT_FOUND,
				 "nobody in %s is called %s", room->jid, nick);
	if (find_actor(call, &actor, err) < 0 ||
	    standing_check_role(&actor, who, ROLE_NONE, err) < 0 ||
	    standing_check_reason(change.reason, err) < 0)
		return -1;
	change.by = actor.jid->bare;
	call_say(call, "%s was kicked out of %s.", nick, room->jid);
	standing_set_role(who, &change);
	room_settle(&room);
	return 0;
}

int
muc_command_kick(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	return target_find(call, kick, err);
}
