#include "components/muc/invite.h"

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

#define X(children) "<x xmlns='http://jabber.org/protocol/muc#user'>" \
		    children "</x>"
#define SEND(from, children) \
	"<message from='" from "' to='r@muc.example' id='1'>" X(children) \
	"</message>"
#define INVITE(from, to) SEND(from, "<invite to='" to "'/>")
#define DECLINE(from, to) \
	SEND(from, "<decline to='" to "'><reason>no</reason></decline>")
#define GOT(to, children) \
	"<message from='r@muc.example' to='" to "' id='1'>" X(children) \
	"</message>\n"

/* An owner, a member, somebody of no affiliation. */
static struct room *
fill(struct mucbed *bed)
{
	struct room *room = mucbed_cast(bed, "Ann");

	mucbed_add(room, "Bob", BOB, AFFILIATION_MEMBER, ROLE_PARTICIPANT);
	mucbed_add(room, "Cid", CID, AFFILIATION_NONE, ROLE_PARTICIPANT);
	affiliation_set(&room->affiliates, "dan@d.example",
			AFFILIATION_OUTCAST, NULL);
	return room;
}

/* Section 7.8.2. */
static const struct {
	bool membersonly, allowinvites;
	const char *stanza;
	const char *errors;
} cases[] = {
	{ false, false, INVITE(CID, "eve@e.example"), "" },
	{ false, false, INVITE(OUT, "eve@e.example"), " not-acceptable" },
	{ false, false, INVITE(ANN, "dan@d.example"), " forbidden" },
	{ false, false, INVITE(ANN, "@"), " jid-malformed" },
	{ false, false, SEND(ANN, "<invite/>"), " bad-request" },
	{ true, false, INVITE(ANN, "eve@e.example"), "" },
	{ true, false, INVITE(ANN, "e.example"), " not-acceptable" },
	{ false, false, INVITE(ANN, "e.example"), "" },
	/* To no room, and no occupant. */
	{ true, false, INVITE(ANN, "s@muc.example"), " item-not-found" },
	{ true, false, INVITE(ANN, "r@muc.example/Bob"), " item-not-found" },
	{ true, false, INVITE(BOB, "eve@e.example"), " forbidden" },
	{ true, true, INVITE(BOB, "eve@e.example"), "" },
	/* A room writes to nobody for anyone, and does not say who is in it or
	   belongs to it. */
	{ false, false, DECLINE(OUT, "ann@a.example"), " item-not-found" },
	{ false, false, DECLINE(OUT, "r@muc.example/Ann"),
	  " item-not-found" },
	{ false, false, DECLINE(OUT, "eve@e.example"), " item-not-found" },
	{ false, false, DECLINE(OUT, "r@muc.example/Eve"),
	  " item-not-found" },
	{ false, false, DECLINE(BOB, "ann@a.example"), " item-not-found" },
	{ false, false, SEND(OUT, "<decline/>"), " bad-request" },
	{ false, false, DECLINE(OUT, "@"), " jid-malformed" },
};

static void
passes_on_or_refuses(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct room *room = fill(bed);
		const char *errors;

		room->options.membersonly = cases[i].membersonly;
		room->options.allowinvites = cases[i].allowinvites;
		errors = mucbed_errors(bed, cases[i].stanza);
		if (strcmp(errors, cases[i].errors) != 0)
			fail_msg("%s:%s", cases[i].stanza, errors);
		room_free(&room);
	}
}

static void
invites(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	room->options.passwordprotectedroom = true;
	assert_int_equal(options_set(&room->options, "roomsecret", "p&w",
				     &bed->err), 0);
	assert_string_equal(mucbed_receive(bed, SEND(CID,
		"<invite to='eve@e.example/2' from='forged@x.example'>"
		"<reason>a &amp; b</reason><continue thread='t'/></invite>")),
		GOT("eve@e.example/2",
		    "<invite from='cid@c.example'><reason>a &amp; b</reason>"
		    "<continue thread='t'/></invite>"
		    "<password>p&amp;w</password>"));
	assert_null(affiliate_find(room->affiliates, "eve@e.example"));
}

/* Section 9.3: who is invited to a members-only room is a member. */
static void
makes_members(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	room->options.membersonly = true;
	assert_string_equal(mucbed_receive(bed,
		SEND(ANN, "<invite to='eve@e.example/2'/>"
			  "<invite to='fay@f.example'/>")),
		GOT("eve@e.example/2", "<invite from='ann@a.example'/>")
		GOT("fay@f.example", "<invite from='ann@a.example'/>"));
	assert_int_equal(affiliate_find(room->affiliates, "eve@e.example")
			 ->affiliation, AFFILIATION_MEMBER);
	/* Who is more stays more. */
	affiliation_set(&room->affiliates, "fay@f.example", AFFILIATION_ADMIN,
			NULL);
	mucbed_receive(bed, INVITE(ANN, "fay@f.example"));
	assert_int_equal(affiliate_find(room->affiliates, "fay@f.example")
			 ->affiliation, AFFILIATION_ADMIN);
}

/* Once, by whom was invited, to who invited him, however he calls her. */
static void
declines(void **state)
{
	static const char *const inviters[] = {
		"ann@a.example", ANN, "ann@a.example/2", "r@muc.example/Ann",
	};
	struct mucbed *bed = *state;

	fill(bed);
	for (size_t i = 0; i < ARRAY_LEN(inviters); i++) {
		const char *no = arena_printf(bed->arena, DECLINE(OUT, "%s"),
					      inviters[i]);

		mucbed_receive(bed, INVITE(ANN, "out@o.example"));
		assert_string_equal(mucbed_errors(bed,
				    DECLINE(OUT, "bob@b.example")),
				    " item-not-found");
		assert_string_equal(mucbed_errors(bed,
				    DECLINE("eve@e.example/1",
					    "ann@a.example")),
				    " item-not-found");
		assert_string_equal(mucbed_receive(bed, no),
			GOT(ANN, "<decline from='out@o.example'>"
				 "<reason>no</reason></decline>"));
		assert_string_equal(mucbed_errors(bed, no),
				    " item-not-found");
	}
}

/* The inviter need not be there any more. */
static void
declines_to_who_has_left(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct session *cid = occupant_find(room, "Cid")->sessions;

	mucbed_receive(bed, INVITE(CID, "out@o.example"));
	session_free(&cid);
	assert_string_equal(mucbed_receive(bed,
				DECLINE(OUT, "cid@c.example")),
		GOT(CID, "<decline from='out@o.example'><reason>no</reason>"
			 "</decline>"));
}

static void
limits_declines(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	bed->settings.request_rate = 6;
	bed->settings.request_burst = 2;
	for (int i = 0; i < 2; i++)
		assert_string_equal(mucbed_errors(bed,
				    DECLINE(OUT, "ann@a.example")),
				    " item-not-found");
	assert_string_equal(mucbed_errors(bed, DECLINE(OUT, "ann@a.example")),
			    " resource-constraint");
	bed->settings.max_message = 50;
	assert_string_equal(mucbed_errors(bed, DECLINE(OUT, "ann@a.example")),
			    " policy-violation");
}

/* An invitation that could not be delivered (7.8.2). */
static void
says_when_it_came_back(void **state)
{
	struct mucbed *bed = *state;
	const char *bounce = "<message from='eve@e.example' "
		"to='r@muc.example' type='error' id='1'><error type='cancel'>"
		"<service-unavailable "
		"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
		"</message>";
	const char *sent;

	fill(bed);
	assert_string_equal(mucbed_receive(bed, bounce), "");
	mucbed_receive(bed, INVITE(ANN, "eve@e.example"));
	/* This one answers something else. */
	assert_string_equal(mucbed_receive(bed, "<presence "
		"from='eve@e.example' to='r@muc.example' type='error'/>"),
		"");
	sent = mucbed_receive(bed, bounce);
	assert_ptr_equal(strstr(sent, "<message from='r@muc.example' to='" ANN
				"' type='error' id='1'><error type='cancel' "
				"by='r@muc.example'><item-not-found "), sent);
	/* Only once. */
	assert_string_equal(mucbed_receive(bed, bounce), "");
}

/* However many are on their way, memory is bounded. */
static void
forgets_old_invitations(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	bed->settings.message_rate = 0;
	for (int i = 0; i < 200; i++)
		mucbed_receive(bed, arena_printf(bed->arena,
			INVITE(ANN, "u%d@e.example"), i));
#define BOUNCE(n) \
	"<message from='u" n "@e.example' to='r@muc.example' type='error'/>"
	assert_string_equal(mucbed_receive(bed, BOUNCE("0")), "");
	assert_non_null(strstr(mucbed_receive(bed, BOUNCE("199")),
			       "item-not-found"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(passes_on_or_refuses),
		TEST(invites),
		TEST(makes_members),
		TEST(declines),
		TEST(declines_to_who_has_left),
		TEST(limits_declines),
		TEST(says_when_it_came_back),
		TEST(forgets_old_invitations),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_invite", tests, NULL, NULL);
}
