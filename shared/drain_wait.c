#include "shared/drain_wait.h"

#include <stddef.h>
#include <utlist.h>

void
drain_wait_begin(struct drain_waits *waits, struct drain_wait *wait,
		 uint64_t entries)
{
	wait->waits = waits;
	wait->until = waits->left + entries;
	DL_APPEND(waits->first, wait);
}

void
drain_wait_end(struct drain_wait *wait)
{
	if (wait->waits == NULL)
		return;
	DL_DELETE(wait->waits->first, wait);
	wait->waits = NULL;
}

/* Whoever came later waits for no less, but where the journal holds less than
   it did: so all are looked at. */
static struct drain_wait *
find_over(const struct drain_waits *waits)
{
	struct drain_wait *wait;

	DL_FOREACH(waits->first, wait)
		if (wait->until <= waits->left)
			return wait;
	return NULL;
}

void
drain_waits_tell(struct drain_waits *waits)
{
	struct drain_wait *wait;

	while ((wait = find_over(waits)) != NULL) {
		drain_wait_end(wait);
		wait->fn(wait->ctx);
	}
}
