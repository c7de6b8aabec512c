#include "components/archive/policy/retrial.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/policy/backlog.h"
#include "components/archive/policy/claim.h"
#include "components/archive/policy/court.h"
#include "components/archive/policy/hearing.h"
#include "components/archive/policy/held.h"
#include "components/archive/policy/inquiry.h"
#include "components/archive/policy/policy.h"
#include "components/archive/policy/question.h"
#include "components/archive/policy/sentence.h"
#include "components/archive/rules/exhibit.h"
#include "components/archive/rules/rulebook.h"
#include "components/archive/rules/ruling.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/log.h"
#include "shared/parser.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Between two looks, as long as nothing waits or nobody judges. */
#define PAUSE_MS 1000

enum retrial_state {
	RETRIAL_IDLE,		/* until the timer */
	RETRIAL_ASKING,		/* a server */
	RETRIAL_WAITING,	/* for the database or the shim */
};

struct retrial {
	struct archive *archive;
	struct policy *policy;
	enum retrial_state state;
	bool gone;		/* its owner is, so it ends with its waiting */
	uv_timer_t timer;
	struct inquiry *inquiry;
	/* Of the one that is judged. */
	struct arena *arena;
	struct held held;
	struct stanza stanza;
	struct claim claim;
	bool claimed;
	const char *append;	/* to what goes on, by rules; or NULL */
	struct sentence sentence;
	struct backlog backlog;
};

static void
on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

static void
let_go(struct retrial *retrial)
{
	if (retrial->claimed)
		claim_drop(&retrial->archive->claims, &retrial->claim);
	retrial->claimed = false;
}

static void
destroy(struct retrial *retrial)
{
	let_go(retrial);
	sentence_fini(&retrial->sentence);
	backlog_fini(&retrial->backlog);
	policy_unref(&retrial->policy);
	arena_free(&retrial->arena);
	uv_close((uv_handle_t *)&retrial->timer, on_closed);
}

static void
retrial_set_state(struct retrial *retrial, enum retrial_state state)
{
	retrial->state = state;
}

/* Whether its owner has gone while it waited: then it is gone as well. */
static bool
has_ended(struct retrial *retrial)
{
	if (!retrial->gone)
		return false;
	destroy(retrial);
	return true;
}

static void on_timer(uv_timer_t *timer);

static void
look_again(struct retrial *retrial, unsigned ms)
{
	let_go(retrial);
	retrial_set_state(retrial, RETRIAL_IDLE);
	uv_timer_start(&retrial->timer, on_timer, ms, 0);
}

static void
blame_host(struct retrial *retrial, const char *why)
{
	if (backlog_blame(&retrial->backlog, &retrial->held,
			  uv_now(retrial->timer.loop)))
		log_warning("archive: policy \"%s\": what waits of %s cannot "
			    "go on: %s", retrial->policy->name,
			    retrial->held.host, why);
}

static struct sentence *prepare(struct retrial *retrial);

/* What is done with is not this one's any more, which may have gone.  What is
   read next is behind its removal. */
static void
on_end(void *ctx, enum sentence_end end, const char *why)
{
	struct retrial *retrial = ctx;

	if (end == SENTENCE_DONE) {
		let_go(retrial);
		held_take_out(retrial->archive, retrial->held.uid,
			      retrial->held.host);
	}
	if (has_ended(retrial))
		return;
	if (end == SENTENCE_REFUSED &&
	    !backlog_refuse(&retrial->backlog, &retrial->held)) {
		sentence_refer(prepare(retrial), why);
		return;
	}
	if (end == SENTENCE_STUCK || end == SENTENCE_REFUSED)
		blame_host(retrial, why);
	look_again(retrial, end == SENTENCE_DONE ||
		   end == SENTENCE_REFERRED ? 0 : PAUSE_MS);
}

static struct sentence *
prepare(struct retrial *retrial)
{
	struct sentence *sentence = &retrial->sentence;

	sentence->archive = retrial->archive;
	sentence->policy = retrial->policy;
	sentence->arena = retrial->arena;
	sentence->held = &retrial->held;
	sentence->stanza = retrial->stanza;
	sentence->fn = on_end;
	sentence->ctx = retrial;
	retrial_set_state(retrial, RETRIAL_WAITING);
	return sentence;
}

static void
fail(struct retrial *retrial, const char *why)
{
	switch (backlog_fail(&retrial->backlog, &retrial->held)) {
	case BACKLOG_BLAMED:
		sentence_refer(prepare(retrial), why);
		return;
	case BACKLOG_FIRST:
		log_warning("archive: policy \"%s\": %s, which waits, is not "
			    "judged: %s", retrial->policy->name,
			    retrial->held.uid, why);
		break;
	case BACKLOG_AGAIN:
		break;
	}
	look_again(retrial, PAUSE_MS);
}

static void
end_probe(struct retrial *retrial, bool judged)
{
	backlog_probed(&retrial->backlog, &retrial->held, judged);
	look_again(retrial, judged ? 0 : PAUSE_MS);
}

static void
follow(struct retrial *retrial, const struct ruling *given)
{
	const struct ruling with = ruling_with(given, retrial->append);
	const struct ruling *ruling = &with;

	backlog_succeed(&retrial->backlog);
	sentence_follow(prepare(retrial), ruling);
}

static void
on_ruling(void *ctx, const struct ruling *ruling, const struct error *err)
{
	struct retrial *retrial = ctx;

	retrial->inquiry = NULL;
	if (backlog_is_probing(&retrial->backlog))
		end_probe(retrial, ruling != NULL);
	else if (ruling == NULL)
		fail(retrial, error_reason(err));
	else
		follow(retrial, ruling);
}

static void
inquire(struct retrial *retrial)
{
	const struct held *held = &retrial->held;
	const struct question question = {
		.arena = retrial->arena, .id = held->uid,
		.host = held->host, .point = held->point,
		.profile = held->profile, .stamp = held->stamp,
		.stanza = &retrial->stanza,
	};
	struct inquiry_plan plan = {
		.arena = retrial->arena,
		.until_ms = uv_now(retrial->timer.loop) +
			    retrial->policy->timeout_ms,
		.again = true, .fn = on_ruling, .ctx = retrial,
	};
	struct str text = { 0 };

	question_print(&text, &question);
	plan.question = text.data;
	plan.len = text.len;
	retrial->inquiry = inquiry_begin(retrial->policy, &plan);
	str_fini(&text);
	if (retrial->inquiry == NULL)
		look_again(retrial, PAUSE_MS);
	else
		retrial_set_state(retrial, RETRIAL_ASKING);
}

/* By the rules first, which may be others by now; another that is asked about
   for the sake of the oldest is a matter of the servers alone. */
static void
judge_claimed(struct retrial *retrial)
{
	struct exhibit exhibit = exhibit_of(
		retrial->arena, retrial->archive->runtime->hook,
		&retrial->stanza, retrial->held.stamp);
	struct rulebook_finding finding = { 0 };
	struct error err = { 0 };

	exhibit.again = true;
	if (backlog_is_probing(&retrial->backlog)) {
		inquire(retrial);
		return;
	}
	if (rulebook_judge(retrial->policy->rulebook, &exhibit, &finding,
			   &err) < 0) {
		sentence_refer(prepare(retrial), err.text);
		return;
	}
	retrial->append = finding.append;
	if (finding.ruling != NULL)
		follow(retrial, finding.ruling);
	else
		inquire(retrial);
}

/* Returns 0, or -1 with err: somebody else has changed it. */
static int
take(struct retrial *retrial, const struct store_result *result,
     struct error *err)
{
	struct xml *el;

	arena_reset(retrial->arena);
	retrial->held = held_copy(retrial->arena, result, 0);
	if (parser_document(retrial->arena, retrial->held.stanza,
			    strlen(retrial->held.stanza),
			    &parser_limits_default, &el, err) < 0)
		return -1;
	return stanza_parse_routed(retrial->arena, el, &retrial->stanza, err);
}

static void
judge(struct retrial *retrial, const struct store_result *result)
{
	struct error why = { 0 };

	if (take(retrial, result, &why) < 0) {
		sentence_refer(prepare(retrial), why.text);
		return;
	}
	retrial->claimed = claim_take(&retrial->archive->claims,
				      &retrial->claim, retrial->held.uid);
	if (retrial->claimed)
		judge_claimed(retrial);
	else
		look_again(retrial, PAUSE_MS);
}

static bool
can_go_on(const struct retrial *retrial, const struct held *held)
{
	return hook_find(retrial->archive->runtime->hook, held->host) != NULL &&
	       !backlog_fails(&retrial->backlog, held->host);
}

static void
consider(struct retrial *retrial, const struct store_result *result)
{
	const struct held held = held_of(result, 0);

	if (hearing_is_before(&retrial->archive->court->docket,
			      retrial->policy->name, held.since)) {
		/* What came before it may have to wait as well. */
		look_again(retrial, PAUSE_MS);
	} else if (!can_go_on(retrial, &held)) {
		backlog_pass(&retrial->backlog, &held);
		look_again(retrial, 0);
	} else if (backlog_is_old(&retrial->backlog,
				  retrial->archive->hellos)) {
		look_again(retrial, 0);
	} else {
		judge(retrial, result);
	}
}

static void
on_next(void *ctx, const struct store_result *result, const struct error *err)
{
	struct retrial *retrial = ctx;

	if (has_ended(retrial))
		return;
	if (err == NULL && store_rows(result) > 0) {
		consider(retrial, result);
		return;
	}
	backlog_end(&retrial->backlog, uv_now(retrial->timer.loop));
	look_again(retrial, PAUSE_MS);
}

static void
on_timer(uv_timer_t *timer)
{
	struct retrial *retrial = timer->data;
	size_t left;

	/* Who judges is to be there, and who is told. */
	if (policy_next(retrial->policy, 0, &left) == NULL ||
	    hook_offering(retrial->archive->runtime->hook, HOOK_CHECK) ==
	    NULL) {
		look_again(retrial, PAUSE_MS);
		return;
	}
	retrial_set_state(retrial, RETRIAL_WAITING);
	held_next(retrial->archive->runtime->store, retrial->policy->name,
		  backlog_place(&retrial->backlog, retrial->archive->hellos,
				uv_now(timer->loop)), on_next, retrial);
}

struct retrial *
retrial_new(struct archive *archive, struct policy *policy)
{
	struct retrial *retrial = calloc(1, sizeof(*retrial));

	ensure(retrial != NULL);
	retrial->archive = archive;
	retrial->policy = policy;
	policy_ref(policy);
	retrial->arena = arena_new();
	uv_timer_init(archive->runtime->loop, &retrial->timer);
	retrial->timer.data = retrial;
	look_again(retrial, 0);
	return retrial;
}

void
retrial_free(struct retrial **retrial_p)
{
	struct retrial *retrial = *retrial_p;

	if (retrial == NULL)
		return;
	*retrial_p = NULL;
	inquiry_cancel(&retrial->inquiry);
	/* Nobody else takes up what it has until that is done with. */
	sentence_stop(&retrial->sentence);
	if (retrial->state == RETRIAL_WAITING)
		retrial->gone = true;
	else
		destroy(retrial);
}
