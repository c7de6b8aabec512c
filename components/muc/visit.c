#include "components/muc/visit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/table.h"
#include "shared/error.h"
#include "shared/str.h"

struct visit {
	char *jid;		/* bare */
	bool voice;
	UT_hash_handle hh;	/* in room->visits, the last at the end */
};

static struct visit *
find(const struct room *room, const char *jid)
{
	struct visit *visit;

	HASH_FIND_STR(room->visits, jid, visit);
	return visit;
}

static void
drop(struct room *room, struct visit *visit)
{
	HASH_DEL(room->visits, visit);
	free(visit->jid);
	free(visit);
}

static void
add(struct room *room, const char *jid, bool voice)
{
	struct visit *visit = calloc(1, sizeof(*visit));

	ensure(visit != NULL);
	if (HASH_COUNT(room->visits) >= VISITS_MAX)
		drop(room, room->visits);
	visit->jid = str_dup(jid);
	visit->voice = voice;
	HASH_ADD_KEYPTR(hh, room->visits, visit->jid, strlen(visit->jid),
			visit);
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
	struct visit *visit = find(room, jid);

	if (visit != NULL)
		drop(room, visit);
}

void
visits_clear(struct room *room)
{
	while (room->visits != NULL)
		drop(room, room->visits);
}

enum role
visit_role(const struct room *room, const char *jid,
	   enum affiliation affiliation)
{
	bool moderated = room->options.moderatedroom;
	enum role usual = role_on_entering(affiliation, moderated);
	const struct visit *visit = find(room, jid);

	if (!moderated || visit == NULL || usual == ROLE_MODERATOR)
		return usual;
	return visit->voice ? ROLE_PARTICIPANT : ROLE_VISITOR;
}
