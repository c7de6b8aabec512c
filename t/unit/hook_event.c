#include "shared/hook_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "shared/clock.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/xml.h"
#include "t/lib/hookbed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define TO_US " from='example' to='comp.example'>"
#define TELL(inner) "<message" TO_US inner "</message>"
#define ASK(inner) "<iq type='set' id='1'" TO_US inner "</iq>"
#define NS "xmlns='urn:x-annex:0' "
#define FORWARDED \
	"<forwarded xmlns='urn:xmpp:forward:0'><delay " \
	"xmlns='urn:xmpp:delay' stamp='2026-11-29T12:00:00.000Z'/>" \
	"<message xmlns='jabber:client' type='chat' id='a1' " \
	"from='romeo@example/orchard' to='juliet@example'>" \
	"<body>Wherefore?</body></message></forwarded>"
#define TAP(dir) \
	TELL("<tap " NS "seq='7' id='x8' dir='" dir "' origin='local'>" \
	     FORWARDED "</tap>")
#define PRESENCE \
	"<presence xmlns='jabber:client' from='j@example/b'>" \
	"<priority>1</priority></presence>"
#define STAMP (INT64_C(1795953600) * CLOCK_SECOND)

/* The one that came last; what it points to is gone. */
static struct hook_event last;
static char who[100], id[100], profile[100], body[100];
static unsigned count;

static void
keep(char to[100], const char *text)
{
	snprintf(to, 100, "%s", text);
}

static int
on_event(struct hook_event *event, void *ctx, struct error *err)
{
	(void)ctx;
	(void)err;
	last = *event;
	count++;
	keep(who, event->who == NULL ? "" : event->who->full);
	keep(id, event->id);
	keep(profile, event->profile);
	keep(body, event->ids != NULL ? event->ids :
	     event->stanza.el == NULL ? "none" :
	     xml_text(event->req->arena, event->stanza.el->first));
	return 0;
}

static const struct hook_use use = {
	.on = {
		[HOOK_ON_TAP] = on_event,
		[HOOK_ON_CHECK] = on_event,
		[HOOK_ON_STORE] = on_event,
		[HOOK_ON_WITHDRAW] = on_event,
		[HOOK_ON_ONLINE] = on_event,
		[HOOK_ON_OFFLINE] = on_event,
		[HOOK_ON_ROUTE] = on_event,
		[HOOK_ON_DELEGATED] = on_event,
	},
};

static int
set_up(void **state)
{
	struct hookbed *bed = hookbed_new(&use, NULL);

	hookbed_greet(bed, "");
	count = 0;
	*state = bed;
	return 0;
}

static int
tear_down(void **state)
{
	struct hookbed *bed = *state;

	hookbed_free(&bed);
	return 0;
}

static void
receive(struct hookbed *bed, const char *stanza)
{
	assert_string_equal(hookbed_receive(bed, stanza), "");
	assert_int_equal(count, 1);
}

static void
understands_tap(void **state)
{
	receive(*state, TELL("<tap " NS "seq='7' id='x8' dir='shown' "
			     "origin='remote' lost='3'>" FORWARDED "</tap>"));
	assert_int_equal(last.kind, HOOK_ON_TAP);
	assert_int_equal(last.seq, 7);
	assert_int_equal(last.lost, 3);
	assert_int_equal(last.dir, HOOK_DIR_SHOWN);
	assert_int_equal(last.origin, HOOK_ORIGIN_REMOTE);
	assert_int_equal(last.stamp, STAMP);
	assert_string_equal(id, "x8");
	assert_string_equal(body, "Wherefore?");
}

static void
understands_each_dir(void **state)
{
	static const struct {
		const char *stanza;
		enum hook_dir dir;
	} dirs[] = {
		{ TAP("out"), HOOK_DIR_OUT },
		{ TAP("in"), HOOK_DIR_IN },
		{ TAP("both"), HOOK_DIR_BOTH },
		{ TAP("shown"), HOOK_DIR_SHOWN },
	};

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		count = 0;
		receive(*state, dirs[i].stanza);
		assert_int_equal(last.dir, dirs[i].dir);
	}
}

static void
understands_who_is_removed(void **state)
{
	receive(*state, TELL("<tap " NS "seq='7' id='x8' dir='removed' "
			     "user='Juliet@example' lost='2'/>"));
	assert_int_equal(last.kind, HOOK_ON_TAP);
	assert_int_equal(last.dir, HOOK_DIR_REMOVED);
	assert_int_equal(last.seq, 7);
	assert_int_equal(last.lost, 2);
	assert_false(last.unclear);
	assert_string_equal(who, "juliet@example");
	assert_string_equal(id, "x8");
	assert_string_equal(body, "none");
}

static void
understands_check(void **state)
{
	receive(*state, ASK("<check " NS "id='x8' point='receive' "
			    "profile='traders'>" FORWARDED "</check>"));
	assert_int_equal(last.kind, HOOK_ON_CHECK);
	assert_int_equal(last.point, HOOK_POINT_RECEIVE);
	assert_string_equal(profile, "traders");
	assert_string_equal(id, "x8");
}

static void
understands_store(void **state)
{
	receive(*state, ASK("<store " NS "id='x8' user='Juliet@example'>"
			    FORWARDED "</store>"));
	assert_int_equal(last.kind, HOOK_ON_STORE);
	assert_string_equal(who, "juliet@example");
	assert_int_equal(last.stanza.kind, STANZA_MESSAGE);
	assert_int_equal(last.stamp, STAMP);
}

static void
understands_withdraw(void **state)
{
	receive(*state, TELL("<withdraw " NS "user='j@example'>x8\nx9"
			     "</withdraw>"));
	assert_int_equal(last.kind, HOOK_ON_WITHDRAW);
	assert_string_equal(who, "j@example");
	assert_string_equal(body, "x8\nx9");
}

static void
understands_online(void **state)
{
	receive(*state, TELL("<online " NS "jid='j@example/b' known='true'>"
			     PRESENCE "</online>"));
	assert_int_equal(last.kind, HOOK_ON_ONLINE);
	assert_string_equal(who, "j@example/b");
	assert_int_equal(last.stanza.kind, STANZA_PRESENCE);
	assert_string_equal(body, "1");
	assert_true(last.known);
}

static void
understands_offline(void **state)
{
	receive(*state, TELL("<offline " NS "jid='j@example/b'/>"));
	assert_int_equal(last.kind, HOOK_ON_OFFLINE);
	assert_string_equal(who, "j@example/b");
	assert_string_equal(body, "none");
}

static void
understands_route(void **state)
{
	receive(*state, ASK("<route " NS ">" FORWARDED "</route>"));
	assert_int_equal(last.kind, HOOK_ON_ROUTE);
	assert_string_equal(id, "");
}

static void
understands_delegated(void **state)
{
	receive(*state, ASK("<delegated " NS "><forwarded "
			    "xmlns='urn:xmpp:forward:0'><iq "
			    "xmlns='jabber:client' type='get' id='q' "
			    "from='j@example/b' to='j@example'><x "
			    "xmlns='urn:x'>y</x></iq></forwarded>"
			    "</delegated>"));
	assert_int_equal(last.kind, HOOK_ON_DELEGATED);
	assert_int_equal(last.stanza.kind, STANZA_IQ);
	assert_string_equal(body, "y");
}

static void
knows_the_time_when_none_is_said(void **state)
{
	receive(*state, ASK("<route " NS "><forwarded "
			    "xmlns='urn:xmpp:forward:0'><message "
			    "xmlns='jabber:client'/></forwarded></route>"));
	assert_true(clock_now() - last.stamp < INT64_C(60) * CLOCK_SECOND);
}

static const char *const bad[] = {
	TELL("<tap " NS "id='x8' dir='in' origin='local'>" FORWARDED
	     "</tap>"),
	ASK("<store " NS "id='x8'>" FORWARDED "</store>"),
	ASK("<store " NS "user='j@example'>" FORWARDED "</store>"),
	ASK("<store " NS "id='x8' user='@example'>" FORWARDED "</store>"),
	ASK("<store " NS "id='x8' user='j@example'/>"),
	/* No user of the shim's host. */
	ASK("<store " NS "id='x8' user='example'>" FORWARDED "</store>"),
	ASK("<store " NS "id='x8' user='j@elsewhere'>" FORWARDED "</store>"),
	TELL("<online " NS "jid='j@elsewhere/b'>" PRESENCE "</online>"),
	TELL("<offline " NS "jid='example/b'/>"),
	TELL("<withdraw " NS "user='j@elsewhere'>x8</withdraw>"),
	TELL("<withdraw " NS ">x8</withdraw>"),
	TELL("<online " NS ">" PRESENCE "</online>"),
	TELL("<online " NS "jid='j@example/b'/>"),
	TELL("<online " NS "jid='j@example/b'><presence "
	     "xmlns='urn:other'/></online>"),
	TELL("<offline " NS "/>"),
	ASK("<route " NS "/>"),
	ASK("<delegated " NS "/>"),
	/* The other kind of stanza. */
	ASK("<tap " NS "seq='1' id='x8' dir='in' origin='local'>" FORWARDED
	    "</tap>"),
	TELL("<store " NS "id='x8' user='j@example'>" FORWARDED "</store>"),
	"<iq type='get' id='1'" TO_US "<store " NS "id='x8' "
	"user='j@example'>" FORWARDED "</store></iq>",
};

static void
refuses(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		hookbed_receive(*state, bad[i]);
		assert_int_equal(count, 0);
	}
}

static void
understands_tap_without_id(void **state)
{
	receive(*state, TELL("<tap " NS "seq='7' dir='shown' "
			     "origin='component'>" FORWARDED "</tap>"));
	assert_string_equal(id, "");
	assert_string_equal(body, "Wherefore?");
}

static const char *const bad_taps[] = {
	TELL("<tap " NS "seq='9' id='x8' dir='up' origin='local'>" FORWARDED
	     "</tap>"),
	TELL("<tap " NS "seq='9' id='x8' dir='in'>" FORWARDED "</tap>"),
	TELL("<tap " NS "seq='9' id='x8' dir='in' origin='local'/>"),
	TELL("<tap " NS "seq='9' id='x8' dir='in' origin='local'><forwarded "
	     "xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' "
	     "from='@'/></forwarded></tap>"),
	TELL("<tap " NS "seq='9' id='x8' dir='removed'/>"),
	TELL("<tap " NS "seq='9' id='x8' dir='removed' user='j@elsewhere'/>"),
};

/* They would stop those behind them. */
static void
passes_on_what_is_to_be_acknowledged(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad_taps); i++) {
		count = 0;
		receive(*state, bad_taps[i]);
		assert_int_equal(last.seq, 9);
		assert_true(last.unclear);
		assert_string_equal(last.stanza.type, "");
		assert_string_equal(body, "none");
	}
}

static const char *const bad_checks[] = {
	ASK("<check " NS "id='x8'>" FORWARDED "</check>"),
	ASK("<check " NS "id='x8' point='both'>" FORWARDED "</check>"),
	ASK("<check " NS "point='send'>" FORWARDED "</check>"),
	ASK("<check " NS "id='x8' point='send'/>"),
};

/* The policy says what becomes of them. */
static void
passes_on_what_is_to_be_judged(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad_checks); i++) {
		count = 0;
		receive(*state, bad_checks[i]);
		assert_int_equal(last.kind, HOOK_ON_CHECK);
		assert_true(last.unclear);
		assert_non_null(last.stanza.type);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(understands_tap),
		TEST(understands_tap_without_id),
		TEST(passes_on_what_is_to_be_acknowledged),
		TEST(passes_on_what_is_to_be_judged),
		TEST(understands_each_dir),
		TEST(understands_who_is_removed),
		TEST(understands_check),
		TEST(understands_store),
		TEST(understands_withdraw),
		TEST(understands_online),
		TEST(understands_offline),
		TEST(understands_route),
		TEST(understands_delegated),
		TEST(knows_the_time_when_none_is_said),
		TEST(refuses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("hook_event", tests, NULL, NULL);
}
