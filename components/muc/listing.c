#include "components/muc/listing.h"

#include <stdlib.h>
#include <string.h>

#include "components/muc/room.h"
#include "shared/arena.h"

/* How old what is known of many may be. */
#define ROOMS_MS 1000
#define STORED_MS 60000

void
listing_fini(struct listing *listing)
{
	if (listing->arena != NULL)
		arena_free(&listing->arena);
}

static bool
is_listed(const struct room *room)
{
	return room->state == ROOM_OPEN && room->options.publicroom &&
	       !room->options.persistentroom;
}

static int
compare(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	return strcmp(x->jid, y->jid);
}

static void
list(struct listing *listing, const struct room *rooms)
{
	struct arena *arena = listing->arena;
	unsigned size = HASH_COUNT(rooms);

	listing->count = 0;
	listing->rooms = arena_alloc(arena, size * sizeof(*listing->rooms));
	for (const struct room *room = rooms; room; room = room->hh.next)
		if (is_listed(room))
			listing->rooms[listing->count++] = (struct listed){
				arena_strdup(arena, room->jid),
				arena_strdup(arena, room->options.roomname),
			};
	if (listing->count > 1)
		qsort(listing->rooms, listing->count, sizeof(*listing->rooms),
		      compare);
}

void
listing_refresh(struct listing *listing, const struct room *rooms,
		uint64_t now_ms)
{
	if (listing->arena == NULL)
		listing->arena = arena_new();
	else if (HASH_COUNT(rooms) > LISTING_FEW &&
		 now_ms - listing->made_ms < ROOMS_MS)
		return;
	arena_reset(listing->arena);
	list(listing, rooms);
	listing->made_ms = now_ms;
}

/* How many addresses compare below limit with jid. */
static size_t
find(const struct listing *listing, const char *jid, int limit)
{
	size_t low = 0, high = listing->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(listing->rooms[middle].jid, jid) < limit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t
listing_before(const struct listing *listing, const char *jid)
{
	return find(listing, jid, 0);
}

size_t
listing_upto(const struct listing *listing, const char *jid)
{
	return find(listing, jid, 1);
}

bool
listing_count(struct listing *listing, uint64_t now_ms)
{
	bool few = listing->counted && listing->stored <= LISTING_FEW;
	bool old = !listing->counted ||
		   now_ms - listing->counted_ms >= STORED_MS;

	/* Many are counted once at a time. */
	if (!few && (!old || listing->counting))
		return false;
	listing->counting = true;
	return true;
}

void
listing_counted(struct listing *listing, int64_t stored, uint64_t now_ms)
{
	listing->counting = false;
	if (stored < 0)
		return;
	listing->counted = true;
	listing->counted_ms = now_ms;
	listing->stored = stored;
}

int64_t
listing_stored(const struct listing *listing)
{
	return listing->counted ? listing->stored : -1;
}
