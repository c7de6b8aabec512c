/*
 * claim.h - what is held is decided about by one at a time: two who release it
 * would deliver it twice.
 *
 * Embedded in who decides.
 */
#ifndef ARCHIVE_CLAIM_H
#define ARCHIVE_CLAIM_H

#include <stdbool.h>

struct claim {
	struct claim *prev, *next;
	const char *uid;
};

/* Returns false when somebody else has it.  uid outlives the claim. */
bool claim_take(struct claim **claims, struct claim *claim, const char *uid);
void claim_drop(struct claim **claims, struct claim *claim);

#endif
