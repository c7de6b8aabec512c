#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/calls.h"
#include "shared/form.h"
#include "shared/str.h"
#include "t/lib/fake_router.h"
#include "t/lib/mucbed.h"

/* Of as many as a turn of the loop is for, more than half. */
#define MANY 600

static struct str said;

static void
on_say(void *ctx, const char *text)
{
	(void)ctx;
	str_addf(&said, "%s ", text);
}

static void
on_progress(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx;
	str_addf(&said, "%" PRIu64 "/%" PRIu64 " ", done, total);
}

static bool
is_full(void *ctx)
{
	(void)ctx;
	return false;
}

static void
on_end(void *ctx, const struct error *err)
{
	(void)ctx;
	str_addf(&said, "end %s", err != NULL ? err->text : "");
}

static const struct call_output output = {
	.say = on_say, .progress = on_progress, .is_full = is_full,
	.end = on_end,
};

/* room may be NULL. */
static struct call *
begin(struct mucbed *bed, const char *text, const char *room)
{
	const struct form_field fields[] = {
		{ .var = "text", .values = &text, .count = 1 },
		{ .var = "room", .values = &room, .count = 1 },
	};
	const struct form form = {
		.type = "submit", .fields = fields,
		.count = room == NULL ? 1 : 2,
	};
	const struct call_plan plan = {
		.command = calls_find(bed->calls, "broadcast"),
		.form = &form, .who = "a test", .output = &output,
	};
	struct call *call;

	str_clear(&said);
	str_addz(&said, "");
	assert_int_equal(call_new(bed->calls, &plan, &call, &bed->err), 0);
	call_run(call);
	mucbed_save(bed);
	return call;
}

/* One turn of the loop; returns what was sent. */
static const char *
turn(struct mucbed *bed)
{
	uv_run(&bed->loop, UV_RUN_NOWAIT);
	return mucbed_sent(bed);
}

/* All of it, where few are there.  Returns what was sent. */
static const char *
announce(struct mucbed *bed, const char *text, const char *room)
{
	begin(bed, text, room);
	return turn(bed);
}

static int
set_up(void **state)
{
	return mucbed_setup(state);
}

static int
tear_down(void **state)
{
	str_fini(&said);
	return mucbed_teardown(state);
}

static struct room *
make_room(struct mucbed *bed, const char *jid, unsigned people)
{
	struct room *room = mucbed_room(bed, jid);
	char nick[16], who[32];

	for (unsigned i = 0; i < people; i++) {
		snprintf(nick, sizeof(nick), "n%u", i);
		snprintf(who, sizeof(who), "u%u@x.example/1", i);
		mucbed_add(room, nick, who, AFFILIATION_NONE,
			   ROLE_PARTICIPANT);
	}
	return room;
}

static unsigned
count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

#define FROM(room) "<message from='" room "@muc.example' type='groupchat' id='"
/* By the room itself, with an id, and not for those who come later. */
static void
tells_everybody_in_a_room(void **state)
{
	struct mucbed *bed = *state;
	const struct room *room = make_room(bed, "a@muc.example", 2);
	const char *sent = announce(bed, "Tea & cakes", "a");

	assert_string_equal(said.data, "Clients told: 2, in rooms: 1. end ");
	assert_int_equal(count(sent, "<message "), 2);
	assert_int_equal(count(sent, FROM("a")), 2);
	assert_int_equal(count(sent, "id=''"), 0);
	assert_int_equal(count(sent, " to='u0@x.example/1'>"), 1);
	assert_int_equal(count(sent, " to='u1@x.example/1'>"), 1);
	assert_int_equal(count(sent, "><body>Tea &amp; cakes</body>"
			       "</message>\n"), 2);
	assert_int_equal(room->history.count, 0);
}

static void
tells_nobody_else(void **state)
{
	struct mucbed *bed = *state;

	make_room(bed, "a@muc.example", 1);
	make_room(bed, "b@muc.example", 1);
	assert_int_equal(count(announce(bed, "Hi", "b"), FROM("b")), 1);
	assert_string_equal(said.data, "Clients told: 1, in rooms: 1. end ");
	assert_string_equal(announce(bed, "Hi", "c"), "");
	assert_string_equal(said.data, "end there is no room c@muc.example");
}

/* Where nobody is, nobody is told. */
static void
tells_all_rooms(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	make_room(bed, "a@muc.example", 1);
	make_room(bed, "b@muc.example", 2);
	make_room(bed, "c@muc.example", 0);
	sent = announce(bed, "Closing\nsoon", NULL);
	assert_string_equal(said.data,
			    "2/2 Clients told: 3, in rooms: 2. end ");
	assert_int_equal(count(sent, "<message "), 3);
	assert_int_equal(count(sent, FROM("a")), 1);
	assert_int_equal(count(sent, FROM("b")), 2);
	assert_int_equal(count(sent, "<body>Closing\nsoon</body>"), 3);
}

static void
may_find_nobody(void **state)
{
	assert_string_equal(announce(*state, "Hi", NULL), "");
	assert_string_equal(said.data,
			    "0/0 Clients told: 0, in rooms: 0. end ");
}

static void
tells_many_step_by_step(void **state)
{
	struct mucbed *bed = *state;

	make_room(bed, "a@muc.example", MANY);
	make_room(bed, "b@muc.example", MANY);
	make_room(bed, "c@muc.example", MANY);
	begin(bed, "Hi", NULL);
	assert_string_equal(mucbed_sent(bed), "");
	assert_int_equal(count(turn(bed), "<message "), 2 * MANY);
	assert_string_equal(said.data, "2/3 ");
	assert_int_equal(count(turn(bed), "<message "), MANY);
	assert_string_equal(said.data, "2/3 3/3 Clients told: 1800, in "
			    "rooms: 3. end ");
}

/* In the order in which they were made. */
static void
passes_over_a_room_that_goes_meanwhile(void **state)
{
	struct mucbed *bed = *state;
	struct room *gone;

	make_room(bed, "a@muc.example", MANY);
	make_room(bed, "b@muc.example", MANY);
	gone = make_room(bed, "c@muc.example", 1);
	make_room(bed, "d@muc.example", 1);
	begin(bed, "Hi", NULL);
	turn(bed);
	assert_string_equal(said.data, "2/4 ");
	room_free(&gone);
	assert_int_equal(count(turn(bed), "<message "), 1);
	assert_string_equal(said.data, "2/4 4/4 Clients told: 1201, in "
			    "rooms: 3. end ");
}

static void
ends_when_nobody_waits_for_it(void **state)
{
	struct mucbed *bed = *state;
	struct call *call;

	make_room(bed, "a@muc.example", MANY);
	make_room(bed, "b@muc.example", MANY);
	make_room(bed, "c@muc.example", 1);
	call = begin(bed, "Hi", NULL);
	turn(bed);
	call_cancel(call);
	assert_string_equal(turn(bed), "");
	assert_string_equal(said.data, "2/3 ");
}

/* What the room with the longest address cannot say, none says. */
static void
tells_all_or_none(void **state)
{
	struct mucbed *bed = *state;
	char text[500];
	const char *sent;
	unsigned refused = 0;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	make_room(bed, "b@muc.example", 1);
	make_room(bed, "a-hall-with-a-long-name@muc.example", 1);
	make_room(bed, "c@muc.example", 1);
	for (size_t limit = sizeof(text);; limit++, refused++) {
		fake_router_limit(bed->runtime.router, limit);
		sent = announce(bed, text, NULL);
		if (strstr(said.data, "too large") == NULL)
			break;
		assert_string_equal(said.data, "end the message is too "
				    "large");
		assert_string_equal(sent, "");
	}
	assert_in_range(refused, 50, 200);
	assert_string_equal(said.data,
			    "3/3 Clients told: 3, in rooms: 3. end ");
}

static void
is_refused_when_it_is_too_large(void **state)
{
	struct mucbed *bed = *state;

	make_room(bed, "a@muc.example", 1);
	fake_router_limit(bed->runtime.router, 60);
	assert_string_equal(announce(bed, "Hi", "a"), "");
	assert_string_equal(said.data, "end the message is too large");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(tells_everybody_in_a_room),
		TEST(tells_nobody_else),
		TEST(tells_all_rooms),
		TEST(may_find_nobody),
		TEST(tells_many_step_by_step),
		TEST(passes_over_a_room_that_goes_meanwhile),
		TEST(ends_when_nobody_waits_for_it),
		TEST(tells_all_or_none),
		TEST(is_refused_when_it_is_too_large),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_announce", tests, NULL, NULL);
}
