#include <string.h>

#include "components/muc/commands.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/target.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/str.h"

static void
add_line(struct str *lines, const char *line)
{
	if (lines->len > 0)
		str_addc(lines, '\n');
	str_addz(lines, line);
}

/* "nick, jid, role" of each client. */
static const char *
occupants(struct call *call, const struct room *room)
{
	struct str lines = { 0 };
	const char *text;

	str_addz(&lines, "");
	for (const struct session *at = room->sessions; at; at = at->hh.next)
		add_line(&lines,
			 arena_printf(call->arena, "%s, %s, %s",
				      at->occupant->nick, at->jid,
				      role_name(at->occupant->role)));
	text = arena_strdup(call->arena, lines.data);
	str_fini(&lines);
	return text;
}

static const char *
owners(struct call *call, const struct room *room)
{
	struct str lines = { 0 };
	const char *text;

	str_addz(&lines, "");
	for (const struct affiliate *who = room->affiliates; who != NULL;
	     who = who->hh.next)
		if (who->affiliation == AFFILIATION_OWNER)
			add_line(&lines, who->jid);
	text = arena_strdup(call->arena, lines.data);
	str_fini(&lines);
	return text;
}

static int
show(struct call *call, struct room *room, struct error *err)
{
	struct arena *arena = call->arena;
	const char *const cells[] = {
		room->jid,
		room->state == ROOM_LOCKED ? "locked" : "open",
		room_subject_text(room, arena),
		occupants(call, room),
		owners(call, room),
		arena_printf(arena, "%u", HASH_COUNT(room->affiliates)),
		arena_printf(arena, "%zu", room->history.count),
		options_text(&room->options, arena),
	};

	(void)err;
	call_row(call, cells);
	return 0;
}

int
muc_command_show(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	return target_find(call, show, err);
}
