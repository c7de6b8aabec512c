#include "shared/multicast.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/disco.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/ns.h"
#include "shared/number.h"
#include "shared/request.h"
#include "shared/router.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

/* How long an answer may take, and how long a service is left alone that
   refused something. */
#define ANSWER_SECS 10
#define PAUSE_MS 60000
/* Of those that a host lists, as many are asked. */
#define CANDIDATES_MAX 64
/* Where a service does not say: what XEP-0033 section 7 wants at least. */
#define ADDRESSES 20

enum multicast_state {
	MULTICAST_UNKNOWN,	/* nobody asked yet */
	MULTICAST_ASKING,	/* the candidates, one by one */
	MULTICAST_TRYING,	/* one has the feature */
	MULTICAST_FOUND,
	MULTICAST_NONE,		/* until the link is made anew */
	MULTICAST_PAUSED,	/* it refused something */
};

struct candidate {
	const char *host, *address;	/* the same: the host itself */
};

struct multicast {
	struct runtime *runtime;
	enum multicast_state state;
	struct arena *arena;		/* what the candidates are called */
	struct candidate candidates[CANDIDATES_MAX];
	size_t count, at;		/* at: the one that is asked */
	bool refused;			/* what it was tried with */
	struct multicast_service service;	/* the last one found */
	char *address, *host;		/* its */
	uint64_t until_ms;		/* of the pause */
	unsigned fences;		/* without answer */
	struct metric *stanzas, *failed;
};

struct multicast *
multicast_new(struct runtime *runtime)
{
	struct multicast *multicast = calloc(1, sizeof(*multicast));

	ensure(multicast != NULL);
	multicast->runtime = runtime;
	multicast->arena = arena_new();
	multicast->stanzas = metric_counter(
		runtime->metrics, "annex_multicast_stanzas_total", "",
		"Stanzas for many that the router's multicast service got.");
	multicast->failed = metric_counter(
		runtime->metrics, "annex_multicast_failed_total", "",
		"Those that it refused.");
	return multicast;
}

void
multicast_free(struct multicast **multicast)
{
	if (*multicast == NULL)
		return;
	arena_free(&(*multicast)->arena);
	free((*multicast)->address);
	free((*multicast)->host);
	free(*multicast);
	*multicast = NULL;
}

static void
set_state(struct multicast *multicast, enum multicast_state state)
{
	multicast->state = state;
}

void
multicast_link(struct multicast *multicast, bool up)
{
	(void)up;
	set_state(multicast, MULTICAST_UNKNOWN);
}

static void
add_candidate(struct multicast *multicast, const char *host,
	      const char *address)
{
	struct candidate *candidate;

	if (multicast->count == CANDIDATES_MAX)
		return;
	candidate = &multicast->candidates[multicast->count++];
	candidate->host = arena_strdup(multicast->arena, host);
	candidate->address = arena_strdup(multicast->arena, address);
}

static struct candidate *
asked(struct multicast *multicast)
{
	return &multicast->candidates[multicast->at];
}

static void
ask(struct multicast *multicast, const char *ns, router_fn *fn)
{
	struct runtime *runtime = multicast->runtime;
	struct arena *arena = arena_new();
	struct xml *iq = stanza_new(arena, "iq", runtime->domain,
				    asked(multicast)->address, "get");

	xml_append(iq, disco_query(arena, ns, NULL));
	router_query(runtime->router, arena, iq, ANSWER_SECS, fn, multicast);
	arena_free(&arena);
}

static bool
is(const char *text, const char *wanted)
{
	return text != NULL && str_same(text, wanted);
}

static void on_info(void *ctx, const struct xml *answer);

static void
ask_next(struct multicast *multicast)
{
	if (++multicast->at < multicast->count)
		ask(multicast, NS_DISCO_INFO, on_info);
	else
		set_state(multicast, MULTICAST_NONE);
}

static const struct xml *
query_of(const struct xml *answer, const char *ns)
{
	if (!is(xml_attr(answer, "type"), "result"))
		return NULL;
	return xml_child(answer, ns, "query");
}

static bool
has_feature(const struct xml *query)
{
	const struct xml *feature = xml_child(query, NULL, "feature");

	while (feature != NULL &&
	       !is(xml_attr(feature, "var"), NS_ADDRESS))
		feature = xml_next(feature, NULL, "feature");
	return feature != NULL;
}

static unsigned
limit_of(const struct form *form, const char *kind)
{
	const char *value = form == NULL ? NULL : form_value(form, kind);

	if (is(value, "infinite"))
		return UINT_MAX;
	return (unsigned)number_of(value, ADDRESSES, UINT_MAX);
}

/* XEP-0128; COMPAT: the fields are those that ejabberd has. */
static void
read_limits(struct multicast *multicast, const struct xml *query)
{
	struct arena *arena = arena_new();
	const struct form *form = NULL;
	const struct xml *x;
	struct error err;

	for (x = xml_child(query, NS_DATA, "x"); x != NULL;
	     x = xml_next(x, NS_DATA, "x"))
		if (form_parse(arena, x, &form, &err) == 0 &&
		    is(form->form_type, NS_ADDRESS))
			break;
	if (x == NULL)
		form = NULL;
	multicast->service.messages = limit_of(form, "message");
	multicast->service.presences = limit_of(form, "presence");
	arena_free(&arena);
}

static void
set_service(struct multicast *multicast, const struct candidate *found)
{
	free(multicast->address);
	free(multicast->host);
	multicast->address = str_dup(found->address);
	multicast->host = str_dup(found->host);
	multicast->service.address = multicast->address;
	multicast->service.host = multicast->host;
	set_state(multicast, MULTICAST_FOUND);
	log_info("multicast: what is for many of %s goes by %s",
		 multicast->host, multicast->address);
}

/* What was refused has come before this. */
static void
on_tried(void *ctx, const struct xml *answer)
{
	struct multicast *multicast = ctx;

	if (multicast->state != MULTICAST_TRYING)
		return;
	if (answer == NULL || multicast->refused) {
		log_info("multicast: %s does not serve us",
			 asked(multicast)->address);
		set_state(multicast, MULTICAST_ASKING);
		ask_next(multicast);
		return;
	}
	set_service(multicast, asked(multicast));
}

/* With something that its host ignores. */
static void
try_it(struct multicast *multicast)
{
	struct runtime *runtime = multicast->runtime;
	const struct candidate *to = asked(multicast);
	struct arena *arena = arena_new();
	struct xml *presence = stanza_new(arena, "presence", runtime->domain,
					  to->address, "unavailable");
	struct xml *list = xml_add(arena, presence, NS_ADDRESS, "addresses");
	struct xml *one = xml_add(arena, list, NULL, "address");

	xml_set(arena, one, "type", "bcc");
	xml_set(arena, one, "jid", to->host);
	multicast->refused = false;
	set_state(multicast, MULTICAST_TRYING);
	runtime_send(runtime, presence);
	arena_free(&arena);
	ask(multicast, NS_DISCO_INFO, on_tried);
}

/* Another service that a host lists, by an address that the router takes; or
   NULL. */
static const char *
listed(const struct multicast *multicast, const struct xml *item)
{
	const char *text = xml_attr(item, "jid");
	const struct jid *jid;
	struct error err;

	if (text == NULL || xml_attr(item, "node") != NULL ||
	    jid_parsez(multicast->arena, text, &jid, &err) < 0 ||
	    strcmp(jid->full, jid->domain) != 0 ||
	    strcmp(jid->domain, multicast->runtime->domain) == 0)
		return NULL;
	return jid->domain;
}

static void
on_items(void *ctx, const struct xml *answer)
{
	struct multicast *multicast = ctx;
	const char *host, *address;

	if (multicast->state != MULTICAST_ASKING)
		return;
	host = asked(multicast)->host;
	for (const struct xml *item = xml_child(query_of(answer,
							 NS_DISCO_ITEMS),
						NULL, "item");
	     item != NULL; item = xml_next(item, NULL, "item")) {
		address = listed(multicast, item);
		if (address != NULL)
			add_candidate(multicast, host, address);
	}
	ask_next(multicast);
}

static void
on_info(void *ctx, const struct xml *answer)
{
	struct multicast *multicast = ctx;
	const struct xml *query = query_of(answer, NS_DISCO_INFO);
	const struct candidate *from;

	if (multicast->state != MULTICAST_ASKING)
		return;
	from = asked(multicast);
	if (has_feature(query)) {
		read_limits(multicast, query);
		try_it(multicast);
	} else if (strcmp(from->host, from->address) == 0) {
		ask(multicast, NS_DISCO_ITEMS, on_items);
	} else {
		ask_next(multicast);
	}
}

static void
search(struct multicast *multicast)
{
	const struct hook *hook = multicast->runtime->hook;
	const char *host;

	arena_free(&multicast->arena);
	multicast->arena = arena_new();
	multicast->count = multicast->at = 0;
	for (size_t i = 0; (host = hook_host_named(hook, i)) != NULL; i++)
		add_candidate(multicast, host, host);
	if (multicast->count == 0) {
		set_state(multicast, MULTICAST_NONE);
		return;
	}
	set_state(multicast, MULTICAST_ASKING);
	ask(multicast, NS_DISCO_INFO, on_info);
}

const struct multicast_service *
multicast_known(const struct multicast *multicast)
{
	return multicast->state == MULTICAST_FOUND ? &multicast->service :
	       NULL;
}

const struct multicast_service *
multicast_find(struct multicast *multicast)
{
	const struct runtime *runtime = multicast->runtime;

	if (multicast->state == MULTICAST_PAUSED &&
	    uv_now(runtime->loop) >= multicast->until_ms)
		set_state(multicast, MULTICAST_UNKNOWN);
	if (multicast->state == MULTICAST_UNKNOWN &&
	    router_is_up(runtime->router))
		search(multicast);
	return multicast_known(multicast);
}

void
multicast_count(struct multicast *multicast)
{
	metric_add(multicast->stanzas, 1);
}

static void
leave_alone(struct multicast *multicast, const char *why)
{
	if (multicast->state != MULTICAST_FOUND)
		return;
	log_warning("multicast: %s: %s; for %d s each gets a stanza of its "
		    "own", multicast->service.address, why, PAUSE_MS / 1000);
	multicast->until_ms = uv_now(multicast->runtime->loop) + PAUSE_MS;
	set_state(multicast, MULTICAST_PAUSED);
}

static void
on_fence(void *ctx, const struct xml *answer)
{
	struct multicast *multicast = ctx;

	multicast->fences--;
	if (answer == NULL && router_is_up(multicast->runtime->router))
		leave_alone(multicast, "it does not answer");
}

static void
add_question(struct str *text, const char *from, const char *to)
{
	str_addf(text, " type='get' from='%s' to='%s'><query xmlns='"
		 NS_DISCO_INFO "'/></iq>", from, to);
}

/* Its answer comes after all that it was given before was sent.  As there is
   no credit for the second before that, all that follows waits behind it. */
void
multicast_fence(struct multicast *multicast)
{
	struct runtime *runtime = multicast->runtime;
	const char *to = multicast->service.address;
	struct str text = { 0 };

	add_question(&text, runtime->domain, to);
	for (int i = 0; i < 2; i++) {
		multicast->fences++;
		router_send_iq(runtime->router, &(struct router_iq){
				.text = text.data, .len = text.len, .to = to,
				.secs = ANSWER_SECS, .fn = on_fence,
				.ctx = multicast });
	}
	str_fini(&text);
}

bool
multicast_is_fenced(const struct multicast *multicast)
{
	return multicast->fences > 0;
}

int
multicast_on_request(struct request *req, void *ctx, struct error *err)
{
	struct multicast *multicast = ctx;
	struct error why = { 0 };
	bool trying = multicast->state == MULTICAST_TRYING;

	(void)err;
	if (strcmp(req->stanza.type, "error") != 0 ||
	    (!trying && multicast->service.address == NULL) ||
	    strcmp(req->from->full, trying ?
		   asked(multicast)->address :
		   multicast->service.address) != 0)
		return HANDLER_DECLINE;
	if (trying) {
		multicast->refused = true;
		return 0;
	}
	metric_add(multicast->failed, 1);
	stanza_read_error(req->arena, req->stanza.el, &why);
	leave_alone(multicast, error_cond_name(why.cond));
	return 0;
}
