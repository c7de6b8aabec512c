#include "shared/bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/error.h"
#include "shared/router.h"
#include "shared/str.h"
#include "t/lib/fake_router.h"

#define HEAD "<message from='r@comp.example/n'"
#define ONE "<forwarded xmlns='urn:xmpp:forward:0'>" HEAD \
	" xmlns='jabber:client'"
#define END_ONE "</forwarded>"
#define FANOUT(list, stanzas) "<fanout xmlns='urn:x-annex:0'><to>" list \
	"</to>" stanzas "</fanout>"
/* A stanza may hold what it is wrapped in. */
#define X ">" ONE "/>" END_ONE "</message>"
#define Y "/>"

struct fixture {
	struct router *router;
	struct bundle bundle;
	struct str text;
};

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	ensure(fixture != NULL);
	fixture->router = fake_router_new("comp.example");
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	fake_router_free(&fixture->router);
	bundle_fini(&fixture->bundle);
	str_fini(&fixture->text);
	free(fixture);
	return 0;
}

static struct router_template
stanza(const char *tail)
{
	return (struct router_template){
		.head = HEAD, .head_len = strlen(HEAD),
		.tail = tail, .tail_len = strlen(tail),
	};
}

static void
add(struct bundle *bundle, const char *tail)
{
	struct router_template template = stanza(tail);

	bundle_add_stanza(bundle, &template);
}

static void
fill(struct bundle *bundle)
{
	bundle_add_address(bundle, "a@a", 3);
	bundle_add_address(bundle, "b@b/c", 5);
	add(bundle, X);
	add(bundle, Y);
}

static const char *
printed(struct fixture *fixture)
{
	str_clear(&fixture->text);
	bundle_print(&fixture->bundle, &fixture->text);
	return fixture->text.data;
}

static void
prints_a_request(void **state)
{
	struct fixture *fixture = *state;

	fill(&fixture->bundle);
	assert_int_equal(fixture->bundle.addresses, 2);
	assert_int_equal(fixture->bundle.count, 2);
	assert_string_equal(printed(fixture), FANOUT("a@a\nb@b/c",
			    ONE X END_ONE ONE Y END_ONE));
}

static void
counts_bytes(void **state)
{
	struct fixture *fixture = *state;
	struct router_template template = stanza(X);

	assert_int_equal(bundle_bytes(&fixture->bundle), 0);
	assert_int_equal(bundle_stanza_bytes(&template),
			 strlen(ONE X END_ONE));
	fill(&fixture->bundle);
	assert_int_equal(bundle_bytes(&fixture->bundle),
			 strlen("a@a\nb@b/c\n" ONE X END_ONE ONE Y END_ONE));
}

static void
sends_each_to_each(void **state)
{
	struct fixture *fixture = *state;

	bundle_send(&fixture->bundle, router_send_to, fixture->router);
	assert_string_equal(fake_router_sent(fixture->router), "");
	fill(&fixture->bundle);
	bundle_send(&fixture->bundle, router_send_to, fixture->router);
	assert_string_equal(fake_router_sent(fixture->router),
			    HEAD " to='a@a'" X "\n" HEAD " to='b@b/c'" X "\n"
			    HEAD " to='a@a'" Y "\n" HEAD " to='b@b/c'" Y "\n");
}

static void
sends_another_to_each(void **state)
{
	struct fixture *fixture = *state;
	struct router_template template = stanza(">z</message>");

	fill(&fixture->bundle);
	bundle_send_one(&fixture->bundle, &template, router_send_ahead,
			fixture->router);
	assert_string_equal(fake_router_sent(fixture->router),
			    HEAD " to='a@a'>z</message>\n"
			    HEAD " to='b@b/c'>z</message>\n");
}

static void
is_used_again(void **state)
{
	struct fixture *fixture = *state;
	struct bundle *bundle = &fixture->bundle, other = { 0 };

	fill(bundle);
	bundle_clear_stanzas(bundle);
	assert_int_equal(bundle->addresses, 2);
	add(bundle, Y);
	assert_string_equal(printed(fixture),
			    FANOUT("a@a\nb@b/c", ONE Y END_ONE));
	bundle_clear(bundle);
	assert_int_equal(bundle->addresses, 0);
	assert_int_equal(bundle_bytes(bundle), 0);
	bundle_add_address(&other, "d@d", 3);
	bundle_address_as(bundle, &other);
	bundle_fini(&other);
	assert_int_equal(bundle->addresses, 1);
	add(bundle, Y);
	assert_string_equal(printed(fixture), FANOUT("d@d", ONE Y END_ONE));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(prints_a_request),
		TEST(counts_bytes),
		TEST(sends_each_to_each),
		TEST(sends_another_to_each),
		TEST(is_used_again),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
