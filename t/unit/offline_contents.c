#include "components/offline/contents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "components/offline/inquiry.h"
#include "shared/arena.h"
#include "shared/hook.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

#define USER "j@example"
#define SESSION USER "/b"

/* Asks for headers, by what <set/> has, NULL for none. */
static const char *
list(struct offlinebed *bed, const char *set)
{
	const char *page = set == NULL ? "" : arena_printf(
		bed->hooks->arena, "<set "
		"xmlns='http://jabber.org/protocol/rsm'>%s</set>", set);

	return offlineshim_delegate(bed, SESSION, "get", arena_printf(
		bed->hooks->arena, "<query "
		"xmlns='http://jabber.org/protocol/disco#items' "
		"node='http://jabber.org/protocol/offline'>%s</query>",
		page));
}

/* The headers are those from the first to the last, in order. */
static void
expect(const char *sent, int first, int last)
{
	char node[INQUIRY_NODE_SIZE], text[100];
	const char *at = sent;

	assert_int_equal(offlineshim_times(sent, "<item "), last - first + 1);
	for (int i = first; i <= last; i++) {
		snprintf(text, sizeof(text), " node='%s'",
			 inquiry_print_node(i, node));
		at = strstr(at, text);
		if (at == NULL)
			fail_msg("no %s in its place: %s", text, sent);
	}
}

static void
expect_set(const char *sent, int first, int last, int count)
{
	char nodes[2][INQUIRY_NODE_SIZE], text[200];

	snprintf(text, sizeof(text), "<first>%s</first><last>%s</last>"
		 "<count>%d</count>", inquiry_print_node(first, nodes[0]),
		 inquiry_print_node(last, nodes[1]), count);
	if (strstr(sent, text) == NULL)
		fail_msg("no %s in %s", text, sent);
}

static void
lists_all_in_order_with_their_senders(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	offlineshim_store(bed, USER, "x2", "d@e");
	offlineshim_store(bed, "k@example", "x3", "a@b/c");
	sent = list(bed, NULL);
	expect(sent, 1, 2);
	assert_non_null(strstr(sent, "<item jid='" USER "' name='a@b/c' "));
	assert_non_null(strstr(sent, "<item jid='" USER "' name='d@e' "));
	assert_null(strstr(sent, "<set "));
	assert_null(strstr(sent, "<body>"));
}

static void
says_that_there_is_none(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent = list(bed, NULL);

	assert_non_null(strstr(sent, "type='result' id='q'"));
	assert_null(strstr(sent, "<item "));
	assert_non_null(strstr(list(bed, "<max>5</max>"),
			       "<count>0</count>"));
}

/* Of 10000 bytes, as hookbed has it. */
static void
sends_no_more_than_a_stanza_takes(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlinebed_fill(bed, USER, 200, "a@b");
	sent = list(bed, NULL);
	assert_in_range(strlen(sent), 1000, 10000);
	assert_in_range(offlineshim_times(sent, "<item "), 10, 199);
	assert_non_null(strstr(sent, "<count>200</count>"));
	sent = list(bed, "<before/>");
	assert_in_range(strlen(sent), 1000, 10000);
	assert_non_null(strstr(sent, "<last>0000000000000000200</last>"));
}

/* A stanza would take more. */
static void
sends_no_more_than_a_page(void **state)
{
	struct offlinebed *bed = *state;
	struct hook_host *host = (struct hook_host *)
		hook_find(bed->hooks->runtime.hook, "example");

	host->stanza_bytes = SIZE_MAX;
	offlinebed_fill(bed, USER, CONTENTS_MAX + 5, "a@b");
	expect(list(bed, NULL), 1, CONTENTS_MAX);
	expect(list(bed, "<max>5000</max>"), 1, CONTENTS_MAX);
	expect(list(bed, "<after>0000000000000001000</after>"),
	       CONTENTS_MAX + 1, CONTENTS_MAX + 5);
}

static void
goes_on_after_a_page(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlinebed_fill(bed, USER, 10, "a@b");
	sent = list(bed, "<max>4</max>");
	expect(sent, 1, 4);
	expect_set(sent, 1, 4, 10);
	sent = list(bed, "<max>4</max><after>0000000000000000004</after>");
	expect(sent, 5, 8);
	sent = list(bed, "<max>4</max><after>0000000000000000008</after>");
	expect(sent, 9, 10);
	expect_set(sent, 9, 10, 10);
	sent = list(bed, "<max>4</max><after>0000000000000000010</after>");
	assert_null(strstr(sent, "<item "));
	assert_non_null(strstr(sent, "<count>10</count>"));
}

static void
goes_back_from_the_end(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlinebed_fill(bed, USER, 10, "a@b");
	sent = list(bed, "<max>4</max><before/>");
	expect(sent, 7, 10);
	expect_set(sent, 7, 10, 10);
	sent = list(bed, "<max>4</max><before>0000000000000000007</before>");
	expect(sent, 3, 6);
	sent = list(bed, "<max>4</max><before>0000000000000000003</before>");
	expect(sent, 1, 2);
}

/* It was read and removed, as users do. */
static void
goes_on_where_a_message_was(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, 10, "a@b");
	fake_store_ask(bed->store,
		       "DELETE FROM offline_message WHERE serial <= 4");
	expect(list(bed, "<max>4</max><after>0000000000000000004</after>"),
	       5, 8);
}

static void
counts_alone(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlinebed_fill(bed, USER, 10, "a@b");
	sent = list(bed, "<max>0</max>");
	assert_null(strstr(sent, "<item "));
	assert_non_null(strstr(sent, "<count>10</count>"));
}

static void
refuses_what_it_cannot_find(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, 10, "a@b");
	assert_non_null(strstr(list(bed, "<after>x</after>"),
			       "<item-not-found "));
	assert_non_null(strstr(list(bed, "<index>3</index>"),
			       "<feature-not-implemented "));
	assert_non_null(strstr(list(bed, "<max>x</max>"), "<bad-request "));
}

static void
says_that_the_database_is_away(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlinebed_fill(bed, USER, 10, "a@b");
	fake_store_set_away(bed->store, true);
	sent = list(bed, NULL);
	fake_store_set_away(bed->store, false);
	assert_non_null(strstr(sent, "type='error' id='q'"));
	assert_non_null(strstr(sent, "<resource-constraint "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OFFLINEBED_TEST(lists_all_in_order_with_their_senders),
		OFFLINEBED_TEST(says_that_there_is_none),
		OFFLINEBED_TEST(sends_no_more_than_a_stanza_takes),
		OFFLINEBED_TEST(sends_no_more_than_a_page),
		OFFLINEBED_TEST(goes_on_after_a_page),
		OFFLINEBED_TEST(goes_back_from_the_end),
		OFFLINEBED_TEST(goes_on_where_a_message_was),
		OFFLINEBED_TEST(counts_alone),
		OFFLINEBED_TEST(refuses_what_it_cannot_find),
		OFFLINEBED_TEST(says_that_the_database_is_away),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_contents", tests, NULL,
					   NULL);
}
