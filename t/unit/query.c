#include "shared/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/log.h"
#include "shared/ns.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

struct asked {
	int calls;
	bool answered;
	char type[20];
	bool has_error;		/* in NS_CLIENT */
};

static void
on_answer(void *ctx, const struct xml *answer)
{
	struct asked *asked = ctx;

	asked->calls++;
	asked->answered = answer != NULL;
	if (answer == NULL)
		return;
	snprintf(asked->type, sizeof(asked->type), "%s",
		 xml_attr(answer, "type"));
	asked->has_error = xml_child(answer, NS_CLIENT, "error") != NULL;
}

static void
ask(struct queries *queries, const char *to, unsigned secs,
    struct asked *asked, char id[QUERY_ID_SIZE])
{
	const struct query_wait wait = { .to = to, .secs = secs,
					 .fn = on_answer, .ctx = asked };

	*asked = (struct asked){ 0 };
	queries_add(queries, &wait, id);
	assert_int_equal(asked->calls, 0);
}

static bool
answer(struct queries *queries, const char *from, const char *type,
       const char *id)
{
	struct arena *arena = arena_new();
	struct xml *iq = xml_new(arena, NS_COMPONENT, "iq");
	bool taken;

	xml_set(arena, iq, "from", from);
	xml_set(arena, iq, "type", type);
	xml_set(arena, iq, "id", id);
	if (strcmp(type, "error") == 0)
		xml_add(arena, iq, NULL, "error");
	taken = queries_answer(queries, arena, iq);
	arena_free(&arena);
	return taken;
}

static void
on_freed(void *ctx)
{
	*(int *)ctx += 1;
}

static void
finish(uv_loop_t *loop, struct queries *queries)
{
	int freed = 0;

	queries_free(&queries, on_freed, &freed);
	assert_null(queries);
	uv_run(loop, UV_RUN_DEFAULT);
	assert_int_equal(freed, 1);
}

static void
answers_once(void **state)
{
	struct queries *queries = queries_new(*state);
	char id[QUERY_ID_SIZE];
	struct asked asked;

	ask(queries, "a@b/c", 10, &asked, id);
	assert_true(answer(queries, "a@b/c", "result", id));
	assert_int_equal(asked.calls, 1);
	assert_string_equal(asked.type, "result");
	assert_false(answer(queries, "a@b/c", "result", id));
	assert_int_equal(asked.calls, 1);
	finish(*state, queries);
}

static void
hands_over_errors(void **state)
{
	struct queries *queries = queries_new(*state);
	char id[QUERY_ID_SIZE];
	struct asked asked;

	ask(queries, "a@b/c", 10, &asked, id);
	assert_true(answer(queries, "a@b/c", "error", id));
	assert_string_equal(asked.type, "error");
	assert_true(asked.has_error);
	finish(*state, queries);
}

static const struct {
	const char *from, *type, *id;	/* id NULL: the right one */
} strangers[] = {
	{ "eve@b/c", "result", NULL },
	{ "a@b", "result", NULL },
	{ "a@b/C", "result", NULL },
	{ "@", "result", NULL },
	{ NULL, "result", NULL },
	{ "a@b/c", "get", NULL },
	{ "a@b/c", "set", NULL },
	{ "a@b/c", "result", "1" },
	{ "a@b/c", "result", "" },
};

static void
takes_nothing_from_strangers(void **state)
{
	struct queries *queries = queries_new(*state);
	char id[QUERY_ID_SIZE];
	struct asked asked;

	ask(queries, "a@b/c", 10, &asked, id);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(*strangers); i++) {
		const char *as = strangers[i].id;

		assert_false(answer(queries, strangers[i].from,
				    strangers[i].type, as ? as : id));
		assert_int_equal(asked.calls, 0);
	}
	/* Spelt otherwise, but the same. */
	assert_true(answer(queries, "A@B/c", "result", id));
	assert_int_equal(asked.calls, 1);
	finish(*state, queries);
}

static void
gives_up_in_time(void **state)
{
	uv_loop_t *loop = *state;
	struct queries *queries = queries_new(loop);
	char id[QUERY_ID_SIZE];
	struct asked now, soon, late;
	uint64_t start = uv_hrtime();

	ask(queries, "a", 100, &late, id);
	ask(queries, "a", 1, &soon, id);
	ask(queries, "a", 0, &now, id);
	while (soon.calls == 0)
		uv_run(loop, UV_RUN_ONCE);
	assert_in_range((uv_hrtime() - start) / 1000000, 990, 4000);
	assert_int_equal(now.calls, 1);
	assert_false(now.answered);
	assert_false(soon.answered);
	assert_int_equal(late.calls, 0);
	finish(loop, queries);
	assert_int_equal(late.calls, 1);
	assert_false(late.answered);
	assert_int_equal(soon.calls, 1);
}

static void
fails_all(void **state)
{
	struct queries *queries = queries_new(*state);
	char id[QUERY_ID_SIZE];
	struct asked asked[100];

	for (int i = 0; i < 100; i++)
		ask(queries, "a", 60, &asked[i], id);
	queries_fail(queries);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(asked[i].calls, 1);
		assert_false(asked[i].answered);
	}
	queries_fail(queries);
	assert_int_equal(asked[0].calls, 1);
	finish(*state, queries);
}

struct asker {
	struct queries *queries;
	int calls, max;
};

/* Asks again, as those do who must have an answer. */
static void
ask_again(void *ctx, const struct xml *el)
{
	struct asker *asker = ctx;
	const struct query_wait wait = { .to = "a", .secs = 60,
					 .fn = ask_again, .ctx = asker };
	char id[QUERY_ID_SIZE];

	assert_null(el);
	if (++asker->calls < asker->max)
		queries_add(asker->queries, &wait, id);
}

static void
begin_asking(struct asker *asker, uv_loop_t *loop, int max)
{
	const struct query_wait wait = { .to = "a", .secs = 60,
					 .fn = ask_again, .ctx = asker };
	char id[QUERY_ID_SIZE];

	asker->queries = queries_new(loop);
	asker->calls = 0;
	asker->max = max;
	queries_add(asker->queries, &wait, id);
}

static void
may_be_asked_by_an_answer(void **state)
{
	struct asker asker;

	begin_asking(&asker, *state, 2);
	queries_fail(asker.queries);
	assert_int_equal(asker.calls, 1);
	queries_fail(asker.queries);
	assert_int_equal(asker.calls, 2);
	finish(*state, asker.queries);
	assert_int_equal(asker.calls, 2);
}

/* Once when it begins to close, and the rest when it has closed. */
static void
fails_what_is_asked_while_it_closes(void **state)
{
	struct queries *queries;
	struct asker asker;
	int freed = 0;

	begin_asking(&asker, *state, 5);
	queries = asker.queries;
	queries_free(&queries, on_freed, &freed);
	assert_int_equal(asker.calls, 1);
	uv_run(*state, UV_RUN_DEFAULT);
	assert_int_equal(asker.calls, 5);
	assert_int_equal(freed, 1);
}

static void
ends_even_for_those_who_ask_for_ever(void **state)
{
	struct asker asker;

	log_configure("test", LOG_LEVEL_ERROR + 1, false);
	begin_asking(&asker, *state, INT_MAX);
	finish(*state, asker.queries);
	assert_in_range(asker.calls, 5, 100);
}

static void
ids_are_long_and_differ(void **state)
{
	char one[QUERY_ID_SIZE], other[QUERY_ID_SIZE];

	(void)state;
	query_make_id(one);
	for (int i = 0; i < 10000; i++) {
		query_make_id(other);
		assert_int_equal(strlen(other), 24);
		assert_string_not_equal(one, other);
		memcpy(one, other, sizeof(one));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_LOOP_TEST(answers_once),
		BED_LOOP_TEST(hands_over_errors),
		BED_LOOP_TEST(takes_nothing_from_strangers),
		BED_LOOP_TEST(gives_up_in_time),
		BED_LOOP_TEST(fails_all),
		BED_LOOP_TEST(may_be_asked_by_an_answer),
		BED_LOOP_TEST(fails_what_is_asked_while_it_closes),
		BED_LOOP_TEST(ends_even_for_those_who_ask_for_ever),
		cmocka_unit_test(ids_are_long_and_differ),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
