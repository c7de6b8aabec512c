#include "shared/inbox.h"

#include <utlist.h>

#include "shared/arena.h"

/* Lives in the arena of its stanza. */
struct inbox_item {
	struct arena *arena;
	struct xml *el;
	struct inbox_item *prev, *next;
};

void
inbox_clear(struct inbox *inbox)
{
	struct arena *arena;
	struct xml *el;

	while (inbox_take(inbox, &arena, &el))
		arena_free(&arena);
}

bool
inbox_is_empty(const struct inbox *inbox)
{
	return inbox->first == NULL;
}

void
inbox_put(struct inbox *inbox, struct arena *arena, struct xml *el)
{
	struct inbox_item *item = arena_alloc(arena, sizeof(*item));

	item->arena = arena;
	item->el = el;
	DL_APPEND(inbox->first, item);
	inbox->bytes += arena_bytes(arena);
}

bool
inbox_take(struct inbox *inbox, struct arena **arena_r, struct xml **el_r)
{
	struct inbox_item *item = inbox->first;

	if (item == NULL)
		return false;
	DL_DELETE(inbox->first, item);
	inbox->bytes -= arena_bytes(item->arena);
	*arena_r = item->arena;
	*el_r = item->el;
	return true;
}
