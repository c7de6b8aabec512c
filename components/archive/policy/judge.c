#include "components/archive/policy/judge.h"

#include "shared/log.h"

#define REST_FIRST_MS 1000
#define REST_LAST_MS 60000

void
judge_init(struct judge *judge, const char *url, const char *policy)
{
	*judge = (struct judge){
		.url = url, .policy = policy,
		.backoff = { .first_ms = REST_FIRST_MS,
			     .last_ms = REST_LAST_MS },
	};
}

static bool
rests(const struct judge *judge)
{
	return judge->failures >= JUDGE_FAILURES_MAX;
}

bool
judge_is_well(const struct judge *judge)
{
	return !rests(judge) && judge->misses < JUDGE_FAILURES_MAX;
}

bool
judge_is_fit(const struct judge *judge, uint64_t now_ms)
{
	if (judge->probed)
		return judge_is_well(judge);
	return !rests(judge) ||
	       (now_ms >= judge->rests_until_ms && !judge->tried);
}

void
judge_ask(struct judge *judge)
{
	judge->tried = rests(judge);
}

static void
tell_if_well(const struct judge *judge, bool was_well)
{
	if (!was_well && judge_is_well(judge))
		log_info("archive: policy \"%s\": %s answers again",
			 judge->policy, judge->url);
}

static void
tell_failure(const struct judge *judge, const char *why)
{
	log_warning("archive: policy \"%s\": %s fails: %s%s", judge->policy,
		    judge->url, why, judge_is_well(judge) ? "" :
		    ": it is left out for a while");
}

void
judge_succeed(struct judge *judge)
{
	bool was_well = judge_is_well(judge);

	judge->failures = 0;
	judge->tried = false;
	backoff_reset(&judge->backoff);
	tell_if_well(judge, was_well);
}

void
judge_fail(struct judge *judge, uint64_t now_ms, const char *why)
{
	bool was_well = judge_is_well(judge), rested = rests(judge);

	judge->tried = false;
	if (!rested)
		judge->failures++;
	if (was_well)
		tell_failure(judge, why);
	/* Those that were asked before it rests tell nothing new. */
	if (!rests(judge) || (rested && now_ms < judge->rests_until_ms))
		return;
	judge->rests_until_ms = now_ms + backoff_next_ms(&judge->backoff);
}

void
judge_let_go(struct judge *judge)
{
	judge->tried = false;
}

void
judge_succeed_probe(struct judge *judge, uint64_t now_ms)
{
	bool was_well = judge_is_well(judge);

	judge->misses = 0;
	if (rests(judge) && now_ms >= judge->rests_until_ms)
		judge->failures = JUDGE_FAILURES_MAX - 1;
	tell_if_well(judge, was_well);
}

void
judge_fail_probe(struct judge *judge, const char *why)
{
	bool was_well = judge_is_well(judge);

	if (judge->misses < JUDGE_FAILURES_MAX)
		judge->misses++;
	if (was_well)
		tell_failure(judge, why);
}
