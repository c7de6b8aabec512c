#include "components/offline/keep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/parser.h"
#include "shared/stanza.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define HINT(name) "<" name " xmlns='urn:xmpp:hints'/>"
#define STATE "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
#define EME "<encryption xmlns='urn:xmpp:eme:0' " \
	"namespace='eu.siacs.conversations.axolotl'/>"
#define OMEMO "<encrypted xmlns='eu.siacs.conversations.axolotl'/>"
#define FORWARDED "<forwarded xmlns='urn:xmpp:forward:0'/>"

static const struct {
	const char *attrs, *children;
	enum keep keep;
} cases[] = {
	/* XEP-0160 section 3. */
	{ "", "<body>hi</body>", KEEP_STORE },
	{ "type='normal'", "<body>hi</body>", KEEP_STORE },
	{ "type='chat'", "<body>hi</body>", KEEP_STORE },
	{ "type='chat'", "<body>hi</body>" STATE, KEEP_STORE },
	{ "type='chat'", STATE, KEEP_DISCARD },
	{ "type='chat'", STATE "<thread>t</thread>", KEEP_DISCARD },
	{ "type='groupchat'", "<body>hi</body>", KEEP_BOUNCE },
	{ "type='headline'", "<body>hi</body>", KEEP_DISCARD },
	{ "type='error'", "<body>hi</body>" HINT("store"), KEEP_DISCARD },
	/* Without a body. */
	{ "", "", KEEP_DISCARD },
	{ "", "<subject>s</subject>", KEEP_STORE },
	{ "", "<received xmlns='urn:xmpp:receipts' id='1'/>", KEEP_STORE },
	{ "", "<request xmlns='urn:xmpp:receipts'/>", KEEP_DISCARD },
	{ "", "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>",
	  KEEP_STORE },
	{ "", "<markable xmlns='urn:xmpp:chat-markers:0'/>", KEEP_DISCARD },
	{ "", "<x xmlns='jabber:x:conference' jid='r@muc.example'/>",
	  KEEP_STORE },
	{ "type='chat'", OMEMO, KEEP_STORE },
	/* XEP-0334 section 4. */
	{ "type='chat'", "<body>hi</body>" HINT("no-store"), KEEP_BOUNCE },
	{ "type='chat'", OMEMO EME HINT("no-store"), KEEP_BOUNCE },
	{ "type='chat'", STATE HINT("no-store"), KEEP_DISCARD },
	{ "type='chat'", "<body>hi</body>" HINT("no-permanent-store"),
	  KEEP_STORE },
	{ "type='chat'", STATE HINT("store"), KEEP_STORE },
	{ "type='groupchat'", "<body>hi</body>" HINT("store"), KEEP_BOUNCE },
	/* For a session that has gone: XEP-0280, XEP-0313. */
	{ "from='b@example'", "<received xmlns='urn:xmpp:carbons:2'>" FORWARDED
	  "</received>", KEEP_DISCARD },
	{ "from='b@example'", "<result xmlns='urn:xmpp:mam:2' id='1'>"
	  FORWARDED "</result>", KEEP_DISCARD },
	{ "from='a@example'", "<result xmlns='urn:xmpp:mam:2' id='1'>"
	  FORWARDED "</result>", KEEP_STORE },
};

static void
judges(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *text = arena_printf(
			arena, "<message xmlns='jabber:client' %s%s "
			"to='b@example'>%s</message>",
			strstr(cases[i].attrs, "from") ? "" :
			"from='a@example/x' ", cases[i].attrs,
			cases[i].children);
		struct stanza stanza;
		struct error err;
		struct xml *el;

		assert_int_equal(parser_document(arena, text, strlen(text),
						 &parser_limits_default, &el,
						 &err), 0);
		assert_int_equal(stanza_parse(arena, el, &stanza, &err), 0);
		if (keep_rule(&stanza) != cases[i].keep)
			fail_msg("%s: %d", text, keep_rule(&stanza));
	}
}

/* RFC 6120 section 8.1.1.1: it is for the sender's own account. */
static void
judges_without_to(void **state)
{
	static const char text[] =
		"<message xmlns='jabber:client' from='b@example/x'><result "
		"xmlns='urn:xmpp:mam:2' id='1'>" FORWARDED "</result>"
		"</message>";
	struct stanza stanza;
	struct error err;
	struct xml *el;

	assert_int_equal(parser_document(*state, text, strlen(text),
					 &parser_limits_default, &el, &err),
			 0);
	assert_int_equal(stanza_parse(*state, el, &stanza, &err), 0);
	assert_null(stanza.to);
	assert_int_equal(keep_rule(&stanza), KEEP_DISCARD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(judges),
		BED_ARENA_TEST(judges_without_to),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_keep", tests, NULL, NULL);
}
