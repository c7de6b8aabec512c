#include "components/archive/intake/disclosure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "t/lib/tapbed.h"

#define TOLD(from, who) \
	"<message from='" from "' to='" who "' type='chat'>" \
	"<body>It is archived.</body>" \
	"<no-permanent-store xmlns='urn:xmpp:hints'/></message>\n"

static const char *const none[] = { NULL };
static struct disclosure_settings own;
static const struct setting_titled of_own[] = {
	{ "own", &own }, { .title = NULL },
};

static int
setup(void **state)
{
	struct tapbed *bed;

	if (tapbed_setup(state) != 0)
		return -1;
	bed = *state;
	bed->settings.disclosure = of_own;
	own = (struct disclosure_settings){
		.text = "It is archived.", .from = "", .interval = 3600,
		.users = none, .domains = none, .groups = none,
	};
	return 0;
}

/* The seq of the next copy. */
static unsigned next;

/* All that is told when that message comes, besides the ack. */
static const char *
receive(struct tapbed *bed, const char *where, const char *message)
{
	struct arena *arena = bed->hooks->arena;
	const char *sent, *end;
	char ack[32];

	next++;
	snprintf(ack, sizeof(ack), "seq='%u'", next);
	tapbed_receive(bed, arena_printf(arena, "%s id='x%u' %s", ack, next,
					 where), message);
	tapbed_wait_ack(bed, next);
	sent = tapbed_sent(bed);
	end = strstr(sent, "<message from='comp.example' to='example'>");
	return end == NULL ? sent : arena_dup(arena, sent,
					      (size_t)(end - sent));
}

static const char *
say(struct tapbed *bed, const char *from, const char *to)
{
	return receive(bed, "dir='both' origin='local'", arena_printf(
		bed->hooks->arena, "<message xmlns='jabber:client' type='chat' "
		"from='%s' to='%s'><body>hi</body></message>", from, to));
}

static void
tells_both_once_in_a_while(void **state)
{
	struct tapbed *bed = *state;

	next = 0;
	assert_string_equal(say(bed, "r@example/o", "j@example/b"),
			    TOLD("comp.example", "r@example")
			    TOLD("comp.example", "j@example"));
	assert_string_equal(say(bed, "r@example/o", "j@example"), "");
	assert_string_equal(say(bed, "j@example/b", "r@example/o"), "");
	assert_string_equal(say(bed, "r@example/o", "n@example"),
			    TOLD("comp.example", "r@example")
			    TOLD("comp.example", "n@example"));
}

static void
tells_those_of_other_servers_if_it_is_to(void **state)
{
	struct tapbed *bed = *state;

	next = 0;
	own.from = "clerk@comp.example";
	assert_string_equal(say(bed, "j@far.example/b", "r@example/o"),
			    TOLD("clerk@comp.example", "r@example"));
	own.outside = true;
	assert_string_equal(say(bed, "n@far.example/b", "r@example/o"),
			    TOLD("clerk@comp.example", "n@far.example")
			    TOLD("clerk@comp.example", "r@example"));
}

static void
tells_those_it_is_about(void **state)
{
	static const char *const users[] = { "j@example", NULL };
	static const char *const domains[] = { "far.example", NULL };
	struct tapbed *bed = *state;

	next = 0;
	own.users = users;
	own.domains = domains;
	assert_string_equal(say(bed, "r@example/o", "n@example"), "");
	assert_string_equal(say(bed, "r@example/o", "j@example"),
			    TOLD("comp.example", "r@example")
			    TOLD("comp.example", "j@example"));
	assert_string_equal(say(bed, "r@example/o", "x@far.example"),
			    TOLD("comp.example", "r@example"));
}

#define MESSAGE "<message xmlns='jabber:client' from='r@example/o' "

/* Clients need not add a body for those who understand nothing. */
static void
tells_of_what_has_no_body(void **state)
{
	static const char *const said[] = {
		"<encrypted xmlns='urn:xmpp:omemo:2'/>",
		"<openpgp xmlns='urn:xmpp:openpgp:0'>x</openpgp>",
		"<x xmlns='jabber:x:oob'><url>http://f</url></x>",
		"<subject>s</subject>",
	};
	struct tapbed *bed = *state;
	struct arena *arena = bed->hooks->arena;

	next = 0;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		const char *whom = arena_printf(arena, "j%zu@example", i);

		assert_string_equal(
			receive(bed, "dir='both' origin='local'", arena_printf(
				arena, MESSAGE "to='%s'>%s</message>", whom,
				said[i])),
			arena_printf(arena, TOLD("comp.example", "r@example")
				     TOLD("comp.example", "%s"), whom));
	}
}

static const struct {
	const char *where, *message;
} silent[] = {
	{ "dir='shown' origin='component'",
	  MESSAGE "to='j@example' type='chat'><body>a</body></message>" },
	/* What answers it, or is it, or is of a service. */
	{ "dir='out' origin='local'",
	  MESSAGE "to='comp.example'><body>a</body></message>" },
	{ "dir='out' origin='local'",
	  MESSAGE "to='clerk@comp.example'><body>a</body></message>" },
	{ "dir='in' origin='component'", "<message xmlns='jabber:client' "
	  "from='comp.example' to='j@example' type='chat'><body>a</body>"
	  "<no-permanent-store xmlns='urn:xmpp:hints'/></message>" },
	{ "dir='in' origin='component'", "<message xmlns='jabber:client' "
	  "from='news.example' to='j@example'><body>a</body></message>" },
	/* What is not archived, or nobody has said. */
	{ "dir='both' origin='local'",
	  MESSAGE "to='j@example' type='error'><body>a</body></message>" },
	{ "dir='both' origin='local'",
	  MESSAGE "to='j@example' type='headline'><body>a</body></message>" },
	{ "dir='both' origin='local'",
	  MESSAGE "to='m@example' type='groupchat'><body>a</body></message>" },
	{ "dir='both' origin='local'",
	  MESSAGE "to='j@example'><body>a</body>"
	  "<no-store xmlns='urn:xmpp:hints'/></message>" },
	{ "dir='both' origin='local'",
	  MESSAGE "to='j@example'><received xmlns='urn:xmpp:receipts'/>"
	  "</message>" },
	{ "dir='both' origin='local'",
	  MESSAGE "to='j@example'><displayed xmlns='urn:xmpp:chat-markers:0' "
	  "id='a'/></message>" },
	{ "dir='both' origin='local'",
	  MESSAGE "to='j@example'><active "
	  "xmlns='http://jabber.org/protocol/chatstates'/></message>" },
	{ "dir='both' origin='local'",
	  MESSAGE "to='r@example'><body>a</body></message>" },
};

static void
tells_nobody_else(void **state)
{
	struct tapbed *bed = *state;

	next = 0;
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		assert_string_equal(receive(bed, silent[i].where,
					    silent[i].message), "");
	assert_int_not_equal(*say(bed, "r@example/o", "j@example/b"), '\0');
}

static void
checks_its_settings(void **state)
{
	static const char *const odd[] = { "A@b", NULL };
	const struct archive_settings settings = {
		.component.domain = "comp.example", .disclosure = of_own,
	};
	struct error err;

	(void)state;
	own = (struct disclosure_settings){
		.text = "x", .from = "", .users = none, .domains = none,
		.groups = none,
	};
	assert_int_equal(disclosure_check(&settings, NULL, &err), 0);
	own.from = "a@comp.example";
	assert_int_equal(disclosure_check(&settings, NULL, &err), 0);
	own.from = "a@example";
	assert_int_equal(disclosure_check(&settings, NULL, &err), -1);
	assert_string_equal(err.text, "\"own\": 'a@example' is no address of "
			    "the service");
	own.from = "";
	own.text = "";
	assert_int_equal(disclosure_check(&settings, NULL, &err), -1);
	own.text = "x";
	own.users = odd;
	assert_int_equal(disclosure_check(&settings, NULL, &err), -1);
	own.users = none;
	own.domains = odd;
	assert_int_equal(disclosure_check(&settings, NULL, &err), -1);
	own.domains = none;
	own.groups = odd;
	assert_int_equal(disclosure_check(&settings, NULL, &err), -1);
	assert_string_equal(err.text, "\"own\": there is no group \"A@b\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, \
						   tapbed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_both_once_in_a_while),
		TEST(tells_those_of_other_servers_if_it_is_to),
		TEST(tells_those_it_is_about),
		TEST(tells_of_what_has_no_body),
		TEST(tells_nobody_else),
		cmocka_unit_test(checks_its_settings),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_disclosure", tests,
					   tapbed_folder, database_teardown);
}
