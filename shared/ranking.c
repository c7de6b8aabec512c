#include "shared/ranking.h"

#include <stdlib.h>

#include "shared/error.h"

void
ranking_fini(struct ranking *ranking)
{
	free(ranking->ranks);
	*ranking = (struct ranking){ 0 };
}

static bool
is_before(const struct rank *a, const struct rank *b)
{
	return a->stamp < b->stamp ||
	       (a->stamp == b->stamp && a->offset < b->offset);
}

static void
grow(struct ranking *ranking)
{
	if (ranking->count < ranking->size)
		return;
	ranking->size = ranking->size * 2 + 1024;
	ranking->ranks = reallocarray(ranking->ranks, ranking->size,
				      sizeof(*ranking->ranks));
	ensure(ranking->ranks != NULL);
}

void
ranking_add(struct ranking *ranking, const struct rank *rank)
{
	struct rank added = *rank;
	size_t at, above;

	grow(ranking);
	for (at = ranking->count++; at > 0; at = above) {
		above = (at - 1) / 2;
		if (!is_before(&added, &ranking->ranks[above]))
			break;
		ranking->ranks[at] = ranking->ranks[above];
	}
	ranking->ranks[at] = added;
}

/* The place of the earlier one below, which is there. */
static size_t
find_below(const struct ranking *ranking, size_t at)
{
	size_t below = 2 * at + 1;

	if (below + 1 < ranking->count &&
	    is_before(&ranking->ranks[below + 1], &ranking->ranks[below]))
		below++;
	return below;
}

bool
ranking_take(struct ranking *ranking, struct rank *rank_r)
{
	struct rank last;
	size_t at = 0, below;

	if (ranking->count == 0)
		return false;
	*rank_r = ranking->ranks[0];
	last = ranking->ranks[--ranking->count];
	while (2 * at + 1 < ranking->count) {
		below = find_below(ranking, at);
		if (!is_before(&ranking->ranks[below], &last))
			break;
		ranking->ranks[at] = ranking->ranks[below];
		at = below;
	}
	ranking->ranks[at] = last;
	return true;
}
