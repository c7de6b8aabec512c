#include "components/archive/policy/claim.h"

#include <stddef.h>
#include <string.h>
#include <utlist.h>

bool
claim_take(struct claim **claims, struct claim *claim, const char *uid)
{
	const struct claim *other;

	DL_FOREACH(*claims, other)
		if (strcmp(other->uid, uid) == 0)
			return false;
	claim->uid = uid;
	DL_APPEND(*claims, claim);
	return true;
}

void
claim_drop(struct claim **claims, struct claim *claim)
{
	DL_DELETE(*claims, claim);
}
