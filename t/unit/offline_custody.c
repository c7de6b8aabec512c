#include "components/offline/custody.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "components/offline/mailbox.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"

#define COUNT "SELECT COUNT(*) FROM offline_message"
#define BOUNCED "bounce='service-unavailable'"

static char text[2000];

/* A request to store a message of that sender. */
static const char *
store(const char *id, const char *sender)
{
	snprintf(text, sizeof(text),
		 "<iq type='set' id='%s' from='example' to='comp.example'>"
		 "<store xmlns='urn:x-annex:0' id='%s' user='j@example'>"
		 "<forwarded xmlns='urn:xmpp:forward:0'><delay "
		 "xmlns='urn:xmpp:delay' stamp='2026-11-29T12:00:00Z'/>"
		 "<message xmlns='jabber:client' from='%s' to='j@example' "
		 "type='chat'><body>hi</body></message></forwarded></store>"
		 "</iq>", id, id, sender);
	return text;
}

static void
expect_accepted(struct offlinebed *bed, const char *id, const char *sender)
{
	const char *sent = offlinebed_receive(bed, store(id, sender));

	assert_non_null(strstr(sent, "type='result'"));
	assert_null(strstr(sent, "bounce"));
	assert_non_null(strstr(sent, id));
}

static void
answers_once_it_is_stored(void **state)
{
	struct offlinebed *bed = *state;

	assert_string_equal(hookbed_receive(bed->hooks, store("x1", "r@b/c")),
			    "");
	fake_store_tell(bed->store);
	assert_non_null(strstr(hookbed_sent(bed->hooks), "id='x1'"));
	assert_int_equal(fake_store_ask(bed->store, COUNT), 1);
	assert_int_equal(fake_store_ask(bed->store,
		COUNT " WHERE sender = 'r@b' AND resource = 'c' AND "
		"jid = 'j@example' AND id = 'x1' AND "
		"stamp = 1795953600000000"), 1);
}

static void
stores_a_message_once(void **state)
{
	struct offlinebed *bed = *state;

	expect_accepted(bed, "x1", "r@b/c");
	expect_accepted(bed, "x1", "r@b/c");
	assert_int_equal(fake_store_ask(bed->store, COUNT), 1);
}

static void
returns_what_is_above_a_limit(void **state)
{
	static const char *const senders[] = { "a@b", "c@d" };
	struct offlinebed *bed = *state;
	char id[10];

	for (int i = 0; i < 10; i++) {
		snprintf(id, sizeof(id), "x%d", i);
		expect_accepted(bed, id, senders[i / 5]);
	}
	assert_non_null(strstr(offlinebed_receive(bed, store("y", "a@b")),
			       BOUNCED));
	assert_non_null(strstr(offlinebed_receive(bed, store("z", "e@f")),
			       BOUNCED));
	assert_int_equal(fake_store_ask(bed->store, COUNT), 10);
}

static void
takes_what_it_has_above_a_limit(void **state)
{
	struct offlinebed *bed = *state;
	char id[10];

	for (int i = 0; i < 5; i++) {
		snprintf(id, sizeof(id), "x%d", i);
		expect_accepted(bed, id, "a@b");
	}
	expect_accepted(bed, "x2", "a@b");
	assert_int_equal(fake_store_ask(bed->store, COUNT), 5);
}

static void
drops_the_oldest(void **state)
{
	struct offlinebed *bed = *state;
	char id[10];

	bed->settings.at_limit = "drop";
	for (int i = 0; i < 8; i++) {
		snprintf(id, sizeof(id), "x%d", i);
		expect_accepted(bed, id, "a@b");
	}
	assert_int_equal(fake_store_ask(bed->store, COUNT), 5);
	assert_int_equal(fake_store_ask(bed->store,
					COUNT " WHERE id < 'x3'"), 0);
}

static void
takes_nothing_while_the_database_is_away(void **state)
{
	struct offlinebed *bed = *state;

	fake_store_set_away(bed->store, true);
	assert_non_null(strstr(offlinebed_receive(bed, store("x1", "a@b")),
			       "resource-constraint"));
	fake_store_set_away(bed->store, false);
	assert_int_equal(fake_store_ask(bed->store, COUNT), 0);
}

static void
leaves_the_one_delay_of_the_host(void **state)
{
	static const char again[] =
		"<iq type='set' id='q' from='example' to='comp.example'>"
		"<store xmlns='urn:x-annex:0' id='x1' user='j@example'>"
		"<forwarded xmlns='urn:xmpp:forward:0'><delay "
		"xmlns='urn:xmpp:delay' stamp='2026-11-29T12:00:00Z'/>"
		"<message xmlns='jabber:client' from='a@b' to='j@example'>"
		"<body>hi</body><delay xmlns='urn:xmpp:delay' from='example' "
		"stamp='2026-11-29T11:00:00Z'/></message></forwarded></store>"
		"</iq>";
	struct offlinebed *bed = *state;

	offlinebed_receive(bed, again);
	assert_int_equal(fake_store_ask(bed->store,
		COUNT " WHERE stamp = 1795950000000000 AND "
		"stanza NOT LIKE '%delay%'"), 1);
}

static void
gives_up_what_is_withdrawn(void **state)
{
	static const char withdraw[] =
		"<message from='example' to='comp.example'><withdraw "
		"xmlns='urn:x-annex:0' user='j@example'>x1\nx2</withdraw>"
		"</message>";
	struct offlinebed *bed = *state;
	const char *sent;

	expect_accepted(bed, "x1", "a@b");
	expect_accepted(bed, "x3", "a@b");
	/* This one has not been judged: the mailbox is being counted. */
	bed->offline->mailboxes->state = MAILBOX_NEW;
	hookbed_receive(bed->hooks, store("x2", "a@b"));
	sent = offlinebed_receive(bed, withdraw);
	assert_non_null(strstr(sent, ">x1</forget>"));
	assert_non_null(strstr(sent, ">x2</forget>"));
	assert_int_equal(fake_store_ask(bed->store, COUNT), 1);
	assert_int_equal(fake_store_ask(bed->store,
					COUNT " WHERE id = 'x3'"), 1);
}

/* A removal that is done again after the connection broke finds nothing. */
static void
counts_anew_when_a_removal_is_done_twice(void **state)
{
	static const char withdraw[] =
		"<message from='example' to='comp.example'><withdraw "
		"xmlns='urn:x-annex:0' user='j@example'>x0</withdraw>"
		"</message>";
	static const char purge[] =
		"<iq type='set' id='d' from='example' to='comp.example'>"
		"<delegated xmlns='urn:x-annex:0'>"
		"<forwarded xmlns='urn:xmpp:forward:0'>"
		"<iq xmlns='jabber:client' type='set' id='q' "
		"from='j@example/b' to='j@example'>"
		"<offline xmlns='http://jabber.org/protocol/offline'>"
		"<purge/></offline></iq></forwarded></delegated></iq>";
	struct offlinebed *bed = *state;
	char id[10];

	for (int i = 0; i < 5; i++) {
		snprintf(id, sizeof(id), "x%d", i);
		expect_accepted(bed, id, "a@b");
	}
	fake_store_set_repeating(bed->store, true);
	offlinebed_receive(bed, withdraw);
	assert_int_equal(bed->offline->mailboxes->state, MAILBOX_NEW);
	expect_accepted(bed, "y", "a@b");
	offlinebed_receive(bed, purge);
	assert_int_equal(bed->offline->mailboxes->state, MAILBOX_NEW);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, offlinebed_setup, \
						   offlinebed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_once_it_is_stored),
		TEST(stores_a_message_once),
		TEST(returns_what_is_above_a_limit),
		TEST(takes_what_it_has_above_a_limit),
		TEST(drops_the_oldest),
		TEST(takes_nothing_while_the_database_is_away),
		TEST(leaves_the_one_delay_of_the_host),
		TEST(gives_up_what_is_withdrawn),
		TEST(counts_anew_when_a_removal_is_done_twice),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_custody", tests, NULL,
					   NULL);
}
