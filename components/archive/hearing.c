#include "components/archive/hearing.h"

#include <stdlib.h>
#include <utlist.h>
#include <uv.h>

#include "components/archive/amendment.h"
#include "components/archive/archive.h"
#include "components/archive/docket.h"
#include "components/archive/held.h"
#include "components/archive/judge.h"
#include "components/archive/ledger.h"
#include "components/archive/policy.h"
#include "components/archive/question.h"
#include "components/archive/ruling.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/hook_answer.h"
#include "shared/httpclient.h"
#include "shared/log.h"
#include "shared/request.h"
#include "shared/str.h"
#include "shared/xml.h"

#define STATUS_OK 200

struct hearing {
	struct docket *docket;
	struct policy *policy;
	struct hook_event *event;
	struct str question;
	unsigned asked;			/* the policy's judges, a bit each */
	struct judge *judge;		/* who is asked now, or NULL */
	struct httpclient_call *call;
	struct hook_verdict verdict;	/* once it is known */
	struct ledger_entry *entry;	/* on its way into the journal */
	struct held_entry *held;	/* on its way into the database */
	uint64_t began_ns, until_ms;
	uv_timer_t timer;		/* for either */
	struct hearing *prev, *next;
};

static void
on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

/* The event is gone then. */
static void
end(struct hearing *hearing, const struct error *err)
{
	struct request *req = hearing->event->req;

	DL_DELETE(hearing->docket->hearings, hearing);
	if (hearing->judge != NULL)
		judge_let_go(hearing->judge);
	httpclient_cancel(&hearing->call);
	ledger_forget(&hearing->entry);
	held_forget(&hearing->held);
	policy_unref(&hearing->policy);
	str_fini(&hearing->question);
	request_finish(req, err);
	uv_close((uv_handle_t *)&hearing->timer, on_closed);
}

void
hearing_drop_all(struct docket *docket, const struct hook_host *host)
{
	struct hearing *hearing, *next;
	struct error err = { 0 };

	error_set(&err, ERROR_SERVICE_UNAVAILABLE, "nobody judges any more");
	DL_FOREACH_SAFE(docket->hearings, hearing, next)
		if (host == NULL || hearing->event->host == host)
			end(hearing, host == NULL ? &err : NULL);
}

static void
close_with(struct hearing *hearing, const struct hook_verdict *verdict,
	   enum docket_count what)
{
	hook_judge(hearing->event, verdict);
	docket_count(hearing->docket, what, uv_hrtime() - hearing->began_ns);
	end(hearing, NULL);
}

/* One line until it is better: there may be a thousand of them a second. */
static void
complain(struct policy *policy, const char *why)
{
	if (!policy->failing)
		log_warning("archive: policy \"%s\": there is no verdict, so "
			    "%s: %s", policy->name, policy->open ?
			    "stanzas go on without" : "stanzas are refused",
			    why);
	policy->failing = true;
}

static void
fail(struct hearing *hearing, const char *why)
{
	struct policy *policy = hearing->policy;
	struct hook_verdict verdict = {
		.action = policy->open ? HOOK_ALLOW : HOOK_DENY,
		.condition = ERROR_RESOURCE_CONSTRAINT,
		.text = policy->notice != NULL ? policy->notice :
			"This cannot be judged now, try again later.",
	};

	complain(policy, why);
	close_with(hearing, &verdict, policy->open ? DOCKET_FAILED_OPEN :
						     DOCKET_FAILED_CLOSED);
}

/* There is a verdict. */
static void
settle(struct hearing *hearing, const struct hook_verdict *verdict,
       enum docket_count what)
{
	struct policy *policy = hearing->policy;

	if (policy->failing)
		log_info("archive: policy \"%s\": there are verdicts again",
			 policy->name);
	policy->failing = false;
	close_with(hearing, verdict, what);
}

static void
let_go_on(struct hearing *hearing)
{
	settle(hearing, &hearing->verdict,
	       hearing->verdict.action == HOOK_REPLACE ? DOCKET_MODIFIED :
							 DOCKET_ALLOWED);
}

static void
on_logged(void *ctx, const struct error *err)
{
	struct hearing *hearing = ctx;

	hearing->entry = NULL;
	if (err != NULL)
		fail(hearing, err->text);
	else
		let_go_on(hearing);
}

static void
on_late(uv_timer_t *timer)
{
	struct hearing *hearing = timer->data;

	fail(hearing, hearing->held != NULL ?
	     "the database does not take in time what is to be held" :
	     "the journal does not take it in time");
}

static uint64_t
left_ms(const struct hearing *hearing)
{
	uint64_t now = uv_now(hearing->timer.loop);

	return now < hearing->until_ms ? hearing->until_ms - now : 0;
}

/* What the verdict lets go on is logged first, where that is wanted. */
static void
log_first(struct hearing *hearing)
{
	struct stanza stanza = hearing->event->stanza;

	if (hearing->verdict.action == HOOK_REPLACE)
		stanza.el = (struct xml *)hearing->verdict.stanza;
	if (hearing->policy->log_first)
		hearing->entry = ledger_put(hearing->docket->archive,
					    hearing->event, &stanza,
					    on_logged, hearing);
	if (hearing->entry == NULL)
		let_go_on(hearing);
	else
		uv_timer_start(&hearing->timer, on_late, left_ms(hearing), 0);
}

static void
block(struct hearing *hearing, const struct ruling *ruling)
{
	struct hook_verdict verdict = {
		.action = HOOK_DENY, .condition = ruling->condition,
		.silent = ruling->silent,
		.text = ruling->notice != NULL ? ruling->notice :
						 hearing->policy->notice,
	};

	settle(hearing, &verdict, DOCKET_BLOCKED);
}

static void
modify(struct hearing *hearing, const struct ruling *ruling)
{
	struct xml *message;
	struct error err = { 0 };

	if (amendment_make(hearing->event->req->arena,
			   hearing->event->stanza.el, ruling, &message,
			   &err) < 0) {
		fail(hearing, err.text);
		return;
	}
	hearing->verdict = (struct hook_verdict){
		.action = HOOK_REPLACE, .stanza = message,
	};
	log_first(hearing);
}

static void
on_held(void *ctx, const struct error *err)
{
	const struct hook_verdict verdict = { .action = HOOK_HOLD };
	struct hearing *hearing = ctx;

	hearing->held = NULL;
	if (err != NULL)
		fail(hearing, err->text);
	else
		settle(hearing, &verdict, DOCKET_HELD);
}

/* Nobody else has it then, so it is durable first. */
static void
hold(struct hearing *hearing)
{
	hearing->held = held_put(hearing->docket->archive->runtime->store,
				 hearing->event, on_held, hearing);
	uv_timer_start(&hearing->timer, on_late, left_ms(hearing), 0);
}

static void
rule(struct hearing *hearing, const struct ruling *ruling)
{
	switch (ruling->kind) {
	case RULING_ALLOW:
		log_first(hearing);
		break;
	case RULING_BLOCK:
		block(hearing, ruling);
		break;
	case RULING_MODIFY:
		modify(hearing, ruling);
		break;
	case RULING_HOLD:
		hold(hearing);
		break;
	}
}

static int
understand(struct hearing *hearing, const struct httpclient_answer *answer,
	   struct ruling *ruling_r, struct error *err)
{
	struct error why = { 0 };

	if (answer->status != STATUS_OK)
		return error_set(err, ERROR_BAD_REQUEST, "its answer has the "
				 "status %u", answer->status);
	if (ruling_parse(hearing->event->req->arena, answer->body,
			 answer->len, ruling_r, &why) < 0)
		return error_set(err, ERROR_BAD_REQUEST, "its answer: %s",
				 why.text);
	return 0;
}

static void ask_next(struct hearing *hearing);

static void
on_answer(void *ctx, const struct httpclient_answer *answer,
	  const struct error *err)
{
	struct hearing *hearing = ctx;
	struct judge *judge = hearing->judge;
	struct ruling ruling;
	struct error why = { 0 };

	hearing->call = NULL;
	hearing->judge = NULL;
	if (err == NULL &&
	    understand(hearing, answer, &ruling, &why) == 0) {
		judge_succeed(judge);
		rule(hearing, &ruling);
		return;
	}
	judge_fail(judge, uv_now(hearing->timer.loop),
		   err != NULL ? err->text : why.text);
	ask_next(hearing);
}

static void
ask(struct hearing *hearing, struct judge *judge, unsigned ms)
{
	static const char *const headers[] = {
		"Content-Type: application/json", "Accept: application/json",
		NULL
	};
	const struct httpclient_request request = {
		.url = judge->url, .headers = headers,
		.body = hearing->question.data, .len = hearing->question.len,
		.timeout_ms = ms, .max_bytes = RULING_BYTES_MAX,
	};

	hearing->asked |= 1U << (judge - hearing->policy->judges);
	hearing->judge = judge;
	judge_ask(judge);
	hearing->call = httpclient_post(hearing->policy->client, &request,
					on_answer, hearing);
}

/* Those that are left share the time that is left. */
static void
ask_next(struct hearing *hearing)
{
	struct judge *judge;
	uint64_t ms;
	size_t left;

	judge = policy_next(hearing->policy, hearing->asked, &left);
	ms = judge == NULL ? 0 : left_ms(hearing) / left;
	if (ms > 0)
		ask(hearing, judge, (unsigned)ms);
	else
		fail(hearing, "no server gives one");
}

int
hearing_begin(struct docket *docket, struct policy *policy,
	      struct hook_event *event)
{
	struct hearing *hearing = calloc(1, sizeof(*hearing));
	uv_loop_t *loop = event->req->runtime->loop;

	ensure(hearing != NULL);
	hearing->docket = docket;
	hearing->policy = policy;
	policy_ref(policy);
	hearing->event = event;
	hearing->began_ns = uv_hrtime();
	hearing->until_ms = uv_now(loop) + policy->timeout_ms;
	hearing->verdict.action = HOOK_ALLOW;
	uv_timer_init(loop, &hearing->timer);
	hearing->timer.data = hearing;
	DL_APPEND(docket->hearings, hearing);
	if (policy->count > 0) {
		question_print(&hearing->question, event);
		ask_next(hearing);
	} else {
		log_first(hearing);
	}
	return REQUEST_PARKED;
}
