#include "components/offline/retrieval.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/str.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

/* More than are sent at once. */
#define MANY 45

static char id[100];

static void
leave(struct offlinebed *bed, int count)
{
	for (int i = 1; i <= count; i++)
		fake_store_ask(bed->store, arena_printf(
			bed->hooks->arena, "INSERT INTO offline_message "
			"(jid, id, sender, resource, arrived, stamp, stanza) "
			"VALUES ('j@example', 'x%d', 'r@b', 'c', 1, 1, "
			"'<message xmlns=''jabber:client''><body>no %d</body>"
			"</message>')", i, i));
}

/* A request of the user's, with that in its <offline/>. */
static const char *
ask(struct offlinebed *bed, const char *content)
{
	return offlinebed_receive(bed, arena_printf(
		bed->hooks->arena, "<iq type='set' id='d' from='example' "
		"to='comp.example'><delegated xmlns='urn:x-annex:0'>"
		"<forwarded xmlns='urn:xmpp:forward:0'>"
		"<iq xmlns='jabber:client' type='get' id='q' "
		"from='j@example/b' to='j@example'>"
		"<offline xmlns='http://jabber.org/protocol/offline'>%s"
		"</offline></iq></forwarded></delegated></iq>", content));
}

/* Those from the first to the last. */
static const char *
items(struct offlinebed *bed, int first, int last)
{
	struct str text = { 0 };
	const char *copy;

	for (int i = first; i <= last; i++)
		str_addf(&text, "<item action='view' node='%019d'/>", i);
	copy = arena_strdup(bed->hooks->arena, text.data);
	str_fini(&text);
	return copy;
}

/* The shim has handed over what it was asked to. */
static const char *
handed(struct offlinebed *bed, const char *sent)
{
	const char *of = strstr(sent, " id='");

	assert_non_null(strstr(sent, "<deliver "));
	snprintf(id, sizeof(id), "%.*s", (int)strcspn(of + 5, "'"), of + 5);
	return offlinebed_receive(bed, arena_printf(
		bed->hooks->arena, "<iq type='result' id='%s' from='example' "
		"to='comp.example'/>", id));
}

static int
count(const char *sent)
{
	int n = 0;

	while ((sent = strstr(sent, "<body>")) != NULL) {
		sent++;
		n++;
	}
	return n;
}

static void
shows_in_portions(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;
	int shown = 0;

	leave(bed, MANY);
	sent = ask(bed, items(bed, 1, MANY));
	while (shown < MANY) {
		assert_non_null(strstr(sent, arena_printf(
			bed->hooks->arena, ">no %d<", shown + 1)));
		assert_in_range(count(sent), 1, 20);
		shown += count(sent);
		sent = handed(bed, sent);
	}
	assert_int_equal(shown, MANY);
	assert_non_null(strstr(sent, "type='result' id='q'"));
}

static void
shows_nothing_when_one_is_missing(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	leave(bed, MANY);
	sent = ask(bed, items(bed, 1, MANY + 1));
	assert_null(strstr(sent, "<deliver "));
	assert_non_null(strstr(sent, "<item-not-found "));
}

static void
refuses_one_named_twice(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	leave(bed, 1);
	sent = ask(bed, arena_printf(bed->hooks->arena, "%s%s",
				     items(bed, 1, 1), items(bed, 1, 1)));
	assert_null(strstr(sent, "<deliver "));
	assert_non_null(strstr(sent, "<bad-request "));
}

static void
shows_to_one_at_a_time(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent, *other;

	leave(bed, 2);
	sent = ask(bed, items(bed, 1, 2));
	other = ask(bed, items(bed, 1, 1));
	assert_non_null(strstr(other, "<error type='wait'>"));
	assert_non_null(strstr(other, "<resource-constraint "));
	other = ask(bed, "<fetch/>");
	assert_non_null(strstr(other, "<resource-constraint "));
	handed(bed, sent);
	/* The next is welcome. */
	sent = handed(bed, ask(bed, "<fetch/>"));
	assert_non_null(strstr(sent, "type='result' id='q'"));
	handed(bed, ask(bed, items(bed, 1, 1)));
}

/* Whether messages are delivered to a session that asked for that. */
static bool
delivers_after(struct offlinebed *bed, const char *content)
{
	ask(bed, content);
	return strstr(offlineshim_online(bed, "j@example/b", ""),
		      "<deliver ") != NULL;
}

static void
stops_the_delivery_when_it_makes_sense(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, 2);
	assert_false(delivers_after(bed, items(bed, 3, 3)));
}

static void
stops_no_delivery_when_it_makes_no_sense(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, 2);
	ask(bed, "");
	ask(bed, "<purge/>");
	ask(bed, "<item action='view' node='x'/>");
	ask(bed, "<item action='remove' node='0000000000000000001'/>");
	assert_true(delivers_after(bed, "<other/>"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, offlinebed_setup, \
						   offlinebed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shows_in_portions),
		TEST(shows_nothing_when_one_is_missing),
		TEST(refuses_one_named_twice),
		TEST(shows_to_one_at_a_time),
		TEST(stops_the_delivery_when_it_makes_sense),
		TEST(stops_no_delivery_when_it_makes_no_sense),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_retrieval", tests, NULL,
					   NULL);
}
