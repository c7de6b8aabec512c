#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/command/sieve.h"
#include "components/archive/commands.h"
#include "components/archive/policy/policy.h"
#include "components/archive/rules/clause.h"
#include "components/archive/rules/exhibit.h"
#include "components/archive/rules/rulebook.h"
#include "shared/arena.h"
#include "shared/audit.h"
#include "shared/call.h"
#include "shared/clock.h"
#include "shared/content.h"
#include "shared/error.h"
#include "shared/groups.h"
#include "shared/jid.h"
#include "shared/request.h"
#include "shared/section.h"
#include "shared/xml.h"

/* So long at a time, as others wait meanwhile. */
#define TURN_NS UINT64_C(20000000)

/* What became of messages by one policy. */
struct trial {
	struct policy *policy;
	uint64_t *fits, *fails;		/* by its rules */
	uint64_t open, others;		/* left open, and of no concern */
};

/* A message as it was archived. */
struct sample {
	struct stanza stanza;
	int64_t stamp;
	const char *uid;
};

struct rehearsal {
	struct call *call;
	struct setting_section sections[SECTION_COUNT];
	struct settings *settings;	/* of another file, or NULL */
	struct groups *groups;		/* of that, or of ours */
	struct trial *trials;
	size_t count;
	struct archive_search *search;
	struct arena *part;		/* of these: */
	struct sample samples[ARCHIVE_SEARCH_ROWS];
	size_t next, sample_count;
	bool complete;			/* there are no others */
	uint64_t seen, unread;
	unsigned shown;
	/* What is judged. */
	struct trial *trial;
	const struct sample *sample;
};

static void
fini(struct call *call)
{
	struct rehearsal *rehearsal = call->state;

	for (size_t i = 0; i < rehearsal->count; i++)
		policy_unref(&rehearsal->trials[i].policy);
	archive_search_free(&rehearsal->search);
	groups_unref(&rehearsal->groups);
	settings_free(&rehearsal->settings);
	arena_free(&rehearsal->part);
	free(rehearsal);
}

static void
tell(const struct rehearsal *rehearsal, const struct trial *trial,
     const char *rule, const char *verdict, uint64_t count)
{
	struct call *call = rehearsal->call;
	const char *cells[] = {
		trial->policy->name, rule, verdict,
		arena_number(call->arena, (int64_t)count), NULL, NULL, NULL,
		NULL, NULL,
	};

	call_row(call, cells);
}

static const struct clause *
clause_of(const struct trial *trial, size_t i)
{
	return rulebook_clause(trial->policy->rulebook, i);
}

static void
tell_trial(const struct rehearsal *rehearsal, const struct trial *trial)
{
	size_t rules = rulebook_count(trial->policy->rulebook);

	for (size_t i = 0; i < rules; i++) {
		const struct clause *clause = clause_of(trial, i);

		tell(rehearsal, trial, clause_name(clause),
		     clause_verdict(clause), trial->fits[i]);
		if (trial->fails[i] > 0)
			tell(rehearsal, trial, clause_name(clause), "failed",
			     trial->fails[i]);
	}
	tell(rehearsal, trial, NULL, "open", trial->open);
	if (trial->others > 0)
		tell(rehearsal, trial, NULL, "unconcerned", trial->others);
}

static void
finish(const struct rehearsal *rehearsal)
{
	struct call *call = rehearsal->call;

	for (size_t i = 0; i < rehearsal->count; i++)
		tell_trial(rehearsal, &rehearsal->trials[i]);
	call_say(call, "Messages that were tried: %" PRIu64 ".",
		 rehearsal->seen - rehearsal->unread);
	if (rehearsal->unread > 0)
		call_say(call, "Messages that cannot be read: %" PRIu64 ".",
			 rehearsal->unread);
	call_end(call, NULL);
}

static const char *
full(const struct jid *jid)
{
	return jid == NULL ? NULL : jid->full;
}

/* The message, if it is one of those that are wanted. */
static void
show(struct rehearsal *rehearsal, size_t i, const char *verdict)
{
	struct call *call = rehearsal->call;
	const struct sample *sample = rehearsal->sample;
	const char *name = clause_name(clause_of(rehearsal->trial, i));
	const char *rule = call_text(call, "rule");
	char sent[CLOCK_TEXT_SIZE];
	const char *cells[] = {
		rehearsal->trial->policy->name, name, verdict, NULL,
		clock_print(sample->stamp, sent), full(sample->stanza.from),
		full(sample->stanza.to),
		content_bodies(rehearsal->part, sample->stanza.el), sample->uid,
	};

	if (rehearsal->shown == call_uint(call, "show") ||
	    (rule != NULL && strcmp(rule, name) != 0))
		return;
	rehearsal->shown++;
	call_row(call, cells);
}

static void
on_fit(void *ctx, size_t i)
{
	struct rehearsal *rehearsal = ctx;

	rehearsal->trial->fits[i]++;
	show(rehearsal, i, clause_verdict(clause_of(rehearsal->trial, i)));
}

static void
judge(struct rehearsal *rehearsal, struct exhibit *exhibit)
{
	struct trial *trial = rehearsal->trial;
	struct rulebook_finding finding = {
		.on_fit = on_fit, .ctx = rehearsal,
	};
	struct error err;

	if (!concern_covers(&trial->policy->concern, exhibit)) {
		trial->others++;
	} else if (rulebook_judge(trial->policy->rulebook, exhibit, &finding,
				  &err) < 0) {
		trial->fails[finding.at]++;
		show(rehearsal, finding.at, "failed");
	} else if (finding.ruling == NULL) {
		trial->open++;
	}
}

static void
judge_next(struct rehearsal *rehearsal)
{
	const struct sample *sample = &rehearsal->samples[rehearsal->next++];
	struct exhibit exhibit = exhibit_of(
		rehearsal->part, rehearsal->call->runtime->hook,
		&sample->stanza, sample->stamp);

	rehearsal->sample = sample;
	for (size_t i = 0; i < rehearsal->count; i++) {
		rehearsal->trial = &rehearsal->trials[i];
		judge(rehearsal, &exhibit);
	}
}

static void read_part(struct call *call);

static void
judge_some(struct call *call)
{
	struct rehearsal *rehearsal = call->state;
	uint64_t start = uv_hrtime();

	while (rehearsal->next < rehearsal->sample_count &&
	       uv_hrtime() - start < TURN_NS)
		judge_next(rehearsal);
	if (rehearsal->next < rehearsal->sample_count)
		call_then(call, judge_some);
	else if (rehearsal->complete)
		finish(rehearsal);
	else
		call_then(call, read_part);
}

/* The row does not live as long. */
static int
take(struct rehearsal *rehearsal, const struct archive_row *row)
{
	struct sample *sample = &rehearsal->samples[rehearsal->sample_count];
	struct arena *arena = rehearsal->part;
	struct xml *el;
	struct error err;

	if (archive_row_message(arena, row, &el, &err) < 0 ||
	    stanza_parse_routed(arena, xml_copy(arena, el), &sample->stanza,
				&err) < 0)
		return -1;
	sample->stamp = row->mark.stamp;
	sample->uid = arena_strdup(arena, row->mark.uid);
	rehearsal->sample_count++;
	return 0;
}

static void
on_part(void *ctx, const struct archive_search_part *part,
	const struct error *err)
{
	struct call *call = ctx;
	struct rehearsal *rehearsal = call->state;

	if (err != NULL || call_is_cancelled(call)) {
		call_end(call, err);
		return;
	}
	arena_reset(rehearsal->part);
	rehearsal->next = rehearsal->sample_count = 0;
	for (size_t i = 0; i < part->count; i++)
		if (take(rehearsal, &part->rows[i]) < 0)
			rehearsal->unread++;
	rehearsal->seen += part->count;
	rehearsal->complete = part->complete;
	call_progress(call, part->seen, 0);
	call_then(call, judge_some);
}

static void
read_part(struct call *call)
{
	const struct rehearsal *rehearsal = call->state;

	archive_search_next(rehearsal->search, on_part, call);
}

static void
add_trial(struct rehearsal *rehearsal, const struct setting_titled *titled,
	  const struct policy_terms *terms)
{
	struct trial *trial = &rehearsal->trials[rehearsal->count++];
	struct call *call = rehearsal->call;
	size_t rules;

	trial->policy = policy_new(call->runtime->loop, titled, terms);
	rules = rulebook_count(trial->policy->rulebook);
	trial->fits = arena_alloc(call->arena, (rules + 1) *
				  sizeof(*trial->fits));
	trial->fails = arena_alloc(call->arena, (rules + 1) *
				   sizeof(*trial->fails));
}

/* Policies of their own, so that nothing counts for those that judge. */
static int
add_trials(struct rehearsal *rehearsal, const struct archive_settings *own,
	   struct error *err)
{
	const struct policy_terms terms = { own->rule, rehearsal->groups,
					    true };
	const char *name = call_text(rehearsal->call, "policy");
	size_t count = 0;

	while (own->policy[count].title != NULL)
		count++;
	rehearsal->trials = arena_alloc(rehearsal->call->arena, (count + 1) *
					sizeof(*rehearsal->trials));
	for (size_t i = 0; i < count; i++)
		if (name == NULL || strcmp(name, own->policy[i].title) == 0)
			add_trial(rehearsal, &own->policy[i], &terms);
	if (rehearsal->count > 0)
		return 0;
	return name == NULL ?
	       error_set(err, ERROR_ITEM_NOT_FOUND, "there is no policy") :
	       error_set(err, ERROR_ITEM_NOT_FOUND,
			 "there is no policy \"%.60s\"", name);
}

static int
load(struct rehearsal *rehearsal, const struct archive *archive,
     struct error *err)
{
	const struct component *component = rehearsal->call->component;
	const char *path = call_text(rehearsal->call, "config");
	const struct archive_settings *own = archive->settings;

	if (path != NULL) {
		section_list(component, rehearsal->sections);
		if (section_load(path, component, rehearsal->sections,
				 &rehearsal->settings, err) < 0)
			return -1;
		own = settings_section(rehearsal->settings, component->name);
	}
	if (groups_new(own->group, &rehearsal->groups, err) < 0)
		return -1;
	return add_trials(rehearsal, own, err);
}

int
rehearsal_run(struct call *call, void *ctx, struct error *err)
{
	struct archive_search_filter filter;
	struct rehearsal *rehearsal = calloc(1, sizeof(*rehearsal));

	ensure(rehearsal != NULL);
	rehearsal->call = call;
	rehearsal->part = arena_new();
	call->state = rehearsal;
	call->fini = fini;
	if (sieve_read(call, &filter, err) < 0 ||
	    load(rehearsal, ctx, err) < 0 ||
	    archive_search_new(call->runtime->store, &filter,
			       &rehearsal->search, err) < 0)
		return -1;
	audit_call(call, read_part);
	return CALL_PARKED;
}
