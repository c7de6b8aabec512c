#include "components/muc/visit.h"

#include <stdbool.h>

#include "components/muc/memo.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"

struct visit {
	struct memo memo;	/* the last visit at the end */
	bool voice;
};

static void
add(struct room *room, const char *jid, bool voice)
{
	struct visit *visit = memo_add(&room->visits, jid, sizeof(*visit),
				       VISITS_MAX);

	visit->voice = voice;
}

void
visit_note(const struct occupant *who)
{
	struct room *room = who->room;
	bool usual = role_on_entering(who->affiliation, true) != ROLE_VISITOR;
	bool voice = who->role != ROLE_VISITOR;

	visit_forget(room, who->jid);
	if (room->options.moderatedroom && voice != usual)
		add(room, who->jid, voice);
}

void
visit_forget(struct room *room, const char *jid)
{
	struct memo *memo = memo_find(room->visits, jid);

	if (memo != NULL)
		memo_drop(&room->visits, memo);
}

void
visits_clear(struct room *room)
{
	memo_clear(&room->visits);
}

enum role
visit_role(const struct room *room, const char *jid,
	   enum affiliation affiliation)
{
	bool moderated = room->options.moderatedroom;
	enum role usual = role_on_entering(affiliation, moderated);
	const struct visit *visit = memo_find(room->visits, jid);

	if (!moderated || visit == NULL || usual == ROLE_MODERATOR)
		return usual;
	return visit->voice ? ROLE_PARTICIPANT : ROLE_VISITOR;
}
