/*
 * judge.h - a policy server, and whether it is any good.
 *
 * One that has failed several times in a row rests, each time longer.  Then a
 * single stanza tries it, so that no more than that one waits in vain; or,
 * where servers are probed (probe.h), a probe does.
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
	bool probed;		/* no stanza tries it, but probes do */
	unsigned misses;	/* probes in a row that failed */
	struct backoff backoff;
};

/* Both texts outlive it.  probed is set by the caller. */
void judge_init(struct judge *judge, const char *url, const char *policy);

/* Whether neither stanzas nor probes failed so often that it is left out, until
   it is known to work again. */
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

/* It was probed.  When that goes well behind its rest it gets stanzas again,
   and rests longer if the first fails. */
void judge_succeed_probe(struct judge *judge, uint64_t now_ms);
void judge_fail_probe(struct judge *judge, const char *why);

#endif
