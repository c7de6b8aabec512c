#include "shared/backoff.h"

#include <stdint.h>
#include <sys/random.h>

#include "shared/error.h"

unsigned
backoff_between(unsigned least, unsigned most)
{
	uint64_t dice;

	ensure(getrandom(&dice, sizeof(dice), 0) == sizeof(dice));
	return least + (unsigned)(dice % ((uint64_t)most - least + 1));
}

unsigned
backoff_next_ms(struct backoff *backoff)
{
	unsigned due = backoff->next_ms;
	unsigned least;

	if (due == 0)
		due = backoff->first_ms;
	backoff->next_ms = due > backoff->last_ms / 2 ? backoff->last_ms :
							due * 2;
	least = due / 2 > backoff->first_ms ? due / 2 : backoff->first_ms;
	return backoff_between(least, due);
}

void
backoff_reset(struct backoff *backoff)
{
	backoff->next_ms = 0;
}
