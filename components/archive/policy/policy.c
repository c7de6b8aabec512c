#include "components/archive/policy/policy.h"

#include <stdlib.h>
#include <string.h>

#include "components/archive/policy/judge.h"
#include "components/archive/policy/probe.h"
#include "components/archive/rules/rulebook.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/groups.h"
#include "shared/httpclient.h"

static const struct setting settings[] = {
	{ .name = "who", .type = SETTING_LIST, .def = "",
	  .offset = SETTING_OFFSET(const char *const *, policy_settings,
				   concern.who),
	  .help = "Whose stanzas it concerns, as in \"group traders\", "
		  "\"user romeo@example.org\", \"room "
		  "hall@rooms.example.org\", \"domain example.org\" or "
		  "\"outside\"; with a \"!\" in front, whose not.  When "
		  "empty, those of all users of this router.  What a policy "
		  "does not concern goes on at once." },
	{ .name = "direction", .type = SETTING_STRING, .def = "both",
	  .choices = "in out both",
	  .offset = SETTING_OFFSET(const char *, policy_settings,
				   concern.direction),
	  .help = "Which of these: what is sent to them, what they send, or "
		  "either." },
	{ .name = "kinds", .type = SETTING_LIST, .def = "",
	  .offset = SETTING_OFFSET(const char *const *, policy_settings,
				   concern.kinds),
	  .help = "Which kinds of these: message; subscription, which are "
		  "requests for one; iq; and file, which are those of any of "
		  "these kinds that offer a file.  All when empty." },
	SETTING(LIST, policy_settings, rules, "",
		"Names of the rules by which these are judged, in order, "
		"before a server is asked: the first that is about one "
		"decides, but for those that append."),
	SETTING(LIST, policy_settings, servers, "",
		"URLs of policy servers, https, or http on this machine, "
		"which are asked about what the rules leave open.  The "
		"first that works is asked; one that fails again and again is "
		"left out for a while."),
	SETTING_RANGE(SECS, policy_settings, timeout, "1s", 1, 3600,
		      "How long a verdict may take, all servers together; "
		      "less than the router's module waits."),
	SETTING_RANGE(UINT, policy_settings, in_flight, "64", 1, 10000,
		      "Most questions on their way at once; more wait for "
		      "their turn."),
	SETTING_CHOICE(policy_settings, on_failure, "closed",
		       "open closed spool",
		       "What becomes of a stanza when there is no verdict: it "
		       "goes on (open); its sender is told to try again later "
		       "(closed); or it is kept in the database until a "
		       "server works again, and judged then (spool)."),
	SETTING(STRING, policy_settings, notice, "",
		"What its sender is told of a stanza that is blocked without "
		"a notice, or is not judged, or that a reviewer rejects; of "
		"the latter nobody is told where this is empty."),
	SETTING(STRING, policy_settings, probe, "",
		"A path of the servers, as /healthz, that is fetched again and "
		"again: one that answers by another status than 200 to 299, "
		"three times in a row, is left out until it does not.  Empty: "
		"one that was left out is tried by a stanza."),
	SETTING_RANGE(SECS, policy_settings, probe_pause, "5s", 1, 3600,
		      "How long until it is fetched again."),
	SETTING(STRING, policy_settings, ca, "",
		"A file of certificates that servers must be vouched for by; "
		"empty for those the system trusts."),
	SETTING(STRING, policy_settings, cert, "",
		"A file with our certificate, for servers that ask for one."),
	SETTING(STRING, policy_settings, key, "",
		"A file with its key."),
	SETTING(BOOL, policy_settings, log_first, "no",
		"Whether a message that is to be archived goes on only after "
		"the journal has it on disk."),
	SETTING(BOOL, policy_settings, keep_stanza, "no",
		"Whether the event that says that a stanza was blocked, held, "
		"or got another text has the stanza as its sender wrote it."),
	{ .name = NULL }
};

const struct setting_section policy_section = {
	"policy", settings, sizeof(struct policy_settings)
};

static struct httpclient_plan
plan_of(const struct policy_settings *own)
{
	return (struct httpclient_plan){
		.ca = own->ca, .cert = own->cert, .key = own->key,
		.in_flight = own->in_flight,
	};
}

static int
check_servers(const struct policy_settings *own, struct error *err)
{
	size_t count = 0;

	for (; own->servers[count] != NULL; count++) {
		if (httpclient_check_url(own->servers[count], err) < 0)
			return -1;
		if (httpclient_is_exposed(own->servers[count]))
			return error_set(err, ERROR_BAD_REQUEST, "'%s' would "
					 "get what people write in clear "
					 "text: write https",
					 own->servers[count]);
	}
	if (count > POLICY_SERVERS_MAX)
		return error_set(err, ERROR_BAD_REQUEST,
				 "has more than %d servers",
				 POLICY_SERVERS_MAX);
	if (count == 0 && own->rules[0] == NULL && !own->log_first)
		return error_set(err, ERROR_BAD_REQUEST, "has no servers and "
				 "no rules, and log_first is no");
	return 0;
}

static int
check(const struct policy_settings *own, const struct policy_terms *terms,
      struct error *err)
{
	struct httpclient_plan plan = plan_of(own);
	struct arena *arena = arena_new();
	struct rulebook *rulebook;
	struct concern concern;
	int ret = concern_read(arena, &own->concern, terms->groups, &concern,
			       err);

	arena_free(&arena);
	if (ret < 0 || rulebook_new(own->rules, terms->rules, terms->groups,
				    &rulebook, err) < 0)
		return -1;
	rulebook_free(&rulebook);
	if (check_servers(own, err) < 0 || httpclient_check(&plan, err) < 0)
		return -1;
	return *own->probe == '\0' ? 0 : probe_check(own->probe, err);
}

int
policy_check(const struct setting_titled *titled,
	     const struct policy_terms *terms, struct error *err)
{
	struct error why = { 0 };

	for (; titled->title != NULL; titled++)
		if (check(titled->values, terms, &why) < 0)
			return error_set(err, ERROR_BAD_REQUEST, "\"%.60s\": "
					 "%s", titled->title, why.text);
	return 0;
}

static void
add_judges(struct policy *policy, const char *const *servers)
{
	while (servers[policy->count] != NULL)
		policy->count++;
	policy->judges = arena_alloc(policy->arena, (policy->count + 1) *
				     sizeof(*policy->judges));
	for (size_t i = 0; i < policy->count; i++)
		judge_init(&policy->judges[i],
			   arena_strdup(policy->arena, servers[i]),
			   policy->name);
}

/* A probe that hangs must not take longer than a verdict may. */
static void
add_probe(struct policy *policy, uv_loop_t *loop,
	  const struct policy_settings *own)
{
	const struct httpclient_plan client = plan_of(own);
	const struct probe_plan plan = {
		.path = own->probe, .pause_ms = own->probe_pause * 1000,
		.timeout_ms = 1000 * (own->timeout < own->probe_pause ?
				      own->timeout : own->probe_pause),
		.client = &client, .judges = policy->judges,
		.count = policy->count,
	};

	if (*own->probe == '\0' || policy->count == 0)
		return;
	for (size_t i = 0; i < policy->count; i++)
		policy->judges[i].probed = true;
	policy->probe = probe_new(loop, &plan);
}

struct policy *
policy_new(uv_loop_t *loop, const struct setting_titled *titled,
	   const struct policy_terms *terms)
{
	const struct policy_settings *own = titled->values;
	struct httpclient_plan plan = plan_of(own);
	struct policy *policy = calloc(1, sizeof(*policy));
	struct error err;

	ensure(policy != NULL);
	policy->arena = arena_new();
	policy->name = arena_strdup(policy->arena, titled->title);
	if (*own->notice != '\0')
		policy->notice = arena_strdup(policy->arena, own->notice);
	policy->timeout_ms = own->timeout * UINT64_C(1000);
	policy->open = strcmp(own->on_failure, "open") == 0;
	policy->spool = strcmp(own->on_failure, "spool") == 0;
	policy->log_first = own->log_first;
	policy->keep_stanza = own->keep_stanza;
	policy->groups = groups_ref(terms->groups);
	ensure(concern_read(policy->arena, &own->concern, terms->groups,
			    &policy->concern, &err) == 0);
	ensure(rulebook_new(own->rules, terms->rules, terms->groups,
			    &policy->rulebook, &err) == 0);
	add_judges(policy, own->servers);
	policy->client = httpclient_new(loop, &plan);
	if (!terms->tried)
		add_probe(policy, loop, own);
	policy->users = 1;
	uv_timer_init(loop, &policy->end);
	policy->end.data = policy;
	return policy;
}

static void
on_closed(uv_handle_t *end)
{
	struct policy *policy = end->data;

	arena_free(&policy->arena);
	rulebook_free(&policy->rulebook);
	groups_unref(&policy->groups);
	free(policy);
}

static void
on_end(uv_timer_t *end)
{
	struct policy *policy = end->data;

	probe_free(&policy->probe);
	httpclient_free(&policy->client);
	uv_close((uv_handle_t *)end, on_closed);
}

void
policy_ref(struct policy *policy)
{
	policy->users++;
}

void
policy_unref(struct policy **policy_p)
{
	struct policy *policy = *policy_p;

	*policy_p = NULL;
	if (--policy->users == 0)
		uv_timer_start(&policy->end, on_end, 0, 0);
}

struct judge *
policy_next(struct policy *policy, unsigned asked, size_t *left_r)
{
	uint64_t now = uv_now(policy->end.loop);
	struct judge *next = NULL;

	*left_r = 0;
	for (size_t i = 0; i < policy->count; i++) {
		struct judge *judge = &policy->judges[i];

		if ((asked & 1U << i) != 0 || !judge_is_fit(judge, now))
			continue;
		if (next == NULL)
			next = judge;
		(*left_r)++;
	}
	return next;
}

size_t
policy_well(const struct policy *policy)
{
	size_t count = 0;

	for (size_t i = 0; i < policy->count; i++)
		count += judge_is_well(&policy->judges[i]);
	return count;
}
