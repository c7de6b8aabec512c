#include "components/archive/policy/decree.h"

#include "components/archive/archive.h"
#include "components/archive/policy/docket.h"
#include "components/archive/policy/held.h"
#include "components/archive/policy/ledger.h"
#include "components/archive/policy/policy.h"
#include "components/archive/policy/verdict.h"
#include "components/archive/rules/amendment.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook_event.h"
#include "shared/hook_host.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/request.h"
#include "shared/xml.h"

static void
close_with(struct decree *decree, const struct hook_verdict *verdict,
	   enum docket_count what)
{
	hook_judge(decree->event, verdict);
	docket_count(decree->docket, what, uv_hrtime() - decree->began_ns);
	decree->fn(decree->ctx);
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
amend(struct decree *decree, const struct ruling *ruling, struct error *err)
{
	struct xml *message;

	if (amendment_make(decree->event->req->arena,
			   decree->event->stanza.el, ruling, &message,
			   err) < 0)
		return -1;
	/* With an error the shim may let it go on as it is. */
	if (!hook_host_takes(decree->event->host, message))
		return error_set(err, ERROR_NOT_ACCEPTABLE, "what the server "
				 "makes of it is larger than the router "
				 "takes");
	decree->verdict = (struct hook_verdict){
		.action = HOOK_REPLACE, .stanza = message,
	};
	return 0;
}

/* What rules append needs no verdict of others. */
static void
add_appended(struct decree *decree)
{
	static const struct ruling allow = { .kind = RULING_ALLOW };
	const struct ruling ruling = ruling_with(&allow, decree->append);
	struct error err;

	if (ruling.kind == RULING_MODIFY &&
	    decree->verdict.action == HOOK_ALLOW &&
	    amend(decree, &ruling, &err) < 0)
		log_debug("archive: nothing is appended to %s: %s",
			  decree->event->id, err.text);
}

/* What goes on then does so as it was ruled, if it was. */
static void
fail(struct decree *decree, const char *why)
{
	struct policy *policy = decree->policy;
	const struct hook_verdict refused = {
		.action = HOOK_DENY, .condition = ERROR_RESOURCE_CONSTRAINT,
		.text = policy->notice != NULL ? policy->notice :
			"This cannot be judged now, try again later.",
	};

	complain(policy, why);
	if (policy->open) {
		add_appended(decree);
		close_with(decree, &decree->verdict, DOCKET_FAILED_OPEN);
	} else {
		close_with(decree, &refused, DOCKET_FAILED_CLOSED);
	}
}

static void
note(const struct decree *decree)
{
	const struct verdict verdict = {
		.policy = decree->policy, .rule = decree->rule,
		.kind = decree->ruled, .why = decree->why,
	};

	if (decree->ruled != RULING_ALLOW)
		verdict_note(decree->docket->archive, decree->event, &verdict);
}

/* There is a verdict. */
static void
settle(struct decree *decree, const struct hook_verdict *verdict,
       enum docket_count what)
{
	struct policy *policy = decree->policy;

	if (policy->failing)
		log_info("archive: policy \"%s\": there are verdicts again",
			 policy->name);
	policy->failing = false;
	note(decree);
	close_with(decree, verdict, what);
}

static void
let_go_on(struct decree *decree)
{
	if (decree->unjudged)
		close_with(decree, &decree->verdict, DOCKET_FAILED_OPEN);
	else
		settle(decree, &decree->verdict,
		       decree->verdict.action == HOOK_REPLACE ?
		       DOCKET_MODIFIED : DOCKET_ALLOWED);
}

static void
on_logged(void *ctx, const struct error *err)
{
	struct decree *decree = ctx;

	decree->entry = NULL;
	if (err != NULL)
		fail(decree, err->text);
	else
		let_go_on(decree);
}

static void
on_late(uv_timer_t *timer)
{
	struct decree *decree = timer->data;

	fail(decree, decree->held != NULL ?
	     "the database does not take in time what is to be held" :
	     "the journal does not take it in time");
}

static uint64_t
left_ms(const struct decree *decree)
{
	uint64_t now = uv_now(decree->timer.loop);

	return now < decree->until_ms ? decree->until_ms - now : 0;
}

static int
put_in_ledger(struct decree *decree, struct error *err)
{
	const struct hook_event *event = decree->event;
	struct stanza stanza = event->stanza;
	const struct ledger_item item = {
		.arena = event->req->arena, .id = event->id,
		.host = event->host->domain, .point = event->point,
		.stamp = event->stamp, .stanza = &stanza, .cut = event->cut,
		.unclear = event->unclear, .fn = on_logged, .ctx = decree,
	};

	if (decree->verdict.action == HOOK_REPLACE)
		stanza.el = (struct xml *)decree->verdict.stanza;
	return ledger_put(decree->docket->archive, &item, &decree->entry, err);
}

/* Whatever the policy says of failures, as it would be the same the next
   time. */
static void
refuse_unlogged(struct decree *decree, const struct error *err)
{
	const char *notice = decree->policy->notice;
	const struct hook_verdict refused = {
		.action = HOOK_DENY, .condition = err->cond,
		.text = notice != NULL ? notice :
			"This cannot be archived, as it has to be.",
	};

	log_debug("archive: %s is refused, as it cannot be logged: %s",
		  decree->event->id, err->text);
	close_with(decree, &refused, DOCKET_FAILED_CLOSED);
}

/* What goes on is logged first, where that is wanted. */
static void
log_first(struct decree *decree)
{
	struct error err;

	if (decree->policy->log_first && put_in_ledger(decree, &err) < 0)
		refuse_unlogged(decree, &err);
	else if (decree->entry == NULL)
		let_go_on(decree);
	else
		uv_timer_start(&decree->timer, on_late, left_ms(decree), 0);
}

/* There is no verdict.  What goes on without one is logged first as well. */
static void
go_unjudged(struct decree *decree, const char *why)
{
	if (!decree->policy->open) {
		fail(decree, why);
		return;
	}
	complain(decree->policy, why);
	decree->unjudged = true;
	add_appended(decree);
	log_first(decree);
}

static void
block(struct decree *decree, const struct ruling *ruling)
{
	struct hook_verdict verdict = {
		.action = HOOK_DENY, .condition = ruling->condition,
		.silent = ruling->silent,
		.text = ruling->notice != NULL ? ruling->notice :
						 decree->policy->notice,
	};

	settle(decree, &verdict, DOCKET_BLOCKED);
}

static void
modify(struct decree *decree, const struct ruling *ruling)
{
	struct error err = { 0 };

	if (amend(decree, ruling, &err) < 0)
		go_unjudged(decree, err.text);
	else
		log_first(decree);
}

/* For a reviewer. */
static void
on_held(void *ctx, const struct error *err)
{
	const struct hook_verdict verdict = { .action = HOOK_HOLD };
	struct decree *decree = ctx;

	decree->held = NULL;
	if (err != NULL)
		fail(decree, err->text);
	else
		settle(decree, &verdict, DOCKET_HELD);
}

/* Nobody else has it then, so it is durable first.  It waits where it came:
   servers need not answer in that order. */
static void
keep(struct decree *decree, const char *waits, held_fn *fn)
{
	const struct held_term term = { waits, decree->came };
	struct archive *archive = decree->docket->archive;

	if (held_is_full(archive)) {
		metric_add(archive->refused, 1);
		fail(decree, "as much is held as may be (held_max)");
		return;
	}
	decree->held = held_put(archive, decree->event, &term, fn, decree);
	uv_timer_start(&decree->timer, on_late, left_ms(decree), 0);
}

void
decree_follow(struct decree *decree, const struct ruling *given)
{
	const struct ruling with = ruling_with(given, decree->append);
	const struct ruling *ruling = &with;

	decree->ruled = given->kind;
	switch (ruling->kind) {
	case RULING_ALLOW:
		log_first(decree);
		break;
	case RULING_BLOCK:
		block(decree, ruling);
		break;
	case RULING_MODIFY:
		modify(decree, ruling);
		break;
	case RULING_HOLD:
		keep(decree, "", on_held);
		break;
	}
}

static void
on_spooled(void *ctx, const struct error *err)
{
	const struct hook_verdict verdict = { .action = HOOK_HOLD };
	struct decree *decree = ctx;

	decree->held = NULL;
	if (err != NULL)
		fail(decree, err->text);
	else
		close_with(decree, &verdict, DOCKET_SPOOLED);
}

void
decree_give_up(struct decree *decree, const char *why)
{
	struct policy *policy = decree->policy;

	if (!policy->spool) {
		go_unjudged(decree, why);
		return;
	}
	complain(policy, why);
	keep(decree, policy->name, on_spooled);
}

void
decree_fail(struct decree *decree, const char *why)
{
	struct policy *policy = decree->policy;

	if (!policy->spool) {
		go_unjudged(decree, why);
		return;
	}
	log_info("archive: policy \"%s\": %s is held for review: %s",
		 policy->name, decree->event->id, why);
	decree->ruled = RULING_HOLD;
	decree->why = arena_strdup(decree->event->req->arena, why);
	keep(decree, "", on_held);
}

void
decree_fail_unclear(struct decree *decree)
{
	const struct policy *policy = decree->policy;
	const struct hook_verdict refused = {
		.action = HOOK_DENY, .condition = ERROR_NOT_ACCEPTABLE,
		.text = policy->notice != NULL ? policy->notice :
			"This is too much, or not as it must be, to be "
			"judged.",
	};

	if (!policy->open) {
		close_with(decree, &refused, DOCKET_FAILED_CLOSED);
		return;
	}
	decree->unjudged = true;
	log_first(decree);
}

void
decree_init(struct decree *decree, uv_loop_t *loop)
{
	decree->verdict.action = HOOK_ALLOW;
	uv_timer_init(loop, &decree->timer);
	decree->timer.data = decree;
}

void
decree_fini(struct decree *decree, uv_close_cb closed)
{
	ledger_forget(&decree->entry);
	held_forget(&decree->held);
	decree->timer.data = decree->ctx;
	uv_close((uv_handle_t *)&decree->timer, closed);
}
