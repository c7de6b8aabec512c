#include "components/archive/policy/hearing.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/policy/docket.h"
#include "components/archive/policy/held.h"
#include "components/archive/policy/inquiry.h"
#include "components/archive/policy/ledger.h"
#include "components/archive/policy/policy.h"
#include "components/archive/policy/question.h"
#include "components/archive/policy/verdict.h"
#include "components/archive/rules/amendment.h"
#include "components/archive/rules/clause.h"
#include "components/archive/rules/exhibit.h"
#include "components/archive/rules/rulebook.h"
#include "components/archive/rules/ruling.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/hook_answer.h"
#include "shared/log.h"
#include "shared/request.h"
#include "shared/str.h"
#include "shared/xml.h"

struct hearing {
	struct docket *docket;
	struct policy *policy;
	struct hook_event *event;
	struct inquiry *inquiry;	/* under way, or NULL */
	struct hook_verdict verdict;	/* once it is known */
	struct ledger_entry *entry;	/* on its way into the journal */
	struct held_entry *held;	/* on its way into the database */
	bool unjudged;			/* it goes on without a verdict */
	enum ruling_kind ruled;		/* by whom: */
	const char *rule;		/* NULL: by a server */
	const char *why;		/* NULL: it was wanted so */
	const char *append;		/* to what goes on, by rules; or NULL */
	uint64_t began_ns, until_ms;
	int64_t came;			/* at a time of its own */
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
	inquiry_cancel(&hearing->inquiry);
	ledger_forget(&hearing->entry);
	held_forget(&hearing->held);
	policy_unref(&hearing->policy);
	request_finish(req, err);
	uv_close((uv_handle_t *)&hearing->timer, on_closed);
}

/* They stand in the order in which they came. */
bool
hearing_is_before(const struct docket *docket, const char *policy,
		  int64_t time)
{
	const struct hearing *hearing = docket->hearings;

	for (; hearing != NULL && hearing->came < time; hearing = hearing->next)
		if (strcmp(hearing->policy->name, policy) == 0)
			return true;
	return false;
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
			    "stanzas %s: %s", policy->name, policy->open ?
			    "go on without" : policy->spool ? "are kept" :
			    "are refused", why);
	policy->failing = true;
}

static int
amend(struct hearing *hearing, const struct ruling *ruling, struct error *err)
{
	struct xml *message;

	if (amendment_make(hearing->event->req->arena,
			   hearing->event->stanza.el, ruling, &message,
			   err) < 0)
		return -1;
	/* With an error the shim may let it go on as it is. */
	if (!hook_host_takes(hearing->event->host, message))
		return error_set(err, ERROR_NOT_ACCEPTABLE, "what the server "
				 "makes of it is larger than the router "
				 "takes");
	hearing->verdict = (struct hook_verdict){
		.action = HOOK_REPLACE, .stanza = message,
	};
	return 0;
}

/* What rules append needs no verdict of others. */
static void
add_appended(struct hearing *hearing)
{
	static const struct ruling allow = { .kind = RULING_ALLOW };
	const struct ruling ruling = ruling_with(&allow, hearing->append);
	struct error err;

	if (ruling.kind == RULING_MODIFY &&
	    hearing->verdict.action == HOOK_ALLOW &&
	    amend(hearing, &ruling, &err) < 0)
		log_debug("archive: nothing is appended to %s: %s",
			  hearing->event->id, err.text);
}

/* What goes on then does so as it was ruled, if it was. */
static void
fail(struct hearing *hearing, const char *why)
{
	struct policy *policy = hearing->policy;
	const struct hook_verdict refused = {
		.action = HOOK_DENY, .condition = ERROR_RESOURCE_CONSTRAINT,
		.text = policy->notice != NULL ? policy->notice :
			"This cannot be judged now, try again later.",
	};

	complain(policy, why);
	if (policy->open) {
		add_appended(hearing);
		close_with(hearing, &hearing->verdict, DOCKET_FAILED_OPEN);
	} else {
		close_with(hearing, &refused, DOCKET_FAILED_CLOSED);
	}
}

static void
note(const struct hearing *hearing)
{
	const struct verdict verdict = {
		.policy = hearing->policy, .rule = hearing->rule,
		.kind = hearing->ruled, .why = hearing->why,
	};

	if (hearing->ruled != RULING_ALLOW)
		verdict_note(hearing->docket->archive, hearing->event,
			     &verdict);
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
	note(hearing);
	close_with(hearing, verdict, what);
}

static void
let_go_on(struct hearing *hearing)
{
	if (hearing->unjudged)
		close_with(hearing, &hearing->verdict, DOCKET_FAILED_OPEN);
	else
		settle(hearing, &hearing->verdict,
		       hearing->verdict.action == HOOK_REPLACE ?
		       DOCKET_MODIFIED : DOCKET_ALLOWED);
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
	const struct hook_event *event = hearing->event;
	struct stanza stanza = event->stanza;
	const struct ledger_item item = {
		.arena = event->req->arena, .id = event->id,
		.point = event->point, .stamp = event->stamp,
		.stanza = &stanza,
	};

	if (hearing->verdict.action == HOOK_REPLACE)
		stanza.el = (struct xml *)hearing->verdict.stanza;
	if (hearing->policy->log_first)
		hearing->entry = ledger_put(hearing->docket->archive, &item,
					    on_logged, hearing);
	if (hearing->entry == NULL)
		let_go_on(hearing);
	else
		uv_timer_start(&hearing->timer, on_late, left_ms(hearing), 0);
}

/* There is no verdict.  What goes on without one is logged first as well. */
static void
go_unjudged(struct hearing *hearing, const char *why)
{
	if (!hearing->policy->open) {
		fail(hearing, why);
		return;
	}
	complain(hearing->policy, why);
	hearing->unjudged = true;
	add_appended(hearing);
	log_first(hearing);
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
	struct error err = { 0 };

	if (amend(hearing, ruling, &err) < 0)
		go_unjudged(hearing, err.text);
	else
		log_first(hearing);
}

/* For a reviewer. */
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

/* Nobody else has it then, so it is durable first.  It waits where it came:
   servers need not answer in that order. */
static void
keep(struct hearing *hearing, const char *waits, held_fn *fn)
{
	const struct held_term term = { waits, hearing->came };

	hearing->held = held_put(hearing->docket->archive, hearing->event,
				 &term, fn, hearing);
	uv_timer_start(&hearing->timer, on_late, left_ms(hearing), 0);
}

static void
rule(struct hearing *hearing, const struct ruling *given)
{
	const struct ruling with = ruling_with(given, hearing->append);
	const struct ruling *ruling = &with;

	hearing->ruled = given->kind;
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
		keep(hearing, "", on_held);
		break;
	}
}

static void
on_spooled(void *ctx, const struct error *err)
{
	const struct hook_verdict verdict = { .action = HOOK_HOLD };
	struct hearing *hearing = ctx;

	hearing->held = NULL;
	if (err != NULL)
		fail(hearing, err->text);
	else
		close_with(hearing, &verdict, DOCKET_SPOOLED);
}

/* Nobody rules. */
static void
give_up(struct hearing *hearing, const char *why)
{
	struct policy *policy = hearing->policy;

	if (!policy->spool) {
		go_unjudged(hearing, why);
		return;
	}
	complain(policy, why);
	keep(hearing, policy->name, on_spooled);
}

static void
on_ruling(void *ctx, const struct ruling *ruling, const struct error *err)
{
	struct hearing *hearing = ctx;

	hearing->inquiry = NULL;
	if (ruling != NULL)
		rule(hearing, ruling);
	else
		give_up(hearing, err->text);
}

static void
inquire(struct hearing *hearing)
{
	const struct question question = question_of(hearing->event);
	struct inquiry_plan plan = {
		.arena = question.arena, .until_ms = hearing->until_ms,
		.fn = on_ruling, .ctx = hearing,
	};
	struct str text = { 0 };

	/* Something is left for the database, or the journal. */
	if (hearing->policy->spool || hearing->policy->log_first)
		plan.until_ms -= hearing->policy->timeout_ms / 4;
	question_print(&text, &question);
	plan.question = text.data;
	plan.len = text.len;
	hearing->inquiry = inquiry_begin(hearing->policy, &plan);
	str_fini(&text);
	if (hearing->inquiry == NULL)
		give_up(hearing, "no server can be asked");
}

/* A rule would fail again, so what is kept is a reviewer's. */
static void
fail_rules(struct hearing *hearing, const char *why)
{
	struct policy *policy = hearing->policy;

	if (!policy->spool) {
		go_unjudged(hearing, why);
		return;
	}
	log_info("archive: policy \"%s\": %s is held for review: %s",
		 policy->name, hearing->event->id, why);
	hearing->ruled = RULING_HOLD;
	hearing->why = arena_strdup(hearing->event->req->arena, why);
	keep(hearing, "", on_held);
}

/* Nobody can judge what is not known whole, and it would be no other the next
   time. */
static void
fail_unclear(struct hearing *hearing)
{
	const struct policy *policy = hearing->policy;
	const struct hook_verdict refused = {
		.action = HOOK_DENY, .condition = ERROR_NOT_ACCEPTABLE,
		.text = policy->notice != NULL ? policy->notice :
			"This is too much, or not as it must be, to be "
			"judged.",
	};

	if (policy->open)
		close_with(hearing, &hearing->verdict, DOCKET_FAILED_OPEN);
	else
		close_with(hearing, &refused, DOCKET_FAILED_CLOSED);
}

bool
hearing_is_unclear(const struct hook_event *event)
{
	return event->cut || event->unclear;
}

static const char *
name_of(const struct policy *policy, size_t rule)
{
	return clause_name(rulebook_clause(policy->rulebook, rule));
}

/* By the rules first; what they leave open is a matter of the servers, if there
   are any. */
static void
judge(struct hearing *hearing)
{
	static const struct ruling allow = { .kind = RULING_ALLOW };
	const struct policy *policy = hearing->policy;
	const struct request *req = hearing->event->req;
	struct exhibit exhibit = exhibit_of(req->arena, req->runtime->hook,
					    &hearing->event->stanza,
					    clock_now());
	struct rulebook_finding finding = { 0 };
	struct error err = { 0 };
	int ret;

	exhibit.arrives = hearing->event->point == HOOK_POINT_RECEIVE;
	ret = rulebook_judge(policy->rulebook, &exhibit, &finding, &err);
	/* Of the rules before one that cannot be followed, too. */
	hearing->append = finding.append;
	if (ret < 0 || finding.ruling != NULL)
		hearing->rule = name_of(policy, finding.at);
	if (ret < 0)
		fail_rules(hearing, err.text);
	else if (finding.ruling != NULL)
		rule(hearing, finding.ruling);
	else if (policy->count > 0)
		inquire(hearing);
	else
		rule(hearing, &allow);
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
	hearing->came = serial_time(serial_next(&docket->archive->serial,
						clock_now()));
	hearing->until_ms = uv_now(loop) + policy->timeout_ms;
	hearing->verdict.action = HOOK_ALLOW;
	uv_timer_init(loop, &hearing->timer);
	hearing->timer.data = hearing;
	DL_APPEND(docket->hearings, hearing);
	if (hearing_is_unclear(event))
		fail_unclear(hearing);
	else
		judge(hearing);
	return REQUEST_PARKED;
}
