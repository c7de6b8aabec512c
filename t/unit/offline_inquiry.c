#include "components/offline/inquiry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

#define USER "j@example"
#define INFO "<query xmlns='http://jabber.org/protocol/disco#info' " \
	     "node='http://jabber.org/protocol/offline'/>"

static const struct {
	const char *node;
	int64_t serial;		/* 0: it can be none */
} nodes[] = {
	{ "0000000000000000001", 1 },
	{ "9223372036854775807", INT64_MAX },
	{ "0000000000000000000", 0 },
	{ "9223372036854775808", 0 },
	{ "-000000000000000001", 0 },
	{ "+000000000000000001", 0 },
	{ "000000000000000000a", 0 },
	{ "                  1", 0 },
	{ "1", 0 },
	{ "00000000000000000001", 0 },
	{ "", 0 },
	{ NULL, 0 },
};

static void
reads_nodes_as_they_are_written(void **state)
{
	char node[INQUIRY_NODE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		int64_t serial = 0;
		int ret = inquiry_parse_node(nodes[i].node, &serial);

		assert_int_equal(ret, nodes[i].serial != 0 ? 0 : -1);
		assert_int_equal(serial, nodes[i].serial);
		if (ret == 0)
			assert_string_equal(inquiry_print_node(serial, node),
					    nodes[i].node);
	}
}

static void
nodes_sort_as_messages_do(void **state)
{
	char one[INQUIRY_NODE_SIZE], other[INQUIRY_NODE_SIZE];

	(void)state;
	assert_true(strcmp(inquiry_print_node(9, one),
			   inquiry_print_node(10, other)) < 0);
}

static void
tells_how_many_there_are(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	offlineshim_store(bed, USER, "x2", "c@d/e");
	offlineshim_store(bed, "k@example", "x3", "a@b/c");
	sent = offlineshim_delegate(bed, USER "/b", "get", INFO);
	assert_non_null(strstr(sent, "category='automation' "
				     "type='message-list'"));
	assert_non_null(strstr(sent, "<field var='number_of_messages'>"
				     "<value>2</value></field>"));
}

static void
tells_that_there_is_none(void **state)
{
	struct offlinebed *bed = *state;

	assert_non_null(strstr(offlineshim_delegate(bed, USER "/b", "get",
						    INFO),
			       "<value>0</value>"));
}

static void
says_that_the_database_is_away(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	fake_store_set_away(bed->store, true);
	sent = offlineshim_delegate(bed, USER "/b", "get", INFO);
	fake_store_set_away(bed->store, false);
	assert_non_null(strstr(sent, "type='error' id='q'"));
	assert_non_null(strstr(sent, "<resource-constraint "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OFFLINEBED_TEST(reads_nodes_as_they_are_written),
		OFFLINEBED_TEST(nodes_sort_as_messages_do),
		OFFLINEBED_TEST(tells_how_many_there_are),
		OFFLINEBED_TEST(tells_that_there_is_none),
		OFFLINEBED_TEST(says_that_the_database_is_away),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_inquiry", tests, NULL,
					   NULL);
}
