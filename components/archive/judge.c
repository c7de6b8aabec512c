#include "components/archive/judge.h"

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

bool
judge_is_well(const struct judge *judge)
{
	return judge->failures < JUDGE_FAILURES_MAX;
}

bool
judge_is_fit(const struct judge *judge, uint64_t now_ms)
{
	return judge_is_well(judge) ||
	       (now_ms >= judge->rests_until_ms && !judge->tried);
}

void
judge_ask(struct judge *judge)
{
	judge->tried = !judge_is_well(judge);
}

void
judge_succeed(struct judge *judge)
{
	if (!judge_is_well(judge))
		log_info("archive: policy \"%s\": %s answers again",
			 judge->policy, judge->url);
	judge->failures = 0;
	judge->tried = false;
	backoff_reset(&judge->backoff);
}

void
judge_fail(struct judge *judge, uint64_t now_ms, const char *why)
{
	bool was_well = judge_is_well(judge);

	judge->tried = false;
	if (was_well) {
		judge->failures++;
		log_warning("archive: policy \"%s\": %s fails: %s%s",
			    judge->policy, judge->url, why,
			    judge_is_well(judge) ? "" : ": it is left out for "
			    "a while");
	}
	/* Those that were asked before it rests tell nothing new. */
	if (judge_is_well(judge) ||
	    (!was_well && now_ms < judge->rests_until_ms))
		return;
	judge->rests_until_ms = now_ms + backoff_next_ms(&judge->backoff);
}

void
judge_let_go(struct judge *judge)
{
	judge->tried = false;
}
