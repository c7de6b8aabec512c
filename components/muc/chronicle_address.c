#include "components/muc/chronicle_address.h"

#include <inttypes.h>

#include "components/muc/room.h"
#include "shared/arena.h"

const char *
chronicle_address(const struct room *room, struct arena *arena)
{
	return chronicle_address_of(room->jid, room->created, arena);
}

const char *
chronicle_address_of(const char *jid, int64_t created, struct arena *arena)
{
	return arena_printf(arena, "%s/%" PRId64, jid, created);
}
