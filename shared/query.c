#include "shared/query.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <uthash.h>
#include <utlist.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/stanza.h"
#include "shared/xml.h"

/* How exact the time-outs are. */
#define TICK_MS 250
/* How often those that fail at the end may ask again. */
#define LAST_ROUNDS 10

struct query {
	char id[QUERY_ID_SIZE];
	char *to;
	uint64_t due_ms;	/* when to give up */
	query_fn *fn;
	void *ctx;
	UT_hash_handle hh;	/* in pending, by id */
	struct query *next;	/* in a list of those taken out */
};

struct queries {
	uv_timer_t timer;	/* runs while there are any */
	struct query *pending;
	void (*freed)(void *ctx);
	void *freed_ctx;
};

static void on_tick(uv_timer_t *timer);

struct queries *
queries_new(uv_loop_t *loop)
{
	struct queries *queries = calloc(1, sizeof(*queries));

	ensure(queries != NULL);
	uv_timer_init(loop, &queries->timer);
	queries->timer.data = queries;
	return queries;
}

void
query_make_id(char id_r[QUERY_ID_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t dice[(QUERY_ID_SIZE - 1) / 2];

	ensure(getrandom(dice, sizeof(dice), 0) == sizeof(dice));
	for (size_t i = 0; i < sizeof(dice); i++) {
		id_r[2 * i] = digits[dice[i] >> 4];
		id_r[2 * i + 1] = digits[dice[i] & 15];
	}
	id_r[QUERY_ID_SIZE - 1] = '\0';
}

void
queries_add(struct queries *queries, const struct query_wait *wait,
	    char id_r[QUERY_ID_SIZE])
{
	struct query *query = calloc(1, sizeof(*query));

	ensure(query != NULL && (query->to = strdup(wait->to)) != NULL);
	query_make_id(query->id);
	memcpy(id_r, query->id, QUERY_ID_SIZE);
	query->due_ms = uv_now(queries->timer.loop) +
			wait->secs * UINT64_C(1000);
	query->fn = wait->fn;
	query->ctx = wait->ctx;
	HASH_ADD_STR(queries->pending, id, query);
	if (!uv_is_active((uv_handle_t *)&queries->timer))
		uv_timer_start(&queries->timer, on_tick,
			       wait->secs > 0 ? TICK_MS : 0, TICK_MS);
}

/* The query is out of the table already, so fn may do as it likes. */
static void
finish(struct query *query, const struct xml *answer)
{
	query->fn(query->ctx, answer);
	free(query->to);
	free(query);
}

static void
fail_until(struct queries *queries, uint64_t until_ms)
{
	struct query *taken = NULL, *query, *tmp;

	HASH_ITER(hh, queries->pending, query, tmp) {
		if (query->due_ms > until_ms)
			continue;
		HASH_DEL(queries->pending, query);
		LL_PREPEND(taken, query);
	}
	if (queries->pending == NULL)
		uv_timer_stop(&queries->timer);
	LL_FOREACH_SAFE(taken, query, tmp)
		finish(query, NULL);
}

static void
on_tick(uv_timer_t *timer)
{
	fail_until(timer->data, uv_now(timer->loop));
}

void
queries_give_up(struct queries *queries, const char *id)
{
	struct query *query;

	HASH_FIND_STR(queries->pending, id, query);
	if (query == NULL)
		return;
	query->due_ms = 0;
	uv_timer_start(&queries->timer, on_tick, 0, TICK_MS);
}

void
queries_fail(struct queries *queries)
{
	fail_until(queries, UINT64_MAX);
}

static void
forget_all(struct queries *queries)
{
	struct query *query, *tmp;

	HASH_ITER(hh, queries->pending, query, tmp) {
		HASH_DEL(queries->pending, query);
		free(query->to);
		free(query);
	}
}

static void
on_closed(uv_handle_t *handle)
{
	struct queries *queries = handle->data;
	void (*freed)(void *ctx) = queries->freed;
	void *ctx = queries->freed_ctx;

	for (int i = 0; i < LAST_ROUNDS && queries->pending != NULL; i++)
		queries_fail(queries);
	/* Whoever asks again for ever would keep us here for ever. */
	if (queries->pending != NULL)
		log_error("query: somebody asks again whenever it fails");
	forget_all(queries);
	free(queries);
	freed(ctx);
}

void
queries_free(struct queries **queries_, void (*fn)(void *ctx), void *ctx)
{
	struct queries *queries = *queries_;

	*queries_ = NULL;
	queries->freed = fn;
	queries->freed_ctx = ctx;
	queries_fail(queries);
	uv_close((uv_handle_t *)&queries->timer, on_closed);
}

/* What the router sends back may be spelt otherwise than what we wrote. */
static bool
is_same_address(const char *a, const char *b)
{
	const struct jid *jid_a, *jid_b;
	struct arena *arena;
	struct error err;
	bool same;

	if (strcmp(a, b) == 0)
		return true;
	arena = arena_new();
	same = jid_parsez(arena, a, &jid_a, &err) == 0 &&
	       jid_parsez(arena, b, &jid_b, &err) == 0 &&
	       jid_equal(jid_a, jid_b);
	arena_free(&arena);
	return same;
}

static bool
is_answer(const struct xml *el)
{
	const char *type;

	if (!xml_is(el, NULL, "iq"))
		return false;
	type = xml_attr(el, "type");
	return type != NULL &&
	       (strcmp(type, "result") == 0 || strcmp(type, "error") == 0);
}

bool
queries_answer(struct queries *queries, struct arena *arena, struct xml *el)
{
	const char *id, *from;
	struct query *query;
	struct stanza stanza;
	struct error err;

	if (queries->pending == NULL || !is_answer(el))
		return false;
	id = xml_attr(el, "id");
	from = xml_attr(el, "from");
	if (id == NULL || from == NULL)
		return false;
	HASH_FIND_STR(queries->pending, id, query);
	if (query == NULL || !is_same_address(from, query->to))
		return false;
	HASH_DEL(queries->pending, query);
	if (queries->pending == NULL)
		uv_timer_stop(&queries->timer);
	if (stanza_parse(arena, el, &stanza, &err) < 0)
		el = NULL;
	finish(query, el);
	return true;
}
