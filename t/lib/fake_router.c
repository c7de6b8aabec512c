#include "t/lib/fake_router.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

#define STAMP " stamp='"

/* More than those of what was received: something may have been added. */
static const struct parser_limits limits = {
	.bytes = 64 << 20, .depth = 256, .nodes = 1 << 20,
};

/* Ids count up, so that a test knows them: q1, q2... */
struct query {
	char *id, *to;
	router_fn *fn;
	void *ctx;
	struct query *next;
};

struct router {
	const char *domain;
	size_t limit;
	struct str sent;
	struct query *queries;
	unsigned serial, credit, renewals;
	bool cut;
	void (*before)(void *ctx);
	void *before_ctx;
};

static void
run_before(struct router *router)
{
	void (*fn)(void *ctx) = router->before;

	router->before = NULL;
	if (fn != NULL)
		fn(router->before_ctx);
}

struct router *
fake_router_new(const char *domain)
{
	struct router *router = calloc(1, sizeof(*router));

	ensure(router != NULL);
	router->domain = domain;
	router->limit = SIZE_MAX;
	return router;
}

void
fake_router_limit(struct router *router, size_t stanza_bytes)
{
	router->limit = stanza_bytes;
}

void
fake_router_free(struct router **router)
{
	fake_router_time_out(*router);
	str_fini(&(*router)->sent);
	free(*router);
	*router = NULL;
}

const char *
fake_router_sent(const struct router *router)
{
	return router->sent.data != NULL ? router->sent.data : "";
}

void
fake_router_forget(struct router *router)
{
	str_clear(&router->sent);
}

static bool
is_error(const struct xml *el)
{
	const char *type = xml_attr(el, "type");

	return type != NULL && strcmp(type, "error") == 0;
}

/* XEP-0114 section 3, RFC 6120 section 8.1; Prosody 13 ends the stream over a
   missing to. */
static void
check_stanza(const struct router *router, struct arena *arena, struct xml *el,
	     const char *text)
{
	struct stanza stanza;
	struct error err;

	/* What answers an IQ without id has none either. */
	if (is_error(el) && xml_attr(el, "id") == NULL)
		xml_set(arena, el, "id", "none");
	if (el == NULL || el->next != NULL ||
	    stanza_parse(arena, el, &stanza, &err) < 0 ||
	    stanza.to == NULL || stanza.from == NULL ||
	    strcmp(stanza.from->domain, router->domain) != 0)
		error_panic(__FILE__, __LINE__, text);
}

static void
check(const struct router *router, const char *text, size_t len)
{
	struct arena *arena = arena_new();
	struct str whole = { 0 };
	struct error err;
	struct xml *el;

	str_addz(&whole, "<stream xmlns='" NS_CLIENT "'>");
	str_add(&whole, text, len);
	str_addz(&whole, "</stream>");
	if (parser_document(arena, whole.data, whole.len, &limits, &el,
			    &err) < 0)
		error_panic(__FILE__, __LINE__, whole.data);
	check_stanza(router, arena, el->first, whole.data);
	str_fini(&whole);
	arena_free(&arena);
}

static bool
is_recent(const char *stamp, size_t len)
{
	char text[CLOCK_TEXT_SIZE] = "";
	int64_t then;

	if (len >= sizeof(text))
		return false;
	memcpy(text, stamp, len);
	return clock_parse(text, &then) == 0 && clock_now() >= then &&
	       clock_now() - then < INT64_C(60) * CLOCK_SECOND;
}

static void
record(struct router *router, const char *text, size_t len)
{
	struct str *sent = &router->sent;
	const char *stamp, *value, *end;

	check(router, text, len);
	while ((stamp = strstr(text, STAMP)) != NULL) {
		value = stamp + strlen(STAMP);
		end = strchr(value, '\'');
		ensure(end != NULL);
		str_add(sent, text, (size_t)(value - text));
		if (is_recent(value, (size_t)(end - value)))
			str_addz(sent, "now");
		else
			str_add(sent, value, (size_t)(end - value));
		text = end;
	}
	str_addz(sent, text);
	str_addc(sent, '\n');
}

int
router_send(struct router *router, const struct xml *el, struct error *err)
{
	struct str text = { 0 };
	int ret = 0;

	run_before(router);
	xml_print(&text, el, NS_CLIENT);
	if (text.len <= router->limit)
		record(router, text.data, text.len);
	else
		ret = error_set(err, ERROR_POLICY_VIOLATION, "too large");
	str_fini(&text);
	return ret;
}

bool
router_fits(const struct router *router,
	    const struct router_template *template)
{
	return template->head_len + template->tail_len <= router->limit;
}

/* Nothing ever waits here. */
void
router_send_ahead(struct router *router, struct router_template *template,
		  const char *to, size_t to_len)
{
	struct str text = { 0 };

	str_add(&text, template->head, template->head_len);
	str_addz(&text, " to='");
	str_add(&text, to, to_len);
	str_addc(&text, '\'');
	str_add(&text, template->tail, template->tail_len);
	if (text.len <= router->limit)
		record(router, text.data, text.len);
	str_fini(&text);
}

void
router_send_to(struct router *router, struct router_template *template,
	       const char *to, size_t to_len)
{
	run_before(router);
	router_send_ahead(router, template, to, to_len);
}

bool
router_is_up(const struct router *router)
{
	return router != NULL && !router->cut;
}

/* The test says when it is lost. */
void
router_renew(struct router *router, const char *why)
{
	(void)why;
	router->renewals++;
}

unsigned
fake_router_renewals(const struct router *router)
{
	return router->renewals;
}

void
fake_router_cut(struct router *router, bool cut)
{
	router->cut = cut;
}

void
router_query(struct router *router, struct arena *arena, struct xml *iq,
	     unsigned secs, router_fn *fn, void *ctx)
{
	struct query *query = calloc(1, sizeof(*query));
	struct str id = { 0 };
	struct error err;

	(void)secs;
	ensure(query != NULL && xml_attr(iq, "to") != NULL);
	str_addf(&id, "q%u", ++router->serial);
	query->id = id.data;
	query->to = strdup(xml_attr(iq, "to"));
	ensure(query->to != NULL);
	query->fn = fn;
	query->ctx = ctx;
	LL_APPEND(router->queries, query);
	xml_set(arena, iq, "id", arena_strdup(arena, query->id));
	router_send(router, iq, &err);
}

void
router_send_iq(struct router *router, const struct router_iq *iq)
{
	struct query *query = calloc(1, sizeof(*query));
	struct str text = { 0 };

	run_before(router);
	ensure(query != NULL);
	str_addf(&text, "q%u", ++router->serial);
	query->id = str_dup(text.data);
	query->to = str_dup(iq->to);
	query->fn = iq->fn;
	query->ctx = iq->ctx;
	LL_APPEND(router->queries, query);
	str_clear(&text);
	str_addf(&text, "<iq id='%s'", query->id);
	str_add(&text, iq->text, iq->len);
	ensure(text.len <= router->limit);
	record(router, text.data, text.len);
	str_fini(&text);
}

void
router_set_credit(struct router *router, unsigned credit)
{
	router->credit = credit;
}

void
router_before(struct router *router, void (*fn)(void *ctx), void *ctx)
{
	router->before = fn;
	router->before_ctx = ctx;
}

unsigned
fake_router_credit(const struct router *router)
{
	return router->credit;
}

/* It is out of the list already, so fn may ask again. */
static void
finish(struct query *query, const struct xml *answer)
{
	query->fn(query->ctx, answer);
	free(query->id);
	free(query->to);
	free(query);
}

bool
fake_router_answer(struct router *router, struct arena *arena,
		   struct xml *el)
{
	const char *from = xml_attr(el, "from"), *id = xml_attr(el, "id");
	const char *type = xml_attr(el, "type");
	struct stanza stanza;
	struct query *query;
	struct error err;

	if (from == NULL || id == NULL || type == NULL ||
	    (strcmp(type, "result") != 0 && strcmp(type, "error") != 0))
		return false;
	LL_FOREACH(router->queries, query)
		if (strcmp(query->id, id) == 0 && strcmp(query->to, from) == 0)
			break;
	if (query == NULL)
		return false;
	LL_DELETE(router->queries, query);
	finish(query, stanza_parse(arena, el, &stanza, &err) < 0 ? NULL : el);
	return true;
}

void
fake_router_time_out(struct router *router)
{
	while (router->queries != NULL) {
		struct query *query = router->queries;

		LL_DELETE(router->queries, query);
		finish(query, NULL);
	}
}
