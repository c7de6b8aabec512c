#include "shared/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

static struct str out;		/* what went */
static struct str told;		/* whose turn is over: "a+" or "a-" */
static unsigned eased;
static bool linked;
static struct outbox *outbox;
static uv_loop_t *loop;

static struct str *
on_out(void *ctx)
{
	assert_ptr_equal(ctx, &out);
	return linked ? &out : NULL;
}

static void
on_wrote(void *ctx)
{
	assert_ptr_equal(ctx, &out);
}

static void
on_eased(void *ctx)
{
	assert_ptr_equal(ctx, &out);
	eased++;
}

static void
on_told(void *ctx, const struct xml *answer)
{
	str_addf(&told, "%s%c", (const char *)ctx, answer ? '+' : '-');
}

static int
set_up(void **state)
{
	static const struct outbox_events events = {
		.out = on_out, .wrote = on_wrote, .eased = on_eased,
	};

	bed_loop_setup(state);
	loop = *state;
	str_clear(&out);
	str_addz(&out, "");
	str_clear(&told);
	str_addz(&told, "");
	eased = 0;
	linked = true;
	outbox = outbox_new(loop, &events, &out);
	return 0;
}

static void
on_freed(void *ctx)
{
	(void)ctx;
}

static int
tear_down(void **state)
{
	outbox_drop(outbox);
	outbox_free(&outbox, on_freed, NULL);
	uv_run(loop, UV_RUN_DEFAULT);
	str_fini(&out);
	str_fini(&told);
	return bed_loop_teardown(state);
}

/* Its text is its name. */
static void
send_iq(const char *name)
{
	const struct query_wait wait = {
		.to = "host", .secs = 60, .fn = on_told, .ctx = (void *)name,
	};
	struct str text = { 0 };

	str_addf(&text, ">%s</iq>", name);
	outbox_send(outbox, text.data, text.len, &wait);
	str_fini(&text);
}

/* Something that costs nothing. */
static void
send_text(const char *text)
{
	struct str *waiting = outbox_waiting(outbox);

	str_addz(waiting != NULL ? waiting : &out, text);
}

/* What went, with "#" for each id. */
static const char *
sent(struct arena *arena)
{
	struct str text = { 0 };
	const char *at = out.data, *id;

	while ((id = strstr(at, " id='")) != NULL) {
		str_add(&text, at, (size_t)(id - at));
		str_addc(&text, '#');
		at = strchr(id + 5, '\'') + 1;
		assert_int_equal(at - id, 5 + QUERY_ID_SIZE);
		assert_int_not_equal(id[5], '-');
	}
	str_addz(&text, at);
	at = arena_strdup(arena, text.data);
	str_fini(&text);
	return at;
}

static void
assert_sent(const char *text)
{
	struct arena *arena = arena_new();

	assert_string_equal(sent(arena), text);
	arena_free(&arena);
}

/* Answers the IQ whose text is that. */
static bool
answer(const char *name)
{
	struct arena *arena = arena_new();
	struct xml *el = xml_new(arena, NS_CLIENT, "iq");
	const char *text = strstr(out.data, name);
	bool known;

	xml_set(arena, el, "type", "result");
	xml_set(arena, el, "from", "host");
	xml_set(arena, el, "id", arena_dup(arena,
					   text - QUERY_ID_SIZE,
					   QUERY_ID_SIZE - 1));
	known = outbox_answer(outbox, arena, el);
	arena_free(&arena);
	return known;
}

static void
sends_what_there_is_credit_for(void **state)
{
	(void)state;
	outbox_set_credit(outbox, 2);
	send_iq("a");
	send_text("(1)");
	send_iq("b");
	send_text("(2)");
	assert_sent("<iq#>a</iq>(1)<iq#>b</iq>(2)");
	assert_null(outbox_waiting(outbox));
	assert_int_equal(outbox_bytes(outbox), 0);
}

static void
keeps_the_order_without_credit(void **state)
{
	(void)state;
	send_iq("a");
	send_iq("b");
	send_text("(1)");
	send_text("(2)");
	send_iq("c");
	send_text("(3)");
	assert_sent("<iq#>a</iq>");
	assert_non_null(outbox_waiting(outbox));
	assert_true(outbox_bytes(outbox) > 60);
	assert_true(answer(">a"));
	assert_sent("<iq#>a</iq><iq#>b</iq>(1)(2)");
	send_text("(4)");
	assert_true(answer(">b"));
	assert_sent("<iq#>a</iq><iq#>b</iq>(1)(2)<iq#>c</iq>(3)(4)");
	assert_null(outbox_waiting(outbox));
	send_text("(5)");
	assert_true(answer(">c"));
	assert_sent("<iq#>a</iq><iq#>b</iq>(1)(2)<iq#>c</iq>(3)(4)(5)");
	assert_string_equal(told.data, "a+b+c+");
}

static void
ignores_other_answers(void **state)
{
	(void)state;
	send_iq("a");
	send_iq("b");
	assert_true(answer(">a"));
	assert_false(answer(">a"));
	assert_sent("<iq#>a</iq><iq#>b</iq>");
	assert_string_equal(told.data, "a+");
}

static void
more_credit_sends_more(void **state)
{
	(void)state;
	send_iq("a");
	send_iq("b");
	send_iq("c");
	send_iq("d");
	outbox_set_credit(outbox, 3);
	assert_sent("<iq#>a</iq><iq#>b</iq><iq#>c</iq>");
	assert_int_equal(eased, 1);
	/* With less, nothing is taken back. */
	outbox_set_credit(outbox, 1);
	assert_true(answer(">a"));
	assert_true(answer(">b"));
	assert_sent("<iq#>a</iq><iq#>b</iq><iq#>c</iq>");
	assert_true(answer(">c"));
	assert_sent("<iq#>a</iq><iq#>b</iq><iq#>c</iq><iq#>d</iq>");
}

static void
nothing_overtakes_without_any_credit(void **state)
{
	(void)state;
	outbox_set_credit(outbox, 2);
	send_iq("a");
	send_iq("b");
	send_iq("c");
	send_text("(1)");
	outbox_set_credit(outbox, 0);
	send_text("(2)");
	send_iq("d");
	assert_true(answer(">a"));
	assert_sent("<iq#>a</iq><iq#>b</iq>");
	assert_true(answer(">b"));
	assert_sent("<iq#>a</iq><iq#>b</iq><iq#>c</iq>");
	assert_true(answer(">c"));
	assert_sent("<iq#>a</iq><iq#>b</iq><iq#>c</iq>(1)(2)<iq#>d</iq>");
	assert_int_equal(outbox_bytes(outbox), 0);
	send_text("(3)");
	assert_true(outbox_bytes(outbox) > 0);
	assert_true(answer(">d"));
	assert_sent("<iq#>a</iq><iq#>b</iq><iq#>c</iq>(1)(2)<iq#>d</iq>(3)");
	assert_null(outbox_waiting(outbox));
	/* Whoever is first need not wait. */
	send_iq("e");
	send_text("(4)");
	outbox_set_credit(outbox, 1);
	assert_sent("<iq#>a</iq><iq#>b</iq><iq#>c</iq>(1)(2)<iq#>d</iq>(3)"
		    "<iq#>e</iq>(4)");
}

/* Something waits all the time, but never much. */
static void
uses_its_memory_again(void **state)
{
	static char names[2][3] = { "x0", "x1" };

	(void)state;
	send_iq("x1");
	for (int i = 0; i < 1000; i++) {
		send_iq(names[i % 2]);
		assert_true(outbox_bytes(outbox) < 200);
		assert_true(answer(i % 2 ? ">x0" : ">x1"));
		assert_true(out.len < 200);
		str_shift(&out, out.len / 2);
	}
	assert_int_equal(told.len, 3000);
}

static void
drops_what_waits(void **state)
{
	(void)state;
	send_iq("a");
	send_iq("b");
	send_text("(1)");
	linked = false;
	outbox_drop(outbox);
	assert_sent("<iq#>a</iq>");
	assert_string_equal(told.data, "a-b-");
	assert_null(outbox_waiting(outbox));
	linked = true;
	send_iq("c");
	assert_sent("<iq#>a</iq><iq#>c</iq>");
}

static void
flushes_whatever_the_credit(void **state)
{
	(void)state;
	send_iq("a");
	send_iq("b");
	send_iq("c");
	send_text("(1)");
	outbox_flush(outbox);
	assert_sent("<iq#>a</iq><iq#>b</iq><iq#>c</iq>(1)");
}

/* The link was lost, but that is not yet known here. */
static void
waits_for_a_place_to_go(void **state)
{
	(void)state;
	send_iq("a");
	send_iq("b");
	linked = false;
	assert_true(answer(">a"));
	assert_sent("<iq#>a</iq>");
	outbox_drop(outbox);
	assert_string_equal(told.data, "a+b-");
}

static void
time_begins_when_it_is_sent(void **state)
{
	const struct query_wait wait = {
		.to = "host", .secs = 1, .fn = on_told, .ctx = (void *)"a",
	};

	(void)state;
	outbox_send(outbox, ">a</iq>", 7, &wait);
	outbox_send(outbox, ">b</iq>", 7, &wait);
	while (told.len == 0)
		uv_run(loop, UV_RUN_ONCE);
	assert_string_equal(told.data, "a-");
	assert_sent("<iq#>a</iq><iq#>b</iq>");
	assert_true(answer(">b"));
	assert_string_equal(told.data, "a-a+");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sends_what_there_is_credit_for),
		TEST(keeps_the_order_without_credit),
		TEST(nothing_overtakes_without_any_credit),
		TEST(ignores_other_answers),
		TEST(more_credit_sends_more),
		TEST(uses_its_memory_again),
		TEST(drops_what_waits),
		TEST(flushes_whatever_the_credit),
		TEST(waits_for_a_place_to_go),
		TEST(time_begins_when_it_is_sent),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
