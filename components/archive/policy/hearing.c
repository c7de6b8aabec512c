#include "components/archive/policy/hearing.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/policy/decree.h"
#include "components/archive/policy/docket.h"
#include "components/archive/policy/inquiry.h"
#include "components/archive/policy/policy.h"
#include "components/archive/policy/question.h"
#include "components/archive/rules/clause.h"
#include "components/archive/rules/exhibit.h"
#include "components/archive/rules/rulebook.h"
#include "components/archive/rules/ruling.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/request.h"
#include "shared/str.h"

struct hearing {
	struct decree decree;
	struct inquiry *inquiry;	/* under way, or NULL */
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
	struct decree *decree = &hearing->decree;
	struct request *req = decree->event->req;

	DL_DELETE(decree->docket->hearings, hearing);
	inquiry_cancel(&hearing->inquiry);
	decree_fini(decree, on_closed);
	policy_unref(&decree->policy);
	request_finish(req, err);
}

static void
on_done(void *ctx)
{
	end(ctx, NULL);
}

/* They stand in the order in which they came. */
bool
hearing_is_before(const struct docket *docket, const char *policy,
		  int64_t time)
{
	const struct hearing *hearing = docket->hearings;

	for (; hearing != NULL && hearing->decree.came < time;
	     hearing = hearing->next)
		if (strcmp(hearing->decree.policy->name, policy) == 0)
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
		if (host == NULL || hearing->decree.event->host == host)
			end(hearing, host == NULL ? &err : NULL);
}

static void
on_ruling(void *ctx, const struct ruling *ruling, const struct error *err)
{
	struct hearing *hearing = ctx;

	hearing->inquiry = NULL;
	if (ruling != NULL)
		decree_follow(&hearing->decree, ruling);
	else
		decree_give_up(&hearing->decree, err->text);
}

static void
inquire(struct hearing *hearing)
{
	struct decree *decree = &hearing->decree;
	struct policy *policy = decree->policy;
	const struct question question = question_of(decree->event);
	struct inquiry_plan plan = {
		.arena = question.arena, .until_ms = decree->until_ms,
		.fn = on_ruling, .ctx = hearing,
	};
	struct str text = { 0 };

	/* Something is left for the database, or the journal. */
	if (policy->spool || policy->log_first)
		plan.until_ms -= policy->timeout_ms / 4;
	question_print(&text, &question);
	plan.question = text.data;
	plan.len = text.len;
	hearing->inquiry = inquiry_begin(policy, &plan);
	str_fini(&text);
	if (hearing->inquiry == NULL)
		decree_give_up(decree, "no server can be asked");
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

/* What goes into a room is judged as somebody sends it. */
static bool
arrives(const struct hook_event *event)
{
	const struct jid *to = event->stanza.to;

	return event->point == HOOK_POINT_RECEIVE && to != NULL &&
	       strcmp(to->domain, event->host->domain) == 0;
}

/* By the rules first; what they leave open is a matter of the servers, if there
   are any. */
static void
judge(struct hearing *hearing)
{
	static const struct ruling allow = { .kind = RULING_ALLOW };
	struct decree *decree = &hearing->decree;
	const struct policy *policy = decree->policy;
	const struct hook_event *event = decree->event;
	const struct request *req = event->req;
	struct exhibit exhibit = exhibit_of(req->arena, req->runtime->hook,
					    &event->stanza, clock_now());
	struct rulebook_finding finding = { 0 };
	struct error err = { 0 };
	int ret;

	exhibit.arrives = arrives(event);
	ret = rulebook_judge(policy->rulebook, &exhibit, &finding, &err);
	/* Of the rules before one that cannot be followed, too. */
	decree->append = finding.append;
	if (ret < 0 || finding.ruling != NULL)
		decree->rule = name_of(policy, finding.at);
	if (ret < 0)
		decree_fail(decree, err.text);
	else if (finding.ruling != NULL)
		decree_follow(decree, finding.ruling);
	else if (policy->count > 0)
		inquire(hearing);
	else
		decree_follow(decree, &allow);
}

int
hearing_begin(struct docket *docket, struct policy *policy,
	      struct hook_event *event)
{
	struct hearing *hearing = calloc(1, sizeof(*hearing));
	uv_loop_t *loop = event->req->runtime->loop;

	ensure(hearing != NULL);
	policy_ref(policy);
	hearing->decree = (struct decree){
		.docket = docket, .policy = policy, .event = event,
		.began_ns = uv_hrtime(),
		.until_ms = uv_now(loop) + policy->timeout_ms,
		.came = serial_time(serial_next(&docket->archive->serial,
						clock_now())),
		.fn = on_done, .ctx = hearing,
	};
	decree_init(&hearing->decree, loop);
	DL_APPEND(docket->hearings, hearing);
	if (hearing_is_unclear(event))
		decree_fail_unclear(&hearing->decree);
	else
		judge(hearing);
	return REQUEST_PARKED;
}
