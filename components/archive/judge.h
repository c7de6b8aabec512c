/*
 * judge.h - a policy server, and whether it is any good.
 *
 * One that has failed several times in a row rests, each time longer.  Then a
 * single stanza tries it, so that no more than that one waits in vain.
 */
#ifndef ARCHIVE_JUDGE_H
#define ARCHIVE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/backoff.h"

/* So often in a row, until it rests. */
#define JUDGE_FAILURES_MAX 3

struct judge {
	const char *url;
	const char *policy;	/* whose it is, for the log */
	unsigned failures;	/* in a row */
	uint64_t rests_until_ms;
	bool tried;		/* after its rest; it has not answered yet */
	struct backoff backoff;
};

/* Both texts outlive it. */
void judge_init(struct judge *judge, const char *url, const char *policy);

/* Whether it did not fail so often that it rests, or was not tried since. */
bool judge_is_well(const struct judge *judge);
/* Whether it may be asked now, as uv_now() counts. */
bool judge_is_fit(const struct judge *judge, uint64_t now_ms);

/* It is asked; then one of the following is called.  That it works may be told
   at any time. */
void judge_ask(struct judge *judge);
void judge_succeed(struct judge *judge);
void judge_fail(struct judge *judge, uint64_t now_ms, const char *why);
/* Nobody waits for its answer any more. */
void judge_let_go(struct judge *judge);

#endif
