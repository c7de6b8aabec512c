#include "shared/content.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/ns.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *children;
	bool lasts;
} cases[] = {
	{ "", false },
	{ "text", false },
	{ "<body>hi</body>", true },
	{ "<body/>", true },
	{ "<subject>s</subject>", true },
	{ "<thread>t</thread>", false },
	{ "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
	  "<thread>t</thread>", false },
	{ "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
	  "<body>hi</body>", true },
	{ "<thread xmlns='urn:other'/>", true },
	{ "<store xmlns='urn:xmpp:hints'/>", false },
	{ "<request xmlns='urn:xmpp:receipts'/>", false },
	{ "<received xmlns='urn:xmpp:receipts' id='1'/>", true },
	{ "<markable xmlns='urn:xmpp:chat-markers:0'/>", false },
	{ "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", true },
	{ "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='a@b'/>"
	  "<delay xmlns='urn:xmpp:delay'/>"
	  "<x xmlns='jabber:x:delay'/>"
	  "<private xmlns='urn:xmpp:carbons:2'/>"
	  "<nick xmlns='http://jabber.org/protocol/nick'>j</nick>"
	  "<headers xmlns='http://jabber.org/protocol/shim'/>", false },
};

static void
tells_what_lasts(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *text = arena_printf(*state, "<message>%s"
						"</message>",
						cases[i].children);

		if (content_lasts(bed_xml(*state, NS_CLIENT, text)) !=
		    cases[i].lasts)
			fail_msg("%s", text);
	}
}

static void
tells_what_lasts_beside_something(void **state)
{
	const struct xml *message = bed_xml(*state, NS_CLIENT, "<message>"
		"text<thread>t</thread><body>hi</body></message>");
	const struct xml *body = xml_child(message, NS_CLIENT, "body");

	assert_false(content_lasts_beside(message, body));
	assert_true(content_lasts_beside(message, message->first));
}

static void
tells_hints(void **state)
{
	const struct xml *message = bed_xml(*state, NS_CLIENT, "<message>"
		"<no-store/><store xmlns='urn:xmpp:hints'/></message>");

	assert_true(content_hints(message, "store"));
	assert_false(content_hints(message, "no-store"));
	assert_false(content_hints(message, "no-permanent-store"));
}

static const struct {
	const char *children;
	bool encrypted;
} secrets[] = {
	{ "<body>hi</body>", false },
	{ "<encryption xmlns='urn:xmpp:eme:0'/>", true },
	{ "<encrypted xmlns='urn:xmpp:omemo:2'/>", true },
	{ "<openpgp xmlns='urn:xmpp:openpgp:0'/>", true },
	{ "<x xmlns='jabber:x:encrypted'/>", true },
	{ "<x xmlns='jabber:x:conference'/>", false },
};

static void
tells_what_is_encrypted(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
		const char *text = arena_printf(*state, "<message>%s"
						"</message>",
						secrets[i].children);

		if (content_is_encrypted(bed_xml(*state, NS_CLIENT, text)) !=
		    secrets[i].encrypted)
			fail_msg("%s", text);
	}
}

#define HTML(text) \
	"<html xmlns='http://jabber.org/protocol/xhtml-im'>" \
	"<body xmlns='http://www.w3.org/1999/xhtml'>" text "</body></html>"

static const struct {
	const char *children;
	const char *bodies, *written;	/* NULL: nothing */
} texts[] = {
	{ "", NULL, NULL },
	{ "<thread>t</thread><delay xmlns='urn:xmpp:delay'>late</delay>", NULL,
	  NULL },
	{ "<body/>", "", NULL },
	{ "<body>hi</body>", "hi", "hi" },
	{ "<body xml:lang='x'>hello</body><subject>s</subject>"
	  "<body>se<b>cr</b>et</body>", "hello\nsecret",
	  "hello\ns\nsecret" },
	{ "<body/><body>hi</body>", "hi", "hi" },
	{ "<body>hi</body>" HTML("h<i>i</i>"), "hi", "hi" },
	{ "<body>hi</body>" HTML("no"), "hi", "hi\nno" },
	{ "<reactions xmlns='urn:xmpp:reactions:0'><reaction>x</reaction>"
	  "<reaction>y</reaction></reactions>", NULL, "xy" },
	/* Nobody can read that. */
	{ "<body>I sent</body><encrypted xmlns='urn:xmpp:omemo:2'>"
	  "<payload>abcd</payload></encrypted>", "I sent", "I sent" },
};

static void
is_or_null(const char *found, const char *wanted)
{
	if (wanted == NULL)
		assert_null(found);
	else
		assert_string_equal(found, wanted);
}

static void
tells_all_that_is_written(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *text = arena_printf(*state, "<message>%s"
						"</message>",
						texts[i].children);
		const struct xml *message = bed_xml(*state, NS_CLIENT, text);

		is_or_null(content_bodies(*state, message), texts[i].bodies);
		is_or_null(content_written(*state, message),
			   texts[i].written);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(tells_what_lasts),
		BED_ARENA_TEST(tells_what_lasts_beside_something),
		BED_ARENA_TEST(tells_hints),
		BED_ARENA_TEST(tells_what_is_encrypted),
		BED_ARENA_TEST(tells_all_that_is_written),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("content", tests, NULL, NULL);
}
