#include "components/archive/journaling/postman.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/archivist.h"
#include "components/archive/journaling/journaling.h"
#include "shared/clock.h"
#include "shared/serial.h"
#include "t/lib/peer.h"
#include "t/lib/tapbed.h"

#define WAITING "SELECT count(*) FROM archive_post"
#define ASIDE "SELECT count(*) FROM archive_post_aside"
#define HOUR (INT64_C(3600) * CLOCK_SECOND)
#define LATE "annex_archive_mails_alarm"
#define COUNTED "annex_archive_mails_waiting"
#define MAILS(what) "annex_archive_mails_total{outcome=\"" what "\"}"

static const char *const none[] = { NULL };
static const char *const other[] = { "x@y", NULL };

struct bed {
	struct tapbed *taps;
	struct peer peer;
	char url[64];
	struct journaling_settings own;
	struct setting_titled titled[2];
};

static void
apply(struct bed *bed)
{
	bed->taps->settings.journaling = bed->titled;
	archivist_reload(bed->taps->archive, &bed->taps->settings);
}

static int
setup(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	void *taps = NULL;

	assert_non_null(bed);
	if (tapbed_setup(&taps) < 0)
		return -1;
	bed->taps = taps;
	peer_init(&bed->peer, &bed->taps->db->loop);
	snprintf(bed->url, sizeof(bed->url), "smtp://127.0.0.1:%u",
		 bed->peer.port);
	bed->own = (struct journaling_settings){
		.server = bed->url, .ca = "", .cert = "", .key = "",
		.user = "", .password = "", .from = "annex@a", .to = "k@b",
		.users = none, .domains = none, .groups = none,
		.rooms = none, .kinds = none,
		.connections = 1, .timeout = 10, .refusals = 2, .alarm = 3600,
	};
	bed->titled[0] = (struct setting_titled){ "office", &bed->own };
	apply(bed);
	*state = bed;
	return 0;
}

static int
teardown(void **state)
{
	struct bed *bed = *state;
	void *taps = bed->taps;
	int ret;

	peer_hang_up(&bed->peer);
	ret = tapbed_teardown(&taps);
	peer_fini(&bed->peer);
	free(bed);
	return ret;
}

static void
greet(struct bed *bed)
{
	peer_accept(&bed->peer);
	peer_send(&bed->peer, "220 here\r\n");
	peer_expect(&bed->peer, "EHLO ");
	peer_send(&bed->peer, "250 here\r\n");
}

/* Of a mail with that in it, in this order. */
static void
take(struct bed *bed, const char *id, const char *answer)
{
	peer_expect(&bed->peer, "MAIL FROM:<annex@a>");
	peer_send(&bed->peer, "250 ok\r\n");
	peer_expect(&bed->peer, "RCPT TO:<k@b>\r\n");
	peer_send(&bed->peer, "250 ok\r\n");
	peer_expect(&bed->peer, "DATA\r\n");
	peer_send(&bed->peer, "354 go on\r\n");
	peer_expect(&bed->peer, id);
	peer_expect(&bed->peer, "\r\n.\r\n");
	peer_send(&bed->peer, answer);
}

static void
mails_what_is_stored(void **state)
{
	struct bed *bed = *state;

	tapbed_tap(bed->taps, 1, "x1", "one");
	greet(bed);
	take(bed, "Message-ID: <x1@", "250 taken\r\n");
	tapbed_wait(bed->taps, WAITING, 0);
	tapbed_tap(bed->taps, 2, "x2", "two");
	take(bed, "Message-ID: <x2@", "250 taken\r\n");
	tapbed_wait(bed->taps, WAITING, 0);
	assert_int_equal(tapbed_metric(bed->taps, MAILS("sent")), 2);
}

static void
sends_again_what_was_not_taken(void **state)
{
	struct bed *bed = *state;

	tapbed_tap(bed->taps, 1, "x1", "one");
	greet(bed);
	peer_expect(&bed->peer, "MAIL FROM:");
	tapbed_stop(bed->taps);
	tapbed_start(bed->taps);
	greet(bed);
	take(bed, "Message-ID: <x1@", "250 taken\r\n");
	tapbed_wait(bed->taps, WAITING, 0);
}

static void
be_sent_away(struct bed *bed, int times)
{
	peer_accept(&bed->peer);
	peer_send(&bed->peer, "421 go away\r\n");
	peer_hang_up(&bed->peer);
	while (tapbed_metric(bed->taps, MAILS("failed")) < times)
		database_run(bed->taps->db, 10);
}

/* The first one hangs, and then the server is away. */
static void
waits_for_a_server_that_fails(void **state)
{
	struct bed *bed = *state;

	tapbed_tap(bed->taps, 1, "x1", "one");
	be_sent_away(bed, 1);
	assert_int_equal(database_ask(bed->taps->db, WAITING), 1);
	greet(bed);
	take(bed, "Message-ID: <x1@", "250 taken\r\n");
	tapbed_wait(bed->taps, WAITING, 0);
}

/* After four failures a pause has four seconds at least. */
static void
goes_on_at_once_by_new_settings(void **state)
{
	struct bed *bed = *state;
	int64_t then;

	tapbed_tap(bed->taps, 1, "x1", "one");
	for (int i = 1; i <= 4; i++)
		be_sent_away(bed, i);
	then = clock_now();
	bed->own.from = "xmpp@a";
	apply(bed);
	greet(bed);
	assert_true(clock_now() - then < 3 * CLOCK_SECOND);
	peer_expect(&bed->peer, "MAIL FROM:<xmpp@a>");
}

/* As long as no other is taken it may be the server's fault. */
static void
sets_aside_what_is_refused(void **state)
{
	struct bed *bed = *state;

	tapbed_tap(bed->taps, 1, "x1", "one");
	greet(bed);
	take(bed, "Message-ID: <x1@", "554 no\r\n");
	peer_hang_up(&bed->peer);
	greet(bed);
	take(bed, "Message-ID: <x1@", "554 no\r\n");
	peer_hang_up(&bed->peer);
	tapbed_wait(bed->taps, WAITING " WHERE tries = 2", 1);
	assert_int_equal(database_ask(bed->taps->db, "SELECT refusals FROM "
				      "archive_post"), 1);
	tapbed_tap(bed->taps, 2, "x2", "two");
	greet(bed);
	take(bed, "Message-ID: <x2@", "250 taken\r\n");
	peer_hang_up(&bed->peer);
	greet(bed);
	take(bed, "Message-ID: <x1@", "554 no\r\n");
	peer_hang_up(&bed->peer);
	tapbed_wait(bed->taps, ASIDE " WHERE reason = '554 no'", 1);
	assert_int_equal(database_ask(bed->taps->db, WAITING), 0);
	tapbed_wait(bed->taps, "SELECT count(*) FROM audit_entry WHERE "
		    "who = 'journaling' AND action = 'set-aside' AND detail "
		    "LIKE '%\"reason\":\"554 no\"%'", 1);
	assert_int_equal(tapbed_metric(bed->taps, MAILS("set_aside")), 1);
}

static void
holds_up_no_other(void **state)
{
	struct bed *bed = *state;

	tapbed_tap(bed->taps, 1, "x1", "one");
	tapbed_tap(bed->taps, 2, "x2", "two");
	greet(bed);
	take(bed, "Message-ID: <x1@", "451 later\r\n");
	peer_hang_up(&bed->peer);
	greet(bed);
	take(bed, "Message-ID: <x2@", "250 taken\r\n");
	take(bed, "Message-ID: <x1@", "250 taken\r\n");
	tapbed_wait(bed->taps, WAITING, 0);
}

/* Seven messages wait, and all are read at once. */
static void
have_seven(struct bed *bed)
{
	char id[8];

	for (int i = 1; i <= 7; i++) {
		snprintf(id, sizeof(id), "x%d", i);
		tapbed_tap(bed->taps, (unsigned)i, id, "text");
	}
	greet(bed);
	peer_expect(&bed->peer, "MAIL FROM:");
	tapbed_wait(bed->taps, WAITING, 7);
	tapbed_stop(bed->taps);
	tapbed_start(bed->taps);
}

static void
refuse(struct bed *bed, int first, int last)
{
	char id[32];

	for (int i = first; i <= last; i++) {
		snprintf(id, sizeof(id), "Message-ID: <x%d@", i);
		greet(bed);
		take(bed, id, "554 no\r\n");
		peer_hang_up(&bed->peer);
	}
}

/* The first ones are due again long before the last one is reached. */
static void
tries_each_before_any_again(void **state)
{
	struct bed *bed = *state;

	have_seven(bed);
	refuse(bed, 1, 6);
	greet(bed);
	take(bed, "Message-ID: <x7@", "250 taken\r\n");
	take(bed, "Message-ID: <x1@", "554 no\r\n");
	tapbed_wait(bed->taps, ASIDE " WHERE reason = '554 no'", 1);
}

static void
tries_again_where_each_was_tried(void **state)
{
	struct bed *bed = *state;

	have_seven(bed);
	refuse(bed, 1, 7);
	refuse(bed, 1, 1);
}

static void
leaves_out_what_is_not_wanted(void **state)
{
	struct bed *bed = *state;

	bed->own.users = other;
	apply(bed);
	/* The first look is by the settings before. */
	tapbed_wait(bed->taps, "SELECT count(*) FROM archive_journaling "
		    "WHERE active = 1", 1);
	tapbed_stop(bed->taps);
	tapbed_start(bed->taps);
	tapbed_greet(bed->taps, "e2");
	tapbed_tap(bed->taps, 1, "x1", "one");
	tapbed_wait(bed->taps, "SELECT count(*) FROM archive_message", 1);
	tapbed_wait(bed->taps, WAITING, 0);
	assert_int_equal(tapbed_metric(bed->taps, MAILS("sent")), 0);
}

/* After so long that nothing more was to wait. */
static void
goes_on_once_it_is_back(void **state)
{
	struct bed *bed = *state;

	tapbed_wait(bed->taps, "SELECT count(*) FROM archive_journaling", 1);
	tapbed_stop(bed->taps);
	database_do(bed->taps->db, "UPDATE archive_journaling SET seen = 1");
	tapbed_start(bed->taps);
	tapbed_wait(bed->taps, "SELECT seen > 1 FROM archive_journaling", 1);
	tapbed_greet(bed->taps, "e2");
	tapbed_tap(bed->taps, 1, "x1", "one");
	greet(bed);
	take(bed, "Message-ID: <x1@", "250 taken\r\n");
	tapbed_wait(bed->taps, WAITING, 0);
}

static void
gathers_a_conversation(void **state)
{
	struct bed *bed = *state;

	bed->own.window = 1;
	tapbed_stop(bed->taps);
	tapbed_start(bed->taps);
	tapbed_greet(bed->taps, "e2");
	tapbed_tap(bed->taps, 1, "x1", "one");
	tapbed_tap(bed->taps, 2, "x2", "two");
	greet(bed);
	take(bed, "X-XMPP-Messages: 2\r\n", "250 taken\r\n");
	tapbed_wait(bed->taps, WAITING, 0);
}

/* Something waits that is so old, and is not tried now. */
static void
have_old(struct bed *bed, int64_t age)
{
	char sql[300];

	tapbed_stop(bed->taps);
	database_do(bed->taps->db, "DELETE FROM archive_post");
	snprintf(sql, sizeof(sql), "INSERT INTO archive_post (journaling, "
		 "serial, sender, one, other, due) SELECT id, %lld, 1, 1, 2, "
		 "%lld FROM archive_journaling",
		 (long long)serial_first_of(clock_now() - age),
		 (long long)INT64_MAX);
	database_do(bed->taps->db, sql);
	tapbed_start(bed->taps);
	while (tapbed_metric(bed->taps, COUNTED) == 0)
		database_run(bed->taps->db, 10);
}

static void
is_late_besides_the_window(void **state)
{
	struct bed *bed = *state;

	bed->own.window = 7200;
	tapbed_wait(bed->taps, "SELECT count(*) FROM archive_journaling", 1);
	have_old(bed, HOUR * 5 / 2);
	assert_int_equal(tapbed_metric(bed->taps, LATE), 0);
	have_old(bed, HOUR * 7 / 2);
	assert_int_equal(tapbed_metric(bed->taps, LATE), 1);
}

/* What waits stays, and nothing more comes to it. */
static void
ends_where_there_is_no_section(void **state)
{
	struct bed *bed = *state;

	tapbed_tap(bed->taps, 1, "x1", "one");
	greet(bed);
	peer_expect(&bed->peer, "MAIL FROM:");
	bed->titled[0].title = NULL;
	apply(bed);
	tapbed_tap(bed->taps, 2, "x2", "two");
	tapbed_wait(bed->taps, "SELECT count(*) FROM archive_message", 2);
	assert_int_equal(database_ask(bed->taps->db, WAITING), 1);
	bed->titled[0].title = "office";
	apply(bed);
	greet(bed);
	take(bed, "Message-ID: <x1@", "250 taken\r\n");
	tapbed_wait(bed->taps, WAITING, 0);
}

#define BED_TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(mails_what_is_stored),
		BED_TEST(sends_again_what_was_not_taken),
		BED_TEST(waits_for_a_server_that_fails),
		BED_TEST(goes_on_at_once_by_new_settings),
		BED_TEST(sets_aside_what_is_refused),
		BED_TEST(holds_up_no_other),
		BED_TEST(tries_each_before_any_again),
		BED_TEST(tries_again_where_each_was_tried),
		BED_TEST(leaves_out_what_is_not_wanted),
		BED_TEST(goes_on_once_it_is_back),
		BED_TEST(gathers_a_conversation),
		BED_TEST(is_late_besides_the_window),
		BED_TEST(ends_where_there_is_no_section),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_postman", tests,
					   tapbed_folder, database_teardown);
}
