#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define SET(from, items) \
	"<iq from='" from "' to='r@muc.example' type='set' id='1'>" \
	"<query xmlns='http://jabber.org/protocol/muc#admin'>" items \
	"</query></iq>"

/* An owner, an admin, a member, a moderator of no affiliation and somebody
   outside. */
static struct room *
fill(struct mucbed *bed)
{
	struct room *room = mucbed_cast(bed, "Ann");

	mucbed_add(room, "Bob", BOB, AFFILIATION_ADMIN, ROLE_MODERATOR);
	mucbed_enter(room, "Cid Mod");
	return room;
}

/* Sections 8, 9 and 10.3 to 10.8: requests that change nothing. */
static const struct {
	const char *stanza;
	const char *errors;
} refusals[] = {
	{ SET(ANN, ""), " bad-request" },
	{ SET(ANN, "<item/>"), " bad-request" },
	{ SET(ANN, "<item nick='Cid'/>"), " bad-request" },
	{ SET(ANN, "<item role='none'/>"), " bad-request" },
	{ SET(ANN, "<item nick='Cid' role='king'/>"), " bad-request" },
	{ SET(ANN, "<item nick='Cid' role='none' affiliation='none'/>"),
	  " bad-request" },
	{ SET(ANN, "<item affiliation='member'/>"), " bad-request" },
	{ SET(ANN, "<item jid='x@y.example' affiliation='king'/>"),
	  " bad-request" },
	{ SET(ANN, "<item jid='@' affiliation='member'/>"),
	  " jid-malformed" },
	{ SET(ANN, "<item jid='y.example' affiliation='member'/>"),
	  " not-acceptable" },
	{ SET(CID, "<item jid='y.example' affiliation='member'/>"),
	  " forbidden" },
	{ SET(ANN, "<item nick='Eve' role='none'/>"), " item-not-found" },
	{ SET(OUT, "<item nick='Cid' role='none'/>"), " forbidden" },
	{ SET(CID, "<item nick='Mod' role='none'/>"), " forbidden" },
	{ SET(MOD, "<item nick='Bob' role='none'/>"), " not-allowed" },
	{ SET(BOB, "<item nick='Ann' role='none'/>"), " not-allowed" },
	{ SET(MOD, "<item nick='Cid' role='moderator'/>"), " forbidden" },
	{ SET(MOD, "<item jid='x@y.example' affiliation='member'/>"),
	  " forbidden" },
	{ SET(BOB, "<item jid='x@y.example' affiliation='admin'/>"),
	  " forbidden" },
	{ SET(BOB, "<item jid='ann@a.example' affiliation='outcast'/>"),
	  " not-allowed" },
	{ SET(ANN, "<item jid='ann@a.example' affiliation='outcast'/>"),
	  " conflict" },
	/* The last owner stays (10.4, 10.5). */
	{ SET(ANN, "<item jid='ann@a.example' affiliation='none'/>"),
	  " conflict" },
	{ SET(ANN, "<item jid='ann@a.example' affiliation='admin'/>"),
	  " conflict" },
	{ SET("admin@example/1",
	      "<item jid='ann@a.example' affiliation='outcast'/>"),
	  " conflict" },
	{ SET(ANN, "<item jid='ann@a.example' affiliation='none'/>"
		   "<item jid='bob@b.example' affiliation='owner'/>"
		   "<item jid='bob@b.example' affiliation='none'/>"),
	  " conflict" },
	/* All or nothing (9.2). */
	{ SET(ANN, "<item nick='Cid' role='none'/>"
		   "<item nick='Eve' role='none'/>"), " item-not-found" },
	{ SET(BOB, "<item jid='cid@c.example' affiliation='outcast'/>"
		   "<item jid='ann@a.example' affiliation='outcast'/>"),
	  " not-allowed" },
	/* A reserved nick. */
	{ SET(ANN, "<item jid='x@y.example' affiliation='member' "
		   "nick='Sid'/>"), " conflict" },
	/* One that could not be used (17.1). */
	{ SET(ANN, "<item jid='x@y.example' affiliation='member' "
		   "nick='  '/>"), " jid-malformed" },
	/* One that two are given. */
	{ SET(ANN, "<item jid='x@y.example' affiliation='member' nick='N'/>"
		   "<item jid='z@y.example' affiliation='member' nick='N'/>"),
	  " conflict" },
};

static void
refuses(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct room *room = fill(bed);
		const char *errors;

		affiliation_reserve(room->affiliates, "cid@c.example", "Sid");
		errors = mucbed_errors(bed, refusals[i].stanza);
		if (strcmp(errors, refusals[i].errors) != 0)
			fail_msg("%s:%s", refusals[i].stanza, errors);
		assert_int_equal(HASH_COUNT(room->sessions), 4);
		assert_int_equal(HASH_COUNT(room->affiliates), 3);
		assert_int_equal(affiliation_count(room->affiliates,
						   AFFILIATION_OWNER), 1);
		room_free(&room);
	}
}

/* Reasons are kept, as many as there are affiliations, and shown to all. */
static void
bounds_reasons(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	char text[1002];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
#define BAN "<item jid='x@y.example' affiliation='outcast'/>" \
	"<item jid='z@y.example' affiliation='outcast'>" \
	"<reason>%s</reason></item>"
	assert_string_equal(mucbed_errors(bed, arena_printf(bed->arena,
			    SET(ANN, BAN), text)), " policy-violation");
	assert_int_equal(HASH_COUNT(room->affiliates), 3);
	assert_string_equal(mucbed_errors(bed, arena_printf(bed->arena,
			    SET(ANN, BAN), text + 1)), "");
	assert_string_equal(affiliate_find(room->affiliates,
					   "z@y.example")->reason, text + 1);
}

/* IQ errors have no by; the types are those of the examples. */
static void
says_why(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	assert_non_null(strstr(mucbed_receive(bed, SET(MOD,
			       "<item nick='Ann' role='none'/>")),
			       "<error type='cancel'><not-allowed "));
	assert_non_null(strstr(mucbed_receive(bed, SET(CID,
			       "<item nick='Mod' role='none'/>")),
			       "<error type='auth'><forbidden "));
}

/* The answer goes before its consequences (8.2). */
static void
answers_first(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	fill(bed);
	sent = mucbed_receive(bed, SET(ANN, "<item nick='Cid' role='none'/>"));
	assert_ptr_equal(strstr(sent, "<iq from='r@muc.example' "
				"to='ann@a.example/1' type='result' "
				"id='1'/>\n<presence "), sent);
}

static void
changes_several(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	assert_string_equal(mucbed_errors(bed, SET(ANN,
		"<item nick='Mod' role='participant'/>"
		"<item nick='Cid' affiliation='admin'/>"
		"<item jid='x@y.example' affiliation='outcast'/>"
		"<item jid='x@y.example/z' affiliation='member' nick='Xe'/>"
		"<item jid='x@y.example' affiliation='admin' nick='Xe'/>"
		"<item jid='bob@b.example' affiliation='none'/>")), "");
	assert_int_equal(occupant_find(room, "Mod")->role, ROLE_PARTICIPANT);
	assert_int_equal(occupant_find(room, "Cid")->role, ROLE_MODERATOR);
	assert_int_equal(occupant_find(room, "Bob")->affiliation,
			 AFFILIATION_NONE);
	assert_string_equal(affiliate_find_nick(room->affiliates, "Xe")->jid,
			    "x@y.example");
	/* Of several for one address the last counts. */
	assert_string_equal(mucbed_errors(bed, SET(ANN,
		"<item jid='ann@a.example' affiliation='none'/>"
		"<item jid='ann@a.example' affiliation='owner'/>")), "");
}

/* The actor goes too, after what the others are told names him. */
static void
lets_the_actor_go(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	const char *sent;

	sent = mucbed_receive(bed, SET(MOD,
		"<item nick='Mod' role='none'><reason>tired</reason></item>"
		"<item nick='Mod' role='none'/>"));
	assert_null(occupant_find(room, "Mod"));
	assert_non_null(strstr(sent, "<actor nick='Mod'/>"
			       "<reason>tired</reason>"));
}

/* Everyone is kicked, and a temporary room ends. */
static void
may_end_the_room(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	assert_string_equal(mucbed_errors(bed, SET(ANN,
		"<item nick='Bob' role='none'/><item nick='Cid' role='none'/>"
		"<item nick='Mod' role='none'/>"
		"<item nick='Ann' role='none'/>")), "");
	assert_null(room_find(bed->muc, "r@muc.example"));
}

static void
limits_affiliations(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	bed->settings.max_affiliations = 4;
	assert_string_equal(mucbed_errors(bed, SET(ANN,
		"<item jid='x@y.example' affiliation='member'/>"
		"<item jid='z@y.example' affiliation='member'/>")),
		" resource-constraint");
	assert_string_equal(mucbed_errors(bed, SET(ANN,
		"<item jid='x@y.example' affiliation='member'/>")), "");
	assert_string_equal(mucbed_errors(bed, SET(ANN,
		"<item jid='z@y.example' affiliation='outcast'/>")),
		" resource-constraint");
	/* Those who are there may be changed, and go. */
	assert_string_equal(mucbed_errors(bed, SET(ANN,
		"<item jid='x@y.example' affiliation='admin'/>")), "");
	assert_string_equal(mucbed_errors(bed, SET(ANN,
		"<item jid='x@y.example' affiliation='none'/>")), "");
}

/* One request that names thousands of strangers tells few of them, and the
   next none, but changes all. */
static void
tells_so_many_strangers(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	const char *items = "", *sent, *at;
	size_t told = 0;

	bed->settings.request_rate = 6;
	bed->settings.request_burst = 20;
	for (int i = 0; i < 300; i++)
		items = arena_printf(bed->arena, "%s<item jid='u%d@u.example' "
				     "affiliation='member'/>", items, i);
	sent = mucbed_receive(bed, arena_printf(bed->arena,
			      SET(ANN, "%s"), items));
	for (at = sent; (at = strstr(at, "'101'")) != NULL; at++)
		told++;
	assert_int_equal(told, 200);
	assert_int_equal(affiliation_count(room->affiliates,
					   AFFILIATION_MEMBER), 301);
	sent = mucbed_receive(bed, SET(ANN,
			      "<item jid='x@x.example' affiliation='admin'/>"));
	assert_null(strstr(sent, "'101'"));
	/* That was Ann's doing, not the room's. */
	sent = mucbed_receive(bed, SET(BOB, "<item jid='y@y.example' "
				       "affiliation='member'/>"));
	assert_non_null(strstr(sent, "to='y@y.example'"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(refuses),
		TEST(bounds_reasons),
		TEST(says_why),
		TEST(answers_first),
		TEST(changes_several),
		TEST(lets_the_actor_go),
		TEST(may_end_the_room),
		TEST(limits_affiliations),
		TEST(tells_so_many_strangers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_change", tests, NULL, NULL);
}
