#include "components/muc/arrival.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/error.h"
#include "shared/fanout.h"
#include "t/lib/gist.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define SAY(jid, text) \
	"<message from='" jid "' to='r@muc.example' type='groupchat'>" \
	"<body>" text "</body></message>"

/* Who has entered, and asks for nothing. */
static struct arrival
arrival_of(const struct room *room, const char *jid)
{
	return (struct arrival){
		.session = session_find(room, jid),
		.history = { .maxchars = SIZE_MAX, .maxstanzas = 20 },
	};
}

static const char *
told(struct mucbed *bed, const struct arrival *arrival)
{
	mucbed_sent(bed);
	arrival_tell(arrival);
	return mucbed_sent(bed);
}

/* Section 7.1: the others, oneself, history, subject. */
static void
tells_in_order(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Ann Bob");
	struct arrival cid;
	const char *sent;

	mucbed_receive(bed, SAY(ANN, "one"));
	mucbed_receive(bed, SAY(BOB, "two"));
	mucbed_enter(room, "Cid");
	cid = arrival_of(room, CID);
	sent = told(bed, &cid);
	assert_string_equal(gist_of(bed, sent, CID),
			    " Ann Bob Cid!* message message subject");
	assert_string_equal(gist_of(bed, sent, ANN), " Cid!");
	assert_string_equal(gist_of(bed, sent, BOB), " Cid");
	/* Who asks for it is told all again (17.3). */
	assert_string_equal(told(bed, &cid), sent);
}

/* Sections 7.2.2 and 7.2.8: it is the same person. */
static void
tells_the_other_client(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Ann Bob Cid Bob2");
	struct arrival bob2 = arrival_of(room, BOB2);
	const char *sent = told(bed, &bob2);

	assert_string_equal(gist_of(bed, sent, BOB2), " Ann Cid Bob!* subject");
	assert_string_equal(gist_of(bed, sent, BOB), " Bob!*");
	assert_string_equal(gist_of(bed, sent, CID), " Bob");
}

/* By the roles whose presence is broadcast. */
static const struct {
	const char *name, *jid;
	unsigned roles;
	const char *to_ann, *to_bob, *to_itself;
} cases[] = {
	{ "Cid", CID, OPTION_MODERATOR, "", "", " Ann Cid!* subject" },
	{ "Mod", MOD, OPTION_MODERATOR, " Mod!", " Mod",
	  " Ann! Mod!* subject" },
	{ "Mod", MOD, OPTION_PARTICIPANT, "", "", " Bob! Mod!* subject" },
	{ "Vic", VIC, OPTION_PARTICIPANT, "", "", " Bob Vic!* subject" },
	{ "Vic", VIC, OPTION_VISITOR, " Vic!", " Vic", " Vic!* subject" },
	{ "Vic", VIC, 0, "", "", " Vic!* subject" },
};

static void
tells_of_those_who_are_shown(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *jid = cases[i].jid;
		struct room *room = mucbed_cast(bed, "Ann Bob");
		struct arrival arrival;
		const char *sent;

		mucbed_enter(room, cases[i].name);
		room->options.presencebroadcast = cases[i].roles;
		arrival = arrival_of(room, jid);
		sent = told(bed, &arrival);
		assert_string_equal(gist_of(bed, sent, ANN), cases[i].to_ann);
		assert_string_equal(gist_of(bed, sent, BOB), cases[i].to_bob);
		assert_string_equal(gist_of(bed, sent, jid),
				    cases[i].to_itself);
		room_free(&room);
	}
}

/* Before oneself, who is last (7.2.2); codes are for oneself alone. */
static void
greets(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Ann Bob");
	struct arrival bob = arrival_of(room, BOB);

	affiliation_set(&room->affiliates, "cid@c.example",
			AFFILIATION_MEMBER, NULL);
	affiliation_reserve(room->affiliates, "cid@c.example", "Cid");
	room->options.showabsent = true;
	notice_add_code(bob.self, STATUS_NICK_CHANGED_BY_SERVICE);
	arrival_greet(&bob);
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/Cid' type='unavailable' to='" BOB "'>"
	"<x xmlns='http://jabber.org/protocol/muc#user'>"
	"<item affiliation='member' role='none'/></x></presence>\n"
"<presence from='r@muc.example/Bob' to='" BOB "'>"
	"<x xmlns='http://jabber.org/protocol/muc#user'>"
	"<item affiliation='none' role='participant' jid='" BOB "'/>"
	"<status code='110'/><status code='210'/></x></presence>\n");
}

/* To one, or to all who are gathered. */
static void
settles(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Ann Bob Cid");
	struct fanout *fanout = bed->muc->fanout;
	struct arrival bob = arrival_of(room, BOB);
	const char *sent;
	size_t bytes;

	assert_int_equal(arrival_settle(&bob, bob.session).bytes, 0);
	assert_string_equal(gist_of(bed, mucbed_sent(bed), BOB), " subject");
	mucbed_receive(bed, SAY(ANN, "hello"));
	bytes = arrival_settle(&bob, bob.session).bytes;
	assert_in_range(bytes, sizeof("hello"), 1000);
	assert_string_equal(gist_of(bed, mucbed_sent(bed), BOB),
			    " message subject");
	fanout_gather(fanout, bob.session->to, bob.session->to_len);
	fanout_gather_too(fanout, CID, sizeof(CID) - 1);
	assert_int_equal(arrival_settle(&bob, NULL).bytes, bytes);
	fanout_end(fanout);
	sent = mucbed_sent(bed);
	assert_string_equal(gist_of(bed, sent, ANN), "");
	assert_string_equal(gist_of(bed, sent, BOB), " message subject");
	assert_string_equal(gist_of(bed, sent, CID), " message subject");
}

/* Much history counts as if he had entered several times. */
static void
charges(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Bob");
	struct arrival bob = arrival_of(room, BOB);
	struct error err;

	bed->settings.enter_rate = 1;
	bed->settings.enter_burst = 3;
	arrival_charge(&bob, QUOTA_HISTORY_BYTES - 1);
	assert_int_equal(quota_take(bed->muc, "bob@b.example", QUOTA_ENTER,
				    &err), 0);
	arrival_charge(&bob, 2 * QUOTA_HISTORY_BYTES);
	assert_int_equal(quota_take(bed->muc, "bob@b.example", QUOTA_ENTER,
				    &err), -1);
	assert_int_equal(quota_take(bed->muc, "cid@c.example", QUOTA_ENTER,
				    &err), 0);
}

/* What two who came together asked for. */
static const struct {
	struct history_request a, b;
	bool same;
} pairs[] = {
	{ { SIZE_MAX, 20, 0 }, { SIZE_MAX, 20, 0 }, true },
	{ { SIZE_MAX, 20, 5 }, { SIZE_MAX, 20, 5 }, true },
	{ { SIZE_MAX, 20, 0 }, { SIZE_MAX, 19, 0 }, false },
	{ { SIZE_MAX, 20, 0 }, { SIZE_MAX, 20, 5 }, false },
	{ { SIZE_MAX, 20, 0 }, { 1000, 20, 0 }, false },
	/* Each by his own address. */
	{ { 1000, 20, 0 }, { 1000, 20, 0 }, false },
};

static void
compares(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct arrival a = { .history = pairs[i].a };
		struct arrival b = { .history = pairs[i].b };

		assert_int_equal(arrival_is_same(&a, &b), pairs[i].same);
		assert_int_equal(arrival_is_same(&b, &a), pairs[i].same);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(tells_in_order),
		TEST(tells_the_other_client),
		TEST(tells_of_those_who_are_shown),
		TEST(greets),
		TEST(settles),
		TEST(charges),
		cmocka_unit_test(compares),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_arrival", tests, NULL, NULL);
}
