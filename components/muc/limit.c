#include "components/muc/limit.h"

static uint64_t
price_of(unsigned count, unsigned secs)
{
	return (secs * UINT64_C(1000000) + count - 1) / count;
}

/* The bucket is kept as the time at which it will be full again: each token
   moves that time on by its price (the virtual scheduling algorithm of
   ITU-T I.371). */
bool
limit_take_in(struct limit *limit, unsigned count, unsigned secs,
	      unsigned burst, uint64_t now_ms)
{
	uint64_t now_us = now_ms * 1000, full_us = limit->full_us, price_us;

	if (count == 0)
		return true;
	price_us = price_of(count, secs);
	if (full_us < now_us)
		full_us = now_us;
	if (full_us + price_us > now_us + price_us * (burst > 0 ? burst : 1))
		return false;
	limit->full_us = full_us + price_us;
	return true;
}

bool
limit_take(struct limit *limit, unsigned per_sec, unsigned burst,
	   uint64_t now_ms)
{
	return limit_take_in(limit, per_sec, 1, burst, now_ms);
}

void
limit_charge(struct limit *limit, unsigned more, unsigned count,
	     unsigned secs)
{
	if (count != 0)
		limit->full_us += more * price_of(count, secs);
}

bool
limit_is_full(const struct limit *limit, uint64_t now_ms)
{
	return limit->full_us <= now_ms * 1000;
}
