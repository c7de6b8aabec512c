#include "components/archive/policy/sentence.h"

#include <jansson.h>
#include <stdlib.h>

#include "components/archive/archive.h"
#include "components/archive/policy/held.h"
#include "components/archive/policy/ledger.h"
#include "components/archive/policy/policy.h"
#include "components/archive/rules/amendment.h"
#include "shared/arena.h"
#include "shared/audit.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/hook_request.h"
#include "shared/log.h"
#include "shared/str.h"

void
sentence_fini(struct sentence *sentence)
{
	free(sentence->noted);
	sentence->noted = NULL;
}

void
sentence_stop(struct sentence *sentence)
{
	sentence->stopped = true;
}

static void
end(struct sentence *sentence, enum sentence_end how)
{
	sentence->fn(sentence->ctx, how, NULL);
}

/* What is no UTF-8 is left out. */
static char *
detail_of(const struct sentence *sentence, const char *why)
{
	json_t *detail = json_object();
	char *text;

	json_object_set_new(detail, "id", json_string(sentence->held->uid));
	json_object_set_new(detail, "policy",
			    json_string(sentence->policy->name));
	if (why != NULL)
		json_object_set_new(detail, "why", json_string(why));
	text = json_dumps(detail, JSON_COMPACT);
	ensure(text != NULL);
	json_decref(detail);
	return text;
}

static void
on_noted(void *ctx, const struct error *err)
{
	struct sentence *sentence = ctx;

	if (err != NULL)
		sentence_fini(sentence);
	if (err != NULL || sentence->stopped)
		end(sentence, SENTENCE_FAILED);
	else
		sentence->step(sentence);
}

/* Writes down what is to be done, and goes on with that. */
static void
note(struct sentence *sentence, const char *action, const char *why,
     void (*step)(struct sentence *sentence))
{
	const char *what = arena_printf(sentence->arena, "%s %s", action,
					sentence->held->uid);
	char *detail;

	sentence->step = step;
	if (sentence->noted != NULL && str_same(sentence->noted, what)) {
		step(sentence);
		return;
	}
	log_info("archive: policy \"%s\": %s, which waited, is %s%s%s",
		 sentence->policy->name, sentence->held->uid, action,
		 why == NULL ? "" : ": ", why == NULL ? "" : why);
	free(sentence->noted);
	sentence->noted = str_dup(what);
	sentence->logged = false;
	detail = detail_of(sentence, why);
	audit_note(sentence->archive->runtime->store, &(struct audit_event){
			   "policy", action, detail }, on_noted, sentence);
	free(detail);
}

static void
on_referred(void *ctx, const struct store_result *result,
	    const struct error *err)
{
	(void)result;
	end(ctx, err == NULL ? SENTENCE_REFERRED : SENTENCE_FAILED);
}

static void
refer(struct sentence *sentence)
{
	held_review(sentence->archive->runtime->store, sentence->held->uid,
		    on_referred, sentence);
}

void
sentence_refer(struct sentence *sentence, const char *why)
{
	note(sentence, "referred", why, refer);
}

/* Whether the shim would say the same another time. */
static bool
is_final(const struct error *err)
{
	return err->cond == ERROR_FORBIDDEN ||
	       err->cond == ERROR_BAD_REQUEST ||
	       err->cond == ERROR_JID_MALFORMED ||
	       err->cond == ERROR_NOT_ACCEPTABLE ||
	       err->cond == ERROR_POLICY_VIOLATION;
}

/* Whether the shim is there and works, but for this one.  One that says nothing
   may hang altogether, unless something else has come from it meanwhile. */
static bool
is_its_fault(const struct sentence *sentence, const struct error *err)
{
	const struct hook_host *host = hook_find(
		sentence->archive->runtime->hook, sentence->held->host);

	switch (err->cond) {
	case ERROR_SERVICE_UNAVAILABLE:
	case ERROR_RESOURCE_CONSTRAINT:
		return false;
	case ERROR_REMOTE_SERVER_TIMEOUT:
		return host != NULL && host->heard != sentence->heard;
	default:
		return true;
	}
}

static void
on_released(void *ctx, const struct error *err, const struct stanza *answer)
{
	struct sentence *sentence = ctx;

	(void)answer;
	if (err == NULL)
		end(sentence, SENTENCE_DONE);
	else if (is_final(err) && !sentence->stopped)
		sentence_refer(sentence, error_reason(err));
	else
		sentence->fn(sentence->ctx, is_its_fault(sentence, err) ?
			     SENTENCE_REFUSED : SENTENCE_STUCK,
			     error_reason(err));
}

static void
let_go(struct sentence *sentence)
{
	const struct held *held = sentence->held;
	struct runtime *runtime = sentence->archive->runtime;
	const struct hook_host *host = hook_find(runtime->hook, held->host);
	const struct hook_release release = {
		.id = held->uid, .point = held->point, .stamp = held->stamp,
		.stanza = sentence->stanza.el,
	};

	if (host == NULL) {
		end(sentence, SENTENCE_FAILED);
		return;
	}
	sentence->heard = host->heard;
	hook_release(runtime, host, &release,
		     (struct hook_done){ on_released, sentence });
}

static void
on_logged(void *ctx, const struct error *err)
{
	struct sentence *sentence = ctx;

	sentence->logged = err == NULL;
	if (err != NULL || sentence->stopped)
		end(sentence, SENTENCE_FAILED);
	else
		let_go(sentence);
}

static void
begin_going(struct sentence *sentence)
{
	const struct ledger_item item = {
		.arena = sentence->arena, .stanza = &sentence->stanza,
		.log_first = sentence->policy->log_first,
		.fn = on_logged, .ctx = sentence,
	};
	struct ledger_entry *entry = NULL;
	struct error err;

	if (!sentence->logged &&
	    ledger_put_held(sentence->archive, sentence->held, &item, &entry,
			    &err) < 0)
		sentence_refer(sentence, err.text);
	else if (entry == NULL)
		let_go(sentence);
}

static void
begin_release(struct sentence *sentence, const char *action)
{
	const struct hook_host *host = hook_find(
		sentence->archive->runtime->hook, sentence->held->host);

	if (host != NULL && !hook_host_takes(host, sentence->stanza.el))
		sentence_refer(sentence, "it is larger than the router "
			       "takes");
	else
		note(sentence, action, NULL, begin_going);
}

/* Whether that came through or not: it is for whoever is there. */
static void
on_refused(void *ctx, const struct error *err, const struct stanza *answer)
{
	struct sentence *sentence = ctx;

	(void)answer;
	if (err != NULL)
		log_info("archive: the sender of %s was not told: %s",
			 sentence->held->uid, error_reason(err));
	end(sentence, SENTENCE_DONE);
}

/* The sender is told as he would have been at once. */
static void
refuse(struct sentence *sentence)
{
	const struct held *held = sentence->held;
	const struct ruling *ruling = &sentence->ruling;
	struct runtime *runtime = sentence->archive->runtime;
	const struct hook_host *host = hook_find(runtime->hook, held->host);
	const struct hook_denial denial = {
		.id = held->uid, .point = held->point,
		.stanza = sentence->stanza.el,
		.condition = ruling->condition,
		.text = ruling->notice != NULL ? ruling->notice :
						 sentence->policy->notice,
	};

	if (ruling->silent || host == NULL ||
	    !hook_host_takes(host, sentence->stanza.el))
		end(sentence, SENTENCE_DONE);
	else
		hook_deny(runtime, host, &denial,
			  (struct hook_done){ on_refused, sentence });
}

static void
modify(struct sentence *sentence, const struct ruling *ruling)
{
	struct error err = { 0 };
	struct xml *message;

	if (amendment_make(sentence->arena, sentence->stanza.el, ruling,
			   &message, &err) < 0) {
		sentence_refer(sentence, err.text);
		return;
	}
	sentence->stanza.el = message;
	begin_release(sentence, "modified");
}

void
sentence_follow(struct sentence *sentence, const struct ruling *ruling)
{
	sentence->ruling = *ruling;
	switch (ruling->kind) {
	case RULING_ALLOW:
		begin_release(sentence, "released");
		break;
	case RULING_BLOCK:
		note(sentence, "blocked", NULL, refuse);
		break;
	case RULING_MODIFY:
		modify(sentence, ruling);
		break;
	case RULING_HOLD:
		sentence_refer(sentence, "the policy wants it");
		break;
	}
}
