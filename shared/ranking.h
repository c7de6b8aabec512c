/*
 * ranking.h - which record of a file comes first, where the file has them in
 * any order.  It takes RANKING_BYTES of memory for each.
 */
#ifndef SHARED_RANKING_H
#define SHARED_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A record; of those with the same stamp that with the least offset comes
   first. */
struct rank {
	int64_t stamp;
	uint64_t offset, line;
};
#define RANKING_BYTES sizeof(struct rank)

/* All zero is an empty one. */
struct ranking {
	struct rank *ranks;	/* a heap: none comes after those at twice its
				   place and one, or two, more */
	size_t count, size;
};

void ranking_fini(struct ranking *ranking);
void ranking_add(struct ranking *ranking, const struct rank *rank);
/* Takes the first one; false when there is none. */
bool ranking_take(struct ranking *ranking, struct rank *rank_r);

#endif
