#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/disco.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

static void
assert_prints(const struct xml *el, const char *expected)
{
	struct str out = { 0 };

	xml_print(&out, el, NS_CLIENT);
	assert_string_equal(out.data, expected);
	str_fini(&out);
}

static void
says_what_there_is(void **state)
{
	static const char *const features[] = { "a", "b&c", NULL };
	static const char *const none[] = { NULL };
	struct xml *query = disco_query(*state, NS_DISCO_INFO, NULL);

	disco_add_identity(*state, query, "conference", "text", "Rooms");
	disco_add_identity(*state, query, "directory", "chatroom", NULL);
	disco_add_feature(*state, query, NS_MUC);
	disco_add_features(*state, query, features);
	disco_add_features(*state, query, none);
	assert_prints(query,
		"<query xmlns='http://jabber.org/protocol/disco#info'>"
		"<identity category='conference' type='text' name='Rooms'/>"
		"<identity category='directory' type='chatroom'/>"
		"<feature var='http://jabber.org/protocol/muc'/>"
		"<feature var='a'/><feature var='b&amp;c'/></query>");
}

static void
lists_items(void **state)
{
	struct xml *query = disco_query(*state, NS_DISCO_ITEMS, "a node");

	disco_add_item(*state, query, "a@muc.example", "A <b>", NULL);
	disco_add_item(*state, query, "muc.example", NULL, "n");
	disco_add_item(*state, query, "c@muc.example", NULL, NULL);
	assert_prints(query,
		"<query xmlns='http://jabber.org/protocol/disco#items' "
		"node='a node'>"
		"<item jid='a@muc.example' name='A &lt;b&gt;'/>"
		"<item jid='muc.example' node='n'/>"
		"<item jid='c@muc.example'/></query>");
}

static void
begins_empty(void **state)
{
	assert_prints(disco_query(*state, NS_DISCO_INFO, NULL),
		"<query xmlns='http://jabber.org/protocol/disco#info'/>");
	assert_prints(disco_query(*state, NS_DISCO_ITEMS, "x"),
		"<query xmlns='http://jabber.org/protocol/disco#items' "
		"node='x'/>");
}

static const struct {
	const char *node;
	enum error_cond cond;
} nodes[] = {
	{ NULL, ERROR_NONE },
	{ "", ERROR_NONE },
	{ "x", ERROR_ITEM_NOT_FOUND },
	{ " ", ERROR_ITEM_NOT_FOUND },
};

static void
has_no_nodes(void **state)
{
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		struct xml *query = disco_query(*state, NS_DISCO_ITEMS,
						nodes[i].node);
		struct error err = { 0 };

		assert_int_equal(disco_check_no_node(query, &err),
				 nodes[i].cond == ERROR_NONE ? 0 : -1);
		assert_int_equal(err.cond, nodes[i].cond);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(says_what_there_is),
		BED_ARENA_TEST(lists_items),
		BED_ARENA_TEST(begins_empty),
		BED_ARENA_TEST(has_no_nodes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("disco", tests, NULL, NULL);
}
