#include "components/muc/door.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/caretaker.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "t/lib/fake_router.h"
#include "t/lib/gist.h"
#include "t/lib/mucbed.h"

#define R "r@muc.example"
#define ENTER(jid, nick) \
	"<presence from='" jid "' to='" R "/" nick "'>" \
	"<x xmlns='" NS_MUC "'/></presence>"
#define SAY(jid, text) \
	"<message from='" jid "' to='" R "' type='groupchat'>" \
	"<body>" text "</body></message>"
#define DAN "dan@d.example/1"
#define EVE "eve@e.example/1"
#define EVE2 "eve@e.example/2"
#define FAY "fay@f.example/1"

static const char *const hosts[] = { NULL };

static int
set_up(void **state)
{
	return mucbed_setup_hooked(state, hosts, "version='0' "
				   "hooks='fanout' credit='9'");
}

#define DONE(id) "<iq type='result' id='" id "' from='example' " \
	"to='muc.example'/>"

/* The router is asked to send something to many. */
static struct room *
busy(struct mucbed *bed)
{
	struct room *room = mucbed_cast(bed, "Ann Bob Cid");
	const char *sent = mucbed_receive(bed, SAY(BOB, "hello"));

	assert_non_null(strstr(sent, "<iq id='q1'"));
	return room;
}

static void
all_are_let_in_at_once(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	mucbed_cast(bed, "Ann Bob Cid");
	sent = mucbed_receive(bed, ENTER(DAN, "Dan"));
	assert_string_equal(gist_of(bed, sent, ANN), " Dan!");
	assert_string_equal(gist_of(bed, sent, BOB), " Dan");
	assert_string_equal(gist_of(bed, sent, DAN),
			    " Ann Bob Cid Dan!* subject");
}

static void
those_who_wait_are_let_in_together(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	busy(bed);
	assert_string_equal(mucbed_receive(bed, ENTER(DAN, "Dan")), "");
	assert_string_equal(mucbed_receive(bed, ENTER("admin@example/1",
						      "Root")), "");
	assert_string_equal(mucbed_receive(bed, ENTER(EVE, "Eve")), "");
	sent = mucbed_receive(bed, DONE("q1"));
	assert_string_equal(gist_of(bed, sent, ANN), " Dan! Root! Eve!");
	assert_string_equal(gist_of(bed, sent, BOB), " Dan Root Eve");
	assert_string_equal(gist_of(bed, sent, CID), " Dan Root Eve");
	assert_string_equal(gist_of(bed, sent, DAN), " Ann Bob Cid Root Eve "
			    "Dan!* message subject");
	assert_string_equal(gist_of(bed, sent, EVE), " Ann Bob Cid Dan Root "
			    "Eve!* message subject");
	assert_string_equal(gist_of(bed, sent, "admin@example/1"),
			    " Ann! Bob! Cid! Dan! Eve! Root!* message "
			    "subject");
	/* That has not been done yet either. */
	assert_string_equal(mucbed_receive(bed, ENTER(FAY, "Fay")), "");
}

static unsigned
count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

#define ASK(jid, nick, history) \
	"<presence from='" jid "' to='" R "/" nick "'>" \
	"<x xmlns='" NS_MUC "'><history " history "/></x></presence>"

static void
those_who_ask_for_the_same_are_told_once(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	busy(bed);
	mucbed_receive(bed, SAY(BOB, "again"));
	mucbed_receive(bed, ENTER(DAN, "Dan"));
	mucbed_receive(bed, ASK(EVE, "Eve", "maxstanzas='1'"));
	mucbed_receive(bed, ASK(FAY, "Fay", "maxchars='0'"));
	mucbed_receive(bed, ENTER("gil@g.example/1", "Gil"));
	mucbed_receive(bed, DONE("q1"));
	sent = mucbed_receive(bed, DONE("q2"));
	assert_string_equal(gist_of(bed, sent, DAN), " Ann Bob Cid Eve Fay Gil "
			    "Dan!* message message subject");
	assert_string_equal(gist_of(bed, sent, EVE), " Ann Bob Cid Dan Fay Gil "
			    "Eve!* message subject");
	assert_string_equal(gist_of(bed, sent, FAY), " Ann Bob Cid Dan Eve Gil "
			    "Fay!* subject");
	assert_string_equal(gist_of(bed, sent, "gil@g.example/1"),
			    " Ann Bob Cid Dan Eve Fay Gil!* message message "
			    "subject");
	assert_int_equal(count(sent, "<body>hello"), 1);
	assert_int_equal(count(sent, "<body>again"), 2);
}

/* What is sent while all that is asked is done, in turn. */
static const char *
when_all_is_done(struct mucbed *bed)
{
	struct str out = { 0 };
	const char *copy;

	for (unsigned id = 1; id <= 300; id++)
		str_addz(&out, mucbed_receive(bed, arena_printf(
			bed->arena, "<iq type='result' id='q%u' "
			"from='example' to='muc.example'/>", id)));
	copy = arena_strdup(bed->arena, out.data ? out.data : "");
	str_fini(&out);
	return copy;
}

static const char *
guest(struct mucbed *bed, unsigned number)
{
	return arena_printf(bed->arena, "g%03u@g.example/1", number);
}

static void
enter_guests(struct mucbed *bed, unsigned first, unsigned end)
{
	for (unsigned i = first; i < end; i++)
		mucbed_receive(bed, arena_printf(
			bed->arena, "<presence from='%s' to='" R "/g%03u'>"
			"<x xmlns='" NS_MUC "'/></presence>",
			guest(bed, i), i));
}

static void
assert_got_each_once(const char *all, unsigned first, unsigned end)
{
	char nick[16];

	for (unsigned i = first; i < end; i++) {
		snprintf(nick, sizeof(nick), " g%03u", i);
		assert_int_equal(count(all, nick), 1);
	}
}

/* Each half is told of the other at once, and so on: not each of each. */
static void
those_who_come_together_see_many_at_once(void **state)
{
	struct mucbed *bed = *state;
	const char *sent, *all;

	busy(bed);
	enter_guests(bed, 0, 16);
	sent = when_all_is_done(bed);
	for (unsigned i = 0; i < 16; i++) {
		all = gist_of(bed, sent, guest(bed, i));
		assert_got_each_once(all, 0, 16);
		assert_non_null(strstr(all, "*"));
		assert_true(count(strstr(all, "*"), " g") == 0);
		assert_true(gist_requests(sent, guest(bed, i)) <= 7);
	}
}

/* Rather than two requests for all of the inside. */
static void
those_inside_see_many_at_once(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	mucbed_cast(bed, "Ann Bob Cid");
	enter_guests(bed, 0, 57);
	when_all_is_done(bed);
	mucbed_receive(bed, SAY(BOB, "hello"));
	enter_guests(bed, 57, 97);
	sent = when_all_is_done(bed);
	for (unsigned i = 0; i < 57; i++) {
		assert_got_each_once(gist_of(bed, sent, guest(bed, i)), 57, 97);
		assert_int_equal(gist_requests(sent, guest(bed, i)), 1);
	}
}

static void
those_who_are_not_shown_are_not(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = busy(bed);
	const char *sent;

	room->options.presencebroadcast = OPTION_MODERATOR;
	mucbed_receive(bed, ENTER(DAN, "Dan"));
	mucbed_receive(bed, ENTER(EVE, "Eve"));
	sent = mucbed_receive(bed, DONE("q1"));
	assert_string_equal(gist_of(bed, sent, ANN), "");
	assert_string_equal(gist_of(bed, sent, DAN),
			    " Ann Dan!* message subject");
}

static void
nobody_overtakes(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	busy(bed);
	mucbed_receive(bed, ENTER(DAN, "Dan"));
	sent = mucbed_receive(bed, SAY(DAN, "x"));
	assert_string_equal(gist_of(bed, sent, BOB), " Dan message");
	assert_string_equal(gist_of(bed, sent, DAN),
			    " Ann Bob Cid Dan!* message subject message");
	mucbed_receive(bed, ENTER(EVE, "Eve"));
	sent = mucbed_receive(bed, "<presence type='unavailable' from='" EVE
			      "' to='" R "/Eve'/>");
	assert_string_equal(gist_of(bed, sent, BOB), " Eve Eve");
}

static void
one_leaves_who_waits_with_others(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	busy(bed);
	mucbed_receive(bed, ENTER(DAN, "Dan"));
	mucbed_receive(bed, ENTER(EVE, "Eve"));
	mucbed_receive(bed, ENTER(FAY, "Fay"));
	sent = mucbed_receive(bed, "<presence type='unavailable' from='" EVE
			      "' to='" R "/Eve'/>");
	assert_string_equal(gist_of(bed, sent, BOB), " Dan Eve Fay Eve");
	assert_string_equal(gist_of(bed, sent, EVE), " Ann Bob Cid Dan Fay "
			    "Eve!* message subject Eve!*");
	assert_string_equal(gist_of(bed, sent, DAN), " Ann Bob Cid Eve Fay "
			    "Dan!* message subject Eve");
	assert_null(occupant_find(bed->muc->rooms, "Eve"));
}

static void
each_is_refused_alone(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	busy(bed);
	mucbed_receive(bed, ENTER(DAN, "Dan"));
	mucbed_receive(bed, ENTER(FAY, "Dan"));
	mucbed_receive(bed, ENTER(EVE, "Eve"));
	sent = mucbed_receive(bed, DONE("q1"));
	assert_non_null(strstr(sent, "<conflict "));
	assert_string_equal(gist_of(bed, sent, BOB), " Dan Eve");
	assert_string_equal(gist_of(bed, sent, FAY), " Dan");
}

static void
two_clients_are_one_person(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	busy(bed);
	mucbed_receive(bed, ENTER(DAN, "Dan"));
	mucbed_receive(bed, ENTER(EVE, "Eve"));
	mucbed_receive(bed, ENTER(EVE2, "Eve"));
	mucbed_receive(bed, ENTER(EVE, "Eve"));
	sent = mucbed_receive(bed, DONE("q1"));
	assert_string_equal(gist_of(bed, sent, BOB), " Dan Eve Eve Eve");
	assert_string_equal(gist_of(bed, sent, EVE2), " Ann Bob Cid Dan Eve!* "
			    "message subject Eve!*");
}

/* Whose first client was inside before. */
static void
a_second_client_is_nobody_new(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	busy(bed);
	mucbed_receive(bed, ENTER(DAN, "Dan"));
	mucbed_receive(bed, ENTER(BOB2, "Bob"));
	mucbed_receive(bed, ENTER(EVE, "Eve"));
	sent = mucbed_receive(bed, DONE("q1"));
	assert_string_equal(gist_of(bed, sent, BOB), " Dan Bob!* Eve");
	assert_string_equal(gist_of(bed, sent, BOB2), " Ann Cid Dan Bob!* "
			    "message subject Eve");
	assert_string_equal(gist_of(bed, sent, ANN), " Dan! Bob! Eve!");
	assert_string_equal(gist_of(bed, sent, DAN), " Ann Bob Cid Dan!* "
			    "message subject Bob Eve");
}

/* Its first client is told of it though others are not. */
static void
a_second_client_is_shown_to_the_first(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = busy(bed);
	const char *sent;

	room->options.presencebroadcast = OPTION_MODERATOR;
	mucbed_receive(bed, ENTER(BOB2, "Bob"));
	mucbed_receive(bed, ENTER(EVE, "Eve"));
	sent = mucbed_receive(bed, DONE("q1"));
	assert_string_equal(gist_of(bed, sent, BOB), " Bob!*");
	assert_string_equal(gist_of(bed, sent, ANN), "");
}

/* As the sweep takes it, when all have gone. */
static void
rooms_are_loaded_again(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = busy(bed);

	room->options.persistentroom = true;
	room->options.membersonly = true;
	roomstore_save(room);
	mucbed_save(bed);
	mucbed_receive(bed, ENTER(DAN, "Dan"));
	while (room->sessions != NULL) {
		struct session *session = room->sessions;

		session_free(&session);
	}
	mucbed_save(bed);
	room_free(&room);
	assert_string_equal(mucbed_errors(bed, DONE("q1")),
			    " registration-required");
}

static void
few_wait(void **state)
{
	struct mucbed *bed = *state;
	char text[200];

	busy(bed);
	bed->settings.max_occupants = 1000;
	for (int i = 1; i < 100; i++) {
		snprintf(text, sizeof(text), ENTER("u%d@e.example/1", "U%d"),
			 i, i);
		assert_string_equal(mucbed_receive(bed, text), "");
	}
	assert_string_not_equal(mucbed_receive(bed, ENTER(DAN, "Dan")), "");
	assert_int_equal(HASH_COUNT(bed->muc->rooms->sessions), 103);
	/* The router is as busy as before. */
	assert_string_equal(mucbed_receive(bed, ENTER(EVE, "Eve")), "");
}

static void
all_wait_for_the_link(void **state)
{
	struct mucbed *bed = *state;
	struct router *router = bed->runtime.router;

	busy(bed);
	mucbed_receive(bed, ENTER(DAN, "Dan"));
	fake_router_cut(router, true);
	fake_router_time_out(router);
	caretaker_link(bed->muc, false);
	assert_string_equal(mucbed_sent(bed), "");
	fake_router_cut(router, false);
	caretaker_link(bed->muc, true);
	assert_string_equal(gist_of(bed, mucbed_sent(bed), DAN),
			    " Ann Bob Cid Dan!* message subject");
}

/* At the end of the service. */
static void
all_are_told_that_it_ends(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	busy(bed);
	mucbed_receive(bed, ENTER(DAN, "Dan"));
	mucbed_restart(bed);
	sent = mucbed_sent(bed);
	assert_string_equal(gist_of(bed, sent, DAN), " Ann Bob Cid Dan!* "
			    "message subject Dan!*");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, \
						   mucbed_teardown_hooked)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_are_let_in_at_once),
		TEST(those_who_wait_are_let_in_together),
		TEST(those_who_ask_for_the_same_are_told_once),
		TEST(those_who_come_together_see_many_at_once),
		TEST(those_inside_see_many_at_once),
		TEST(those_who_are_not_shown_are_not),
		TEST(nobody_overtakes),
		TEST(one_leaves_who_waits_with_others),
		TEST(each_is_refused_alone),
		TEST(two_clients_are_one_person),
		TEST(a_second_client_is_nobody_new),
		TEST(a_second_client_is_shown_to_the_first),
		TEST(rooms_are_loaded_again),
		TEST(few_wait),
		TEST(all_wait_for_the_link),
		TEST(all_are_told_that_it_ends),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_door", tests, NULL, NULL);
}
