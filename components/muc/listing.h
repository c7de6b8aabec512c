/*
 * listing.h - what a list of rooms needs of all of them (XEP-0045 section
 * 6.3), so that a request costs the same however many there are.
 *
 * Of few rooms all is exact.  Of many it may be a little old: the temporary
 * rooms by a second, the number of stored ones by a minute (XEP-0059 section
 * 2.2 lets a count be approximate).
 */
#ifndef MUC_LISTING_H
#define MUC_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct room;

#define LISTING_FEW 1000

struct listed {
	const char *jid, *name;
};

struct listing {
	struct arena *arena;
	struct listed *rooms;	/* public and temporary, sorted by address */
	size_t count;
	uint64_t made_ms;

	int64_t stored;		/* public rooms in the store */
	uint64_t counted_ms;
	bool counted, counting;	/* ever; at the moment */
};

void listing_fini(struct listing *listing);

/* Lists those of rooms anew, if it is time. */
void listing_refresh(struct listing *listing, const struct room *rooms,
		     uint64_t now_ms);
/* How many come before an address: or up to and with it. */
size_t listing_before(const struct listing *listing, const char *jid);
size_t listing_upto(const struct listing *listing, const char *jid);

/* Whether who asks must have the stored ones counted, which listing_counted()
   then ends: stored is -1 when that failed. */
bool listing_count(struct listing *listing, uint64_t now_ms);
void listing_counted(struct listing *listing, int64_t stored, uint64_t now_ms);
/* -1 while it is not known. */
int64_t listing_stored(const struct listing *listing);

#endif
