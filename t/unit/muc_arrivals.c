#include "components/muc/arrivals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "t/lib/gist.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define SAY(jid, text) \
	"<message from='" jid "' to='r@muc.example' type='groupchat'>" \
	"<body>" text "</body></message>"
#define EVERYONE (OPTION_MODERATOR | OPTION_PARTICIPANT | OPTION_VISITOR)

static const struct history_request usual = { SIZE_MAX, 20, 0 };

/* Those who have entered but for the first of all, of the cast. */
static struct arrivals
arrivals_after(const struct room *room, unsigned first)
{
	struct arrivals arrivals = { 0 };
	unsigned n = 0;

	for (struct session *at = room->sessions; at != NULL; at = at->hh.next)
		if (n++ >= first)
			arrivals_add(&arrivals, &(struct arrival){
				.session = at, .history = usual });
	return arrivals;
}

/* What is sent then. */
static const char *
told(struct mucbed *bed, struct arrivals *arrivals)
{
	mucbed_sent(bed);
	arrivals_tell(arrivals);
	assert_int_equal(arrivals->count, 0);
	return mucbed_sent(bed);
}

/* Some are inside, others come; what each of them gets. */
static const struct {
	const char *inside, *come;
	unsigned roles;		/* whose presence is broadcast */
	bool anyone;		/* sees addresses */
	struct {
		const char *jid, *gist;
	} told[4];
} cases[] = {
	/* One who comes alone. */
	{ "Ann Bob", "Cid", EVERYONE, false, {
		{ ANN, " Cid!" },
		{ BOB, " Cid" },
		{ CID, " Ann Bob Cid!* subject" } } },
	{ "Ann Bob", "Cid Vic", EVERYONE, false, {
		{ ANN, " Cid! Vic!" },
		{ BOB, " Cid Vic" },
		{ CID, " Ann Bob Vic Cid!* subject" },
		{ VIC, " Ann Bob Cid Vic!* subject" } } },
	{ "Ann Bob", "Cid Mod", EVERYONE, false, {
		{ ANN, " Cid! Mod!" },
		{ BOB, " Cid Mod" },
		{ CID, " Ann Bob Mod Cid!* subject" },
		{ MOD, " Ann! Bob! Cid! Mod!* subject" } } },
	{ "Ann Bob", "Cid Mod", EVERYONE, true, {
		{ ANN, " Cid! Mod!" },
		{ BOB, " Cid! Mod!" },
		{ CID, " Ann! Bob! Mod! Cid!* subject" },
		{ MOD, " Ann! Bob! Cid! Mod!* subject" } } },
	/* Two clients of one who was inside. */
	{ "Bob Bob2", "Cid Vic", EVERYONE, false, {
		{ BOB, " Cid Vic" },
		{ BOB2, " Cid Vic" },
		{ CID, " Bob Vic Cid!* subject" },
		{ VIC, " Bob Cid Vic!* subject" } } },
	/* Nobody was. */
	{ "", "Ann Cid Mod", EVERYONE, false, {
		{ ANN, " Cid! Mod! Ann!* subject" },
		{ CID, " Ann Mod Cid!* subject" },
		{ MOD, " Ann! Cid! Mod!* subject" } } },
	{ "Ann Bob", "Cid Mod", OPTION_MODERATOR, false, {
		{ ANN, " Mod!" },
		{ BOB, " Mod" },
		{ CID, " Ann Mod Cid!* subject" },
		{ MOD, " Ann! Mod!* subject" } } },
	{ "Ann Bob", "Cid Vic", OPTION_PARTICIPANT, true, {
		{ ANN, " Cid!" },
		{ BOB, " Cid!" },
		{ CID, " Bob! Cid!* subject" },
		{ VIC, " Bob! Cid! Vic!* subject" } } },
	{ "Ann Bob", "Cid Mod", 0, false, {
		{ ANN, "" },
		{ BOB, "" },
		{ CID, " Cid!* subject" },
		{ MOD, " Mod!* subject" } } },
};

static void
tells_each(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct room *room = mucbed_cast(bed, cases[i].inside);
		unsigned inside = HASH_COUNT(room->sessions);
		struct arrivals arrivals;
		const char *sent;

		mucbed_enter(room, cases[i].come);
		room->options.presencebroadcast = cases[i].roles;
		if (cases[i].anyone)
			room->options.whois = WHOIS_ANYONE;
		arrivals = arrivals_after(room, inside);
		sent = told(bed, &arrivals);
		for (size_t j = 0; j < ARRAY_LEN(cases[i].told) &&
		     cases[i].told[j].jid != NULL; j++)
			assert_string_equal(gist_of(bed, sent,
						    cases[i].told[j].jid),
					    cases[i].told[j].gist);
		arrivals_fini(&arrivals);
		room_free(&room);
	}
}

static void
tells_nothing_of_nobody(void **state)
{
	struct mucbed *bed = *state;
	struct arrivals arrivals = { 0 };

	mucbed_cast(bed, "Ann Bob");
	assert_string_equal(told(bed, &arrivals), "");
	arrivals_fini(&arrivals);
}

/* What each asked for, and with what codes he is let in. */
static void
keeps_apart_what_is_each_ones_own(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Ann Bob");
	struct arrivals arrivals;
	const char *sent;

	mucbed_receive(bed, SAY(ANN, "one"));
	mucbed_receive(bed, SAY(BOB, "two"));
	mucbed_enter(room, "Cid Mod Vic");
	arrivals = arrivals_after(room, 2);
	arrivals.people[1].history.maxstanzas = 1;
	arrivals.people[2].history.maxchars = 0;
	notice_add_code(arrivals.people[1].self,
			STATUS_NICK_CHANGED_BY_SERVICE);
	sent = told(bed, &arrivals);
	assert_string_equal(gist_of(bed, sent, CID), " Ann Bob Mod Vic Cid!* "
			    "message message subject");
	assert_string_equal(gist_of(bed, sent, MOD), " Ann! Bob! Cid! Vic! "
			    "Mod!* message subject");
	assert_string_equal(gist_of(bed, sent, VIC), " Ann Bob Cid Mod Vic!* "
			    "subject");
	assert_non_null(strstr(sent, "<status code='110'/>"
			       "<status code='210'/>"));
	assert_null(strstr(strstr(sent, "code='210'") + 1, "code='210'"));
	arrivals_fini(&arrivals);
}

/* Together or not, everyone pays for what he got. */
static void
charges_each(void **state)
{
	static const char *const people[] = {
		"cid@c.example", "mod@m.example", "vic@v.example"
	};
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Ann");
	struct arrivals arrivals;
	struct error err;
	static char text[60000];

	memset(text, 'x', sizeof(text) - 1);
	for (int i = 0; i < 3; i++)
		mucbed_receive(bed, arena_printf(bed->arena, SAY(ANN, "%s"),
						 text));
	mucbed_enter(room, "Cid Mod Vic");
	bed->settings.enter_rate = 1;
	bed->settings.enter_burst = 2;
	for (size_t i = 0; i < ARRAY_LEN(people); i++)
		quota_take(bed->muc, people[i], QUOTA_ENTER, &err);
	arrivals = arrivals_after(room, 1);
	arrivals.people[2].history.maxstanzas = 0;
	told(bed, &arrivals);
	for (size_t i = 0; i < ARRAY_LEN(people); i++)
		assert_int_equal(quota_take(bed->muc, people[i], QUOTA_ENTER,
					    &err), i < 2 ? -1 : 0);
	arrivals_fini(&arrivals);
}

/* A nick stands once in what somebody gets, and his own is the last. */
static void
assert_sees_all(const char *gist, const struct arrivals *arrivals,
		const struct session *who)
{
	char nick[20];

	for (size_t i = 0; i < arrivals->count; i++) {
		const struct session *at = arrivals->people[i].session;
		const char *found;

		snprintf(nick, sizeof(nick), " %s%s ", at->occupant->nick,
			 at == who ? "!*" :
			 presence_shows_address(who) ? "!" : "");
		found = strstr(gist, nick);
		assert_non_null(found);
		assert_null(strstr(found + 1, nick));
		if (at == who)
			assert_string_equal(found + strlen(nick), "subject");
	}
}

/* In parts, in both views of the room. */
static void
tells_many(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Ann Bob");
	struct arrivals arrivals;
	char nick[20], jid[40];
	const char *sent;

	for (int i = 100; i < 123; i++) {
		snprintf(nick, sizeof(nick), "U%d", i);
		snprintf(jid, sizeof(jid), "u%d@u.example/1", i);
		mucbed_add(room, nick, jid, AFFILIATION_NONE,
			   i % 3 ? ROLE_PARTICIPANT : ROLE_MODERATOR);
	}
	arrivals = arrivals_after(room, 2);
	mucbed_sent(bed);
	/* arrivals_tell() forgets how many there were. */
	arrivals_tell(&arrivals);
	arrivals.count = 23;
	sent = mucbed_sent(bed);
	for (size_t i = 0; i < arrivals.count; i++) {
		const struct session *who = arrivals.people[i].session;

		assert_sees_all(gist_of(bed, sent, who->jid), &arrivals, who);
	}
	arrivals_fini(&arrivals);
}

/* One after another, as often as the door opens. */
static void
is_used_again(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Bob");
	struct arrivals arrivals = { 0 };
	char nick[20], jid[40];
	const char *sent = "";

	for (int i = 0; i < 30; i++) {
		snprintf(nick, sizeof(nick), "U%d", i);
		snprintf(jid, sizeof(jid), "u%d@u.example/1", i);
		mucbed_add(room, nick, jid, AFFILIATION_NONE,
			   ROLE_PARTICIPANT);
		arrivals_add(&arrivals, &(struct arrival){
			.session = session_find(room, jid),
			.history = usual });
		if (i % 3 == 2)
			sent = told(bed, &arrivals);
	}
	assert_string_equal(gist_of(bed, sent, BOB), " U27 U28 U29");
	assert_string_equal(gist_of(bed, sent, "u0@u.example/1"),
			    " U27 U28 U29");
	arrivals_fini(&arrivals);
	assert_null(arrivals.people);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(tells_each),
		TEST(tells_nothing_of_nobody),
		TEST(keeps_apart_what_is_each_ones_own),
		TEST(charges_each),
		TEST(tells_many),
		TEST(is_used_again),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_arrivals", tests, NULL, NULL);
}
