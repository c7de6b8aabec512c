#include "components/offline/office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/log.h"
#include "t/lib/capture.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

static void
says_when_requests_go_elsewhere(void **state)
{
	static const char refusal[] =
		"<iq type='error' id='%.*s' from='example' to='comp.example'>"
		"<error type='cancel'><conflict "
		"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
	static struct capture capture;
	struct offlinebed *bed = *state;
	const char *sent, *of;

	sent = hookbed_receive(bed->hooks, "<message from='example' "
			       "to='comp.example'><hello "
			       "xmlns='urn:x-annex:0' hooks='delegate'/>"
			       "</message>");
	of = strstr(sent, " id='");
	assert_non_null(strstr(sent, "<delegate "));
	assert_non_null(of);
	log_configure("test", LOG_LEVEL_INFO, false);
	capture_begin(&capture);
	hookbed_receive(bed->hooks, arena_printf(
		bed->hooks->arena, refusal, (int)strcspn(of + 5, "'"),
		of + 5));
	capture_end(&capture);
	log_configure("test", LOG_LEVEL_ERROR + 1, false);
	assert_non_null(strstr(capture.err, "offline messages answered"));
}

#define USER "j@example"
#define STORE(id) offlineshim_store_text(bed, USER, id, "a@b/c")

static void
stops_at_once_when_nothing_is_under_way(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	assert_false(offlinebed_has_stopped());
	office_stop(bed->offline);
	assert_true(offlinebed_has_stopped());
}

static void
stops_once_what_it_stores_is_answered(void **state)
{
	struct offlinebed *bed = *state;

	hookbed_receive(bed->hooks, STORE("x1"));
	hookbed_receive(bed->hooks, STORE("x2"));
	office_stop(bed->offline);
	assert_false(offlinebed_has_stopped());
	fake_store_tell(bed->store);
	assert_int_equal(offlineshim_times(hookbed_sent(bed->hooks),
					   "type='result'"), 2);
	assert_int_equal(offlinebed_stored(bed, "1"), 2);
	assert_true(offlinebed_has_stopped());
}

static void
leaves_to_the_router_what_comes_while_it_stops(void **state)
{
	struct offlinebed *bed = *state;

	hookbed_receive(bed->hooks, STORE("x1"));
	office_stop(bed->offline);
	assert_non_null(strstr(hookbed_receive(bed->hooks, STORE("x2")),
			       "<resource-constraint "));
	fake_store_tell(bed->store);
	assert_int_equal(offlinebed_stored(bed, "id = 'x2'"), 0);
	assert_true(offlinebed_has_stopped());
}

/* The router would deliver it again when it is another one by then. */
static void
stops_once_what_was_handed_over_is_removed(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	sent = offlineshim_online(bed, USER "/b", "");
	office_stop(bed->offline);
	assert_false(offlinebed_has_stopped());
	assert_non_null(strstr(offlineshim_done(bed, sent), ">x1</forget>"));
	assert_int_equal(offlinebed_stored(bed, "1"), 0);
	assert_true(offlinebed_has_stopped());
}

static void
stops_once_what_was_withdrawn_is_removed(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	hookbed_receive(bed->hooks, "<message from='example' "
			"to='comp.example'><withdraw xmlns='urn:x-annex:0' "
			"user='" USER "'>x1</withdraw></message>");
	office_stop(bed->offline);
	assert_false(offlinebed_has_stopped());
	fake_store_tell(bed->store);
	assert_non_null(strstr(hookbed_sent(bed->hooks), ">x1</forget>"));
	assert_true(offlinebed_has_stopped());
}

/* Reads one from the database and nothing more. */
static void
stops_in_the_middle_of_a_delivery(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	hookbed_receive(bed->hooks, "<message from='example' "
			"to='comp.example'><online xmlns='urn:x-annex:0' "
			"jid='" USER "/b'><presence xmlns='jabber:client' "
			"from='" USER "/b'/></online></message>");
	office_stop(bed->offline);
	assert_false(offlinebed_has_stopped());
	fake_store_tell(bed->store);
	assert_string_equal(hookbed_sent(bed->hooks), "");
	assert_true(offlinebed_has_stopped());
}

static void
stops_without_waiting_for_a_pause_to_end(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	offlineshim_online(bed, USER "/b", "");
	fake_router_time_out(bed->hooks->runtime.router);
	office_stop(bed->offline);
	assert_true(offlinebed_has_stopped());
	assert_int_equal(offlinebed_stored(bed, "1"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OFFLINEBED_TEST(says_when_requests_go_elsewhere),
		OFFLINEBED_TEST(stops_at_once_when_nothing_is_under_way),
		OFFLINEBED_TEST(stops_once_what_it_stores_is_answered),
		OFFLINEBED_TEST(leaves_to_the_router_what_comes_while_it_stops),
		OFFLINEBED_TEST(stops_once_what_was_handed_over_is_removed),
		OFFLINEBED_TEST(stops_once_what_was_withdrawn_is_removed),
		OFFLINEBED_TEST(stops_in_the_middle_of_a_delivery),
		OFFLINEBED_TEST(stops_without_waiting_for_a_pause_to_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_office", tests, NULL,
					   NULL);
}
