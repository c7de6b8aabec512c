#include "components/archive/keep/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define HINT(name) "<" name " xmlns='urn:xmpp:hints'/>"
#define STATE "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
#define EME "<encryption xmlns='urn:xmpp:eme:0' " \
	"namespace='eu.siacs.conversations.axolotl'/>"
#define OMEMO "<encrypted xmlns='eu.siacs.conversations.axolotl'/>"
#define RETRACT "<retract xmlns='urn:xmpp:message-retract:1' id='1'/>"
#define RESULT "<result xmlns='urn:xmpp:mam:2' id='1'><forwarded " \
	"xmlns='urn:xmpp:forward:0'/></result>"

static const struct {
	const char *attrs, *children;
	bool kept;
} cases[] = {
	/* XEP-0313 section 5.1.1. */
	{ "", "<body>hi</body>", true },
	{ "type='normal'", "<body>hi</body>", true },
	{ "type='chat'", "<body>hi</body>" STATE, true },
	{ "type='unknown'", "<body>hi</body>", true },
	{ "type='groupchat'", "<body>hi</body>", false },
	{ "type='headline'", "<body>hi</body>", false },
	{ "type='error'", "<body>hi</body>", false },
	{ "type='chat'", STATE, false },
	{ "type='chat'", STATE "<thread>t</thread>", false },
	{ "", "", false },
	/* Without a body. */
	{ "", "<subject>s</subject>", true },
	{ "", "<received xmlns='urn:xmpp:receipts' id='1'/>", true },
	{ "", "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", true },
	{ "", "<x xmlns='jabber:x:conference' jid='r@muc.example'/>", true },
	{ "type='chat'", OMEMO, true },
	{ "type='chat'", OMEMO EME "<body>I sent you something</body>",
	  true },
	/* XEP-0334 section 4. */
	{ "type='chat'", "<body>hi</body>" HINT("no-store"), false },
	{ "type='chat'", OMEMO EME HINT("no-store"), false },
	{ "type='chat'", "<body>hi</body>" HINT("no-permanent-store"),
	  false },
	{ "type='chat'", "<body>hi</body>" HINT("no-copy"), true },
	/* XEP-0424 section 5. */
	{ "type='chat'", RETRACT HINT("no-store"), true },
	{ "type='chat'", RETRACT HINT("no-permanent-store"), true },
	{ "type='groupchat'", RETRACT, false },
	{ "type='chat'", STATE HINT("store"), true },
	{ "type='chat'", STATE HINT("store") HINT("no-store"), false },
	{ "type='groupchat'", "<body>hi</body>" HINT("store"), false },
	{ "type='headline'", "<body>hi</body>" HINT("store"), false },
	/* Of an archive, or of somebody who would like to look like one. */
	{ "from='j@example'", RESULT, false },
	{ "from='room@muc.example'", RESULT, false },
	{ "from='a@example/x'", RESULT, true },
	{ "from='j@example'", RESULT HINT("no-copy") "<delay "
	  "xmlns='urn:xmpp:delay' stamp='2026-11-29T12:00:00Z'/>", false },
	{ "from='j@example'", RESULT "<body>hi</body>", true },
	{ "from='j@example'", RESULT "<subject>hi</subject>", true },
	{ "from='gateway.example'", OMEMO RESULT, true },
};

/* Returns its text. */
static const char *
parse(struct arena *arena, const char *attrs, const char *children,
      struct stanza *stanza_r)
{
	const char *text = arena_printf(
		arena, "<message %s%s to='j@example'>%s</message>",
		strstr(attrs, "from") ? "" : "from='a@example/x' ", attrs,
		children);
	struct error err;

	assert_int_equal(stanza_parse(arena, bed_xml(arena, NS_CLIENT, text),
				      stanza_r, &err), 0);
	return text;
}

static void
judges(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stanza stanza;
		const char *text = parse(arena, cases[i].attrs,
					 cases[i].children, &stanza);

		if (rule_keeps(&stanza, 0) != cases[i].kept)
			fail_msg("%s", text);
	}
}

/* Of which more is not known. */
static const struct {
	const char *attrs, *children;
	bool kept;
} parts[] = {
	{ "type='chat'", "", true },
	{ "", STATE, true },
	{ "type='groupchat'", "<body>hi</body>", false },
	{ "type='error'", "", false },
	{ "type='chat'", "<body>hi</body>" HINT("no-store"), false },
	{ "type='chat'", HINT("no-permanent-store"), false },
	{ "from='j@example'", RESULT, false },
};

static void
judges_what_is_not_whole(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		struct stanza stanza;
		const char *text = parse(arena, parts[i].attrs,
					 parts[i].children, &stanza);

		if (rule_may_keep(&stanza, 0) != parts[i].kept)
			fail_msg("%s", text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(judges),
		BED_ARENA_TEST(judges_what_is_not_whole),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_rule", tests, NULL, NULL);
}
