#include "components/archive/policy/inquiry.h"

#include <stdlib.h>
#include <uv.h>

#include "components/archive/policy/judge.h"
#include "components/archive/policy/policy.h"
#include "components/archive/rules/ruling.h"
#include "shared/error.h"
#include "shared/httpclient.h"
#include "shared/str.h"

#define STATUS_OK 200

struct inquiry {
	struct policy *policy;
	struct inquiry_plan plan;
	struct str question;
	unsigned asked;			/* the policy's judges, a bit each */
	struct judge *judge;		/* who is asked now */
	struct httpclient_call *call;
};

static void
inquiry_free(struct inquiry *inquiry)
{
	policy_unref(&inquiry->policy);
	str_fini(&inquiry->question);
	free(inquiry);
}

static void
end(struct inquiry *inquiry, const struct ruling *ruling,
    const struct error *err)
{
	inquiry->plan.fn(inquiry->plan.ctx, ruling, err);
	inquiry_free(inquiry);
}

static int
understand(const struct inquiry *inquiry,
	   const struct httpclient_answer *answer, struct ruling *ruling_r,
	   struct error *err)
{
	struct error why = { 0 };

	if (answer->status != STATUS_OK)
		return error_set(err, ERROR_BAD_REQUEST, "its answer has the "
				 "status %u", answer->status);
	if (ruling_parse(inquiry->plan.arena, answer->body, answer->len,
			 ruling_r, &why) < 0)
		return error_set(err, ERROR_BAD_REQUEST, "its answer: %s",
				 why.text);
	return 0;
}

static bool ask_next(struct inquiry *inquiry);

static void
on_answer(void *ctx, const struct httpclient_answer *answer,
	  const struct error *err)
{
	struct inquiry *inquiry = ctx;
	struct error why = { 0 };
	struct ruling ruling;

	inquiry->call = NULL;
	if (err == NULL &&
	    understand(inquiry, answer, &ruling, &why) == 0) {
		judge_succeed(inquiry->judge);
		end(inquiry, &ruling, NULL);
		return;
	}
	if (err != NULL)
		why = *err;
	if (!inquiry->plan.again)
		judge_fail(inquiry->judge, uv_now(inquiry->policy->end.loop),
			   why.text);
	if (!ask_next(inquiry))
		end(inquiry, NULL, &why);
}

static void
ask(struct inquiry *inquiry, struct judge *judge, unsigned ms)
{
	static const char *const headers[] = {
		"Content-Type: application/json", "Accept: application/json",
		NULL
	};
	const struct httpclient_request request = {
		.url = judge->url, .headers = headers,
		.body = inquiry->question.data, .len = inquiry->question.len,
		.timeout_ms = ms, .max_bytes = RULING_BYTES_MAX,
	};

	inquiry->asked |= 1U << (judge - inquiry->policy->judges);
	inquiry->judge = judge;
	if (!inquiry->plan.again)
		judge_ask(judge);
	inquiry->call = httpclient_post(inquiry->policy->client, &request,
					on_answer, inquiry);
}

/* Returns whether somebody is asked. */
static bool
ask_next(struct inquiry *inquiry)
{
	struct policy *policy = inquiry->policy;
	uint64_t now = uv_now(policy->end.loop);
	uint64_t until = inquiry->plan.until_ms;
	struct judge *judge;
	uint64_t ms;
	size_t left;

	judge = policy_next(policy, inquiry->asked, &left);
	ms = judge == NULL || now >= until ? 0 : (until - now) / left;
	if (ms == 0)
		return false;
	ask(inquiry, judge, (unsigned)ms);
	return true;
}

struct inquiry *
inquiry_begin(struct policy *policy, const struct inquiry_plan *plan)
{
	struct inquiry *inquiry = calloc(1, sizeof(*inquiry));

	ensure(inquiry != NULL);
	policy_ref(policy);
	inquiry->policy = policy;
	inquiry->plan = *plan;
	str_add(&inquiry->question, plan->question, plan->len);
	if (ask_next(inquiry))
		return inquiry;
	inquiry_free(inquiry);
	return NULL;
}

void
inquiry_cancel(struct inquiry **inquiry_p)
{
	struct inquiry *inquiry = *inquiry_p;

	if (inquiry == NULL)
		return;
	*inquiry_p = NULL;
	if (!inquiry->plan.again)
		judge_let_go(inquiry->judge);
	httpclient_cancel(&inquiry->call);
	inquiry_free(inquiry);
}
