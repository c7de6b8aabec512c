/*
 * limit.h - how often somebody may do something: a token bucket.
 */
#ifndef MUC_LIMIT_H
#define MUC_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct limit {
	uint64_t full_us;	/* when the bucket will be full again */
};

/* Takes one of the per_sec tokens that come each second, of which burst can be
   saved.  now_ms is uv_now().  per_sec 0 never says no. */
bool limit_take(struct limit *limit, unsigned per_sec, unsigned burst,
		uint64_t now_ms);

/* The same with so many tokens in so many seconds. */
bool limit_take_in(struct limit *limit, unsigned count, unsigned secs,
		   unsigned burst, uint64_t now_ms);

/* Takes some more, whether they are there or not: what is missing has to come
   before any can be taken again. */
void limit_charge(struct limit *limit, unsigned more, unsigned count,
		  unsigned secs);

/* Whether all of its tokens are there, as in a new one. */
bool limit_is_full(const struct limit *limit, uint64_t now_ms);

#endif
