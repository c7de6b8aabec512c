#include "components/archive/policy/court.h"

#include <stdlib.h>
#include <string.h>

#include "components/archive/archive.h"
#include "components/archive/policy/hearing.h"
#include "components/archive/policy/policy.h"
#include "components/archive/policy/retrial.h"
#include "components/archive/rules/exhibit.h"
#include "components/archive/rules/rulebook.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/hook_answer.h"
#include "shared/request.h"
#include "shared/status.h"
#include "shared/str.h"

#define DEFAULT "default"

static void
take(struct court *court, const struct setting_titled *titled)
{
	struct archive *archive = court->docket.archive;
	const struct policy_terms terms = { archive->settings->rule,
					    archive->groups, false };

	while (titled[court->count].title != NULL)
		court->count++;
	court->policies = calloc(court->count + 1, sizeof(*court->policies));
	court->retrials = calloc(court->count + 1, sizeof(*court->retrials));
	ensure(court->policies != NULL && court->retrials != NULL);
	for (size_t i = 0; i < court->count; i++) {
		court->policies[i] = policy_new(archive->runtime->loop,
						&titled[i], &terms);
		/* It may have been one that keeps, before a reload. */
		if (court->policies[i]->count > 0)
			court->retrials[i] = retrial_new(archive,
							 court->policies[i]);
	}
}

static void
drop(struct court *court)
{
	for (size_t i = 0; i < court->count; i++) {
		retrial_free(&court->retrials[i]);
		policy_unref(&court->policies[i]);
	}
	free(court->retrials);
	free(court->policies);
	court->count = 0;
}

struct court *
court_new(struct archive *archive, const struct setting_titled *titled)
{
	struct court *court = calloc(1, sizeof(*court));

	ensure(court != NULL);
	docket_init(&court->docket, archive);
	take(court, titled);
	return court;
}

void
court_reload(struct court *court, const struct setting_titled *titled)
{
	drop(court);
	take(court, titled);
}

void
court_free(struct court **court_p)
{
	struct court *court = *court_p;

	if (court == NULL)
		return;
	*court_p = NULL;
	hearing_drop_all(&court->docket, NULL);
	drop(court);
	free(court);
}

void
court_leave(struct court *court, const struct hook_host *host)
{
	if (court != NULL)
		hearing_drop_all(&court->docket, host);
}

static struct policy *
find(const struct court *court, const char *name)
{
	for (size_t i = 0; i < court->count; i++)
		if (strcmp(court->policies[i]->name, name) == 0)
			return court->policies[i];
	return NULL;
}

struct policy *
court_find(const struct court *court, const char *profile)
{
	struct policy *policy = find(court, profile);

	return policy != NULL ? policy : find(court, DEFAULT);
}

static void
let_go_on(struct hook_event *event)
{
	hook_judge(event, &(struct hook_verdict){ .action = HOOK_ALLOW });
}

static bool
concerns(const struct policy *policy, const struct hook_event *event)
{
	const struct request *req = event->req;
	struct exhibit exhibit = exhibit_of(req->arena, req->runtime->hook,
					    &event->stanza, event->stamp);

	exhibit.unclear = hearing_is_unclear(event);
	return concern_covers(&policy->concern, &exhibit);
}

int
court_on_check(struct hook_event *event, void *ctx, struct error *err)
{
	const struct archive *archive = ctx;
	struct court *court = archive->court;
	struct policy *policy;

	/* It would go on though a policy may say that it must not. */
	if (court == NULL)
		return error_set(err, ERROR_SERVICE_UNAVAILABLE,
				 "nobody judges any more");
	if (court->count == 0) {
		let_go_on(event);
		return 0;
	}
	policy = court_find(court, event->profile);
	if (policy == NULL)
		return error_set(err, ERROR_ITEM_NOT_FOUND, "there is no "
				 "policy \"%.40s\", and no \"" DEFAULT "\"",
				 event->profile);
	/* Of whom it is may not be known. */
	if (event->stanza.el == NULL || concerns(policy, event))
		return hearing_begin(&court->docket, policy, event);
	let_go_on(event);
	return 0;
}

void
court_add_missing(const struct court *court, struct str *out)
{
	const struct hook *hook = court->docket.archive->runtime->hook;

	if (court->count > 0 && hook_offering(hook, HOOK_CHECK) == NULL)
		str_addz(out, "there are policies, but the router's module "
			 "asks for no verdicts\n");
	for (size_t i = 0; i < court->count; i++)
		if (court->policies[i]->count > 0 &&
		    policy_well(court->policies[i]) == 0)
			str_addf(out, "no server of the policy \"%s\" "
				 "answers, see the log\n",
				 court->policies[i]->name);
}

void
court_add_status(const struct court *court, struct call *call)
{
	for (size_t i = 0; i < court->count; i++) {
		const struct policy *policy = court->policies[i];

		status_add(call, "policy", "\"%s\": %zu rules, %zu of %zu "
			   "servers work", policy->name,
			   rulebook_count(policy->rulebook),
			   policy_well(policy), policy->count);
	}
}
