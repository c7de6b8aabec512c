#include "shared/output.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/outbox.h"
#include "shared/query.h"
#include "shared/router.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/stream.h"
#include "shared/uplink.h"
#include "shared/xml.h"
#include "t/lib/capture.h"

#define STANZA_BYTES 10000

/* In place of shared/uplink.c and shared/stream.c: what is written, and
   whether somebody was told so. */
static struct stream *up;
static struct str written;
static size_t told;
static char link_of_none;

struct stream *
uplink_stream(const struct uplink *uplink)
{
	assert_ptr_equal(uplink, &link_of_none);
	return up;
}

struct str *
stream_out(struct stream *stream)
{
	assert_ptr_equal(stream, &link_of_none);
	return &written;
}

void
stream_wrote(struct stream *stream)
{
	assert_ptr_equal(stream, &link_of_none);
	told = written.len;
}

static uv_loop_t loop;
static struct metrics *metrics;
static struct output output;
static struct outbox *outbox;
static unsigned waits, failed;
static size_t waiting;

static struct str *
on_out(void *ctx)
{
	(void)ctx;
	return output_stream(&output) == NULL ? NULL : &written;
}

static void
on_wrote(void *ctx)
{
	(void)ctx;
	told = written.len;
}

static void
on_eased(void *ctx)
{
	(void)ctx;
}

static void
on_waits(void *ctx)
{
	assert_ptr_equal(ctx, &waits);
	waits++;
	waiting = outbox_bytes(outbox);
}

static int
set_up(void **state)
{
	static const struct outbox_events events = {
		.out = on_out, .wrote = on_wrote, .eased = on_eased,
	};

	(void)state;
	log_configure("test", LOG_LEVEL_ERROR + 1, false);
	assert_int_equal(uv_loop_init(&loop), 0);
	metrics = metrics_new();
	outbox = outbox_new(&loop, &events, NULL);
	output = (struct output){
		.uplink = (struct uplink *)&link_of_none, .outbox = outbox,
		.loop = &loop, .stanza_bytes = STANZA_BYTES,
		.waits = on_waits, .ctx = &waits,
	};
	output_init(&output, metrics);
	up = (struct stream *)&link_of_none;
	str_clear(&written);
	str_addz(&written, "");
	told = waiting = 0;
	waits = failed = 0;
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
	(void)state;
	outbox_drop(outbox);
	outbox_free(&outbox, on_freed, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	metrics_free(&metrics);
	str_fini(&written);
	return 0;
}

static int
send_text(const char *text, size_t len)
{
	struct arena *arena = arena_new();
	struct xml *el = stanza_new(arena, "message", "m", "a", NULL);
	struct error err;
	int ret;

	xml_add_text(arena, el, NULL, "body", arena_dup(arena, text, len));
	ret = output_send(&output, el, &err);
	if (ret < 0)
		assert_int_equal(err.cond, ERROR_POLICY_VIOLATION);
	arena_free(&arena);
	return ret;
}

static int
send_message(const char *text)
{
	return send_text(text, strlen(text));
}

static void
on_answer(void *ctx, const struct xml *answer)
{
	(void)ctx;
	assert_null(answer);
	failed++;
}

static bool
send_iq(const char *name)
{
	static char text[100];
	const struct query_wait wait = { .to = "a", .secs = 10,
					 .fn = on_answer };

	snprintf(text, sizeof(text), " to='a'><%s/></iq>", name);
	return output_send_iq(&output, text, strlen(text), &wait);
}

static void
stanzas_follow_each_other(void **state)
{
	(void)state;
	assert_int_equal(send_message("a < b"), 0);
	assert_int_equal(told, written.len);
	assert_int_equal(send_message("c"), 0);
	assert_string_equal(written.data,
			    "<message from='m' to='a'><body>a &lt; b</body>"
			    "</message><message from='m' to='a'><body>c</body>"
			    "</message>");
	assert_int_equal(told, written.len);
	assert_int_equal(output.stanzas->value, 2);
}

static void
without_a_link_they_are_dropped(void **state)
{
	struct router_template template = { .head = "<a", .head_len = 2,
					    .tail = "/>", .tail_len = 2 };

	(void)state;
	up = NULL;
	assert_int_equal(send_message("a"), 0);
	output_send_to(&output, &template, "b", 1);
	assert_false(send_iq("c"));
	assert_string_equal(written.data, "");
	assert_int_equal(output.dropped->value, 3);
	assert_int_equal(output.stanzas->value, 0);
	assert_int_equal(failed, 0);
}

/* The link would be lost over it, and what was written before with it. */
static void
nothing_too_large_is_sent(void **state)
{
	static char text[STANZA_BYTES];
	static struct capture said;
	const char *lines;

	(void)state;
	memset(text, 'x', sizeof(text));
	send_message("before");
	log_configure("test", LOG_LEVEL_INFO, false);
	capture_begin(&said);
	assert_int_equal(send_text(text, sizeof(text)), -1);
	assert_int_equal(send_text(text, sizeof(text)), -1);
	capture_end(&said);
	log_configure("test", LOG_LEVEL_ERROR + 1, false);
	send_message("after");
	assert_string_equal(written.data,
			    "<message from='m' to='a'><body>before</body>"
			    "</message><message from='m' to='a'><body>after"
			    "</body></message>");
	assert_int_equal(output.dropped->value, 2);
	/* All who are in a room may be sent the same. */
	lines = strstr(said.err, "not sent to a: a stanza of ");
	assert_non_null(lines);
	assert_null(strstr(lines + 1, "not sent"));
}

static void
templates_are_patched(void **state)
{
	struct router_template template = {
		.head = "<presence from='r@m/n'", .head_len = 22,
		.tail = "><x xmlns='y'/></presence>", .tail_len = 26,
	};
	struct router_template big = template;

	(void)state;
	assert_true(output_fits(&output, &template));
	big.tail_len = STANZA_BYTES - 100;
	assert_false(output_fits(&output, &big));
	output_send_to(&output, &template, "a@b/c", 5);
	output_send_to(&output, &template, "d@e/f&amp;", 10);
	assert_string_equal(written.data,
		"<presence from='r@m/n' to='a@b/c'><x xmlns='y'/></presence>"
		"<presence from='r@m/n' to='d@e/f&amp;'><x xmlns='y'/>"
		"</presence>");
	assert_int_equal(told, written.len);
}

/* Whatever a sender has not looked at. */
static void
templates_above_the_limit_are_dropped(void **state)
{
	static char tail[STANZA_BYTES];
	static const char start[] = "<message", end[] = "</message>";
	struct router_template template = {
		.head = start, .head_len = strlen(start), .tail = tail,
		.tail_len = STANZA_BYTES - strlen(start) -
			    strlen(" to='a@b/c'"),
	};

	(void)state;
	memset(tail, ' ', sizeof(tail));
	tail[0] = '>';
	memcpy(tail + template.tail_len - strlen(end), end, strlen(end));
	output_send_to(&output, &template, "a@b/cd", 6);
	assert_string_equal(written.data, "");
	assert_int_equal(output.dropped->value, 1);
	output_send_to(&output, &template, "a@b/c", 5);
	assert_int_equal(written.len, STANZA_BYTES);
}

/* Whether what was written last ends with just so many blanks. */
static void
assert_blanks(size_t wanted)
{
	size_t count = 0;

	while (written.data[written.len - 1 - count] == ' ')
		count++;
	assert_int_equal(count, wanted);
}

/* A router's expat may wait for twice the bytes of a long tag. */
static void
long_tags_are_pushed_on(void **state)
{
	static const char start[] = "><b c='", rest[] = "'/>";
	static char tail[3000], to[1500];
	struct router_template template = {
		.head = "<message", .head_len = 8, .tail = tail,
		.tail_len = strlen(start) + 2000 + strlen(rest),
	};

	(void)state;
	memset(tail, 'x', sizeof(tail));
	memcpy(tail, start, strlen(start));
	memcpy(tail + strlen(start) + 2000, rest, strlen(rest));
	output_send_to(&output, &template, "a", 1);
	assert_blanks(strlen("<b c='") + 2000 + strlen("'/"));
	/* The first tag is as long as the address makes it, for each anew. */
	template = (struct router_template){
		.head = "<message", .head_len = 8, .tail = "/>", .tail_len = 2,
	};
	memset(to, 'x', sizeof(to));
	output_send_to(&output, &template, "a", 1);
	assert_blanks(0);
	output_send_to(&output, &template, to, sizeof(to));
	assert_blanks(strlen("<message to=''/") + sizeof(to));
	output_send_to(&output, &template, "b", 1);
	assert_blanks(0);
	/* Text needs none. */
	send_text(tail, strlen(start));
	assert_blanks(0);
}

static void
what_follows_an_iq_without_credit_waits(void **state)
{
	(void)state;
	assert_true(send_iq("one"));
	assert_non_null(strstr(written.data, "' to='a'><one/></iq>"));
	assert_int_equal(waits, 0);
	send_message("a");
	assert_non_null(strstr(written.data, "a</body>"));
	assert_true(send_iq("two"));
	assert_null(strstr(written.data, "two"));
	assert_int_equal(waits, 1);
	send_message("b");
	assert_null(strstr(written.data, "b</body>"));
	assert_int_equal(waits, 2);
	assert_int_equal(waiting, outbox_bytes(outbox));
	assert_int_equal(output.stanzas->value, 4);
}

static void
on_before(void *ctx)
{
	send_message(ctx);
}

static void
something_goes_before(void **state)
{
	(void)state;
	output_before(&output, on_before, (void *)"first");
	send_message("second");
	send_message("third");
	assert_string_equal(written.data,
			    "<message from='m' to='a'><body>first</body>"
			    "</message><message from='m' to='a'><body>second"
			    "</body></message><message from='m' to='a'><body>"
			    "third</body></message>");
	output_before(&output, on_before, (void *)"fourth");
	output_before(&output, NULL, NULL);
	send_message("fifth");
	assert_null(strstr(written.data, "fourth"));
}

static void
at_the_end_all_that_waits_is_sent(void **state)
{
	(void)state;
	send_iq("one");
	send_iq("two");
	send_message("a");
	output_before(&output, on_before, (void *)"b");
	output_end(&output);
	assert_non_null(strstr(written.data, "<two/></iq><message from='m' "
			       "to='a'><body>a</body></message><message "
			       "from='m' to='a'><body>b</body></message>"));
	assert_null(output_stream(&output));
	send_message("c");
	assert_null(strstr(written.data, "c</body>"));
	assert_int_equal(output.dropped->value, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stanzas_follow_each_other),
		TEST(without_a_link_they_are_dropped),
		TEST(nothing_too_large_is_sent),
		TEST(templates_are_patched),
		TEST(templates_above_the_limit_are_dropped),
		TEST(long_tags_are_pushed_on),
		TEST(what_follows_an_iq_without_credit_waits),
		TEST(something_goes_before),
		TEST(at_the_end_all_that_waits_is_sent),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
