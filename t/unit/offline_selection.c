#include "components/offline/selection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/offline/inquiry.h"
#include "shared/arena.h"
#include "shared/str.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

#define USER "j@example"
#define SESSION USER "/b"
#define BOUNCED "bounce='service-unavailable'"

/* Adds what names a message. */
static void
add_item(struct str *text, const char *action, int serial)
{
	char node[INQUIRY_NODE_SIZE];

	str_addf(text, "<item action='%s' node='%s'/>", action,
		 inquiry_print_node(serial, node));
}

/* Asks for messages of these serials, which end with 0. */
static const char *
ask(struct offlinebed *bed, const char *action, const int *serials)
{
	const char *type = strcmp(action, "view") == 0 ? "get" : "set";
	struct str text = { 0 };
	const char *copy;

	for (; *serials != 0; serials++)
		add_item(&text, action, *serials);
	copy = arena_strdup(bed->hooks->arena, text.data);
	str_fini(&text);
	return offlineshim_ask(bed, SESSION, type, copy);
}

#define VIEW(bed, ...) ask(bed, "view", (const int[]){ __VA_ARGS__, 0 })
#define REMOVE(bed, ...) ask(bed, "remove", (const int[]){ __VA_ARGS__, 0 })

static void
shows_in_the_order_of_the_request(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent, *at;

	offlinebed_fill(bed, USER, 3, "a@b");
	sent = VIEW(bed, 3, 1);
	at = strstr(sent, "<body>no 3</body>");
	assert_non_null(at);
	assert_non_null(strstr(at, "<body>no 1</body>"));
	assert_null(strstr(sent, "<body>no 2</body>"));
	assert_non_null(strstr(offlineshim_done(bed, sent),
			       "type='result' id='q'"));
	assert_int_equal(offlinebed_stored(bed, "1"), 3);
}

static void
removes_what_is_named_and_nothing_else(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, 4, "a@b");
	assert_non_null(strstr(REMOVE(bed, 1, 3), "type='result' id='q'"));
	assert_int_equal(offlinebed_stored(bed, "id IN ('x2', 'x4')"), 2);
	assert_int_equal(offlinebed_stored(bed, "1"), 2);
}

static void
makes_room(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, 5, "a@b");
	assert_non_null(strstr(offlineshim_store(bed, USER, "y", "a@b/c"),
			       BOUNCED));
	REMOVE(bed, 2);
	assert_null(strstr(offlineshim_store(bed, USER, "z", "a@b/c"),
			   BOUNCED));
	assert_non_null(strstr(offlineshim_store(bed, USER, "y", "a@b/c"),
			       BOUNCED));
}

static void
removes_none_when_one_is_missing(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, 2, "a@b");
	assert_non_null(strstr(REMOVE(bed, 1, 2, 3), "<item-not-found "));
	assert_int_equal(offlinebed_stored(bed, "1"), 2);
}

static void
takes_others_messages_for_missing(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, "k@example", 1, "a@b");
	assert_non_null(strstr(REMOVE(bed, 1), "<item-not-found "));
	assert_non_null(strstr(VIEW(bed, 1), "<item-not-found "));
	assert_int_equal(offlinebed_stored(bed, "1"), 1);
}

static const struct {
	const char *type, *items, *condition;
} nonsense[] = {
	{ "get", "<item action='remove' node='0000000000000000001'/>",
	  "<bad-request " },
	{ "set", "<item action='view' node='0000000000000000001'/>",
	  "<bad-request " },
	{ "get", "<item node='0000000000000000001'/>", "<bad-request " },
	{ "get", "<item action='view'/>", "<item-not-found " },
	{ "get", "<item action='view' node='1'/>", "<item-not-found " },
	{ "set", "<item action='remove' node='0000000000000000001'/>"
		 "<item action='remove' node='0000000000000000001'/>",
	  "<bad-request " },
};

static void
refuses_what_makes_no_sense(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, 1, "a@b");
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		const char *sent = offlineshim_ask(bed, SESSION,
						   nonsense[i].type,
						   nonsense[i].items);

		if (strstr(sent, nonsense[i].condition) == NULL)
			fail_msg("%s: %s", nonsense[i].items, sent);
	}
	assert_int_equal(offlinebed_stored(bed, "1"), 1);
}

static void
takes_so_many_and_no_more(void **state)
{
	struct offlinebed *bed = *state;
	int serials[SELECTION_MAX + 2] = { 0 };

	offlinebed_fill(bed, USER, SELECTION_MAX + 1, "a@b");
	for (int i = 0; i <= SELECTION_MAX; i++)
		serials[i] = i + 1;
	assert_non_null(strstr(ask(bed, "remove", serials),
			       "<resource-constraint "));
	assert_int_equal(offlinebed_stored(bed, "1"), SELECTION_MAX + 1);
	serials[SELECTION_MAX] = 0;
	assert_non_null(strstr(ask(bed, "remove", serials),
			       "type='result' id='q'"));
	assert_int_equal(offlinebed_stored(bed, "1"), 1);
}

static void
says_that_the_database_is_away(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, 1, "a@b");
	fake_store_set_away(bed->store, true);
	assert_non_null(strstr(VIEW(bed, 1), "<resource-constraint "));
	fake_store_set_away(bed->store, false);
	fake_store_set_full(bed->store, true);
	assert_non_null(strstr(REMOVE(bed, 1), "<resource-constraint "));
	fake_store_set_full(bed->store, false);
	assert_int_equal(offlinebed_stored(bed, "1"), 1);
}

static void
shows_none_when_one_cannot_be_read(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlinebed_fill(bed, USER, 2, "a@b");
	fake_store_ask(bed->store, "UPDATE offline_message "
		       "SET stanza = '<message' WHERE id = 'x2'");
	sent = VIEW(bed, 1, 2);
	assert_null(strstr(sent, "<deliver "));
	assert_non_null(strstr(sent, "<item-not-found "));
	/* It can be removed all the same. */
	assert_non_null(strstr(REMOVE(bed, 2), "type='result' id='q'"));
}

/* It is in the list of headers, and hookbed's stanzas have 10000 bytes. */
static void
says_that_one_became_too_large(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlinebed_fill(bed, USER, 2, "a@b");
	fake_store_ask(bed->store, "UPDATE offline_message "
		       "SET stanza = '<message xmlns=''jabber:client''><body>'"
		       " || hex(zeroblob(5000)) || '</body></message>' "
		       "WHERE id = 'x2'");
	sent = VIEW(bed, 1, 2);
	assert_null(strstr(sent, "<deliver "));
	assert_non_null(strstr(sent, "<policy-violation "));
	assert_non_null(strstr(sent, "larger than the router takes"));
	assert_non_null(strstr(REMOVE(bed, 2), "type='result' id='q'"));
}

static void
says_what_the_shim_said(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, 1, "a@b");
	assert_non_null(strstr(offlineshim_fail(bed, VIEW(bed, 1),
						"not-acceptable"),
			       "<not-acceptable "));
	/* The next is welcome. */
	assert_non_null(strstr(VIEW(bed, 1), "<deliver "));
}

/* Each was asked for, and the others come. */
static void
shows_the_others_when_the_shim_fails_over_one(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlinebed_fill(bed, USER, 2, "a@b");
	sent = offlineshim_fail(bed, VIEW(bed, 1, 2), "internal-server-error");
	assert_non_null(strstr(sent, "<body>no 1</body>"));
	sent = offlineshim_fail(bed, sent, "internal-server-error");
	assert_non_null(strstr(sent, "<body>no 2</body>"));
	sent = offlineshim_done(bed, sent);
	assert_non_null(strstr(sent, "<internal-server-error "));
	assert_non_null(strstr(sent, "type='error' id='q'"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OFFLINEBED_TEST(shows_in_the_order_of_the_request),
		OFFLINEBED_TEST(removes_what_is_named_and_nothing_else),
		OFFLINEBED_TEST(makes_room),
		OFFLINEBED_TEST(removes_none_when_one_is_missing),
		OFFLINEBED_TEST(takes_others_messages_for_missing),
		OFFLINEBED_TEST(refuses_what_makes_no_sense),
		OFFLINEBED_TEST(takes_so_many_and_no_more),
		OFFLINEBED_TEST(says_that_the_database_is_away),
		OFFLINEBED_TEST(shows_none_when_one_cannot_be_read),
		OFFLINEBED_TEST(says_that_one_became_too_large),
		OFFLINEBED_TEST(says_what_the_shim_said),
		OFFLINEBED_TEST(shows_the_others_when_the_shim_fails_over_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_selection", tests, NULL,
					   NULL);
}
