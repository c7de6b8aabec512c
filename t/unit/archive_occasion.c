#include "components/archive/intake/occasion.h"

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
#include "shared/str.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define FROM " from='ann@a.c/1' to='bob@b.c/2'"
#define MESSAGE(children) "<message" FROM ">" children "</message>"
#define IQ(children) "<iq type='set' id='1'" FROM ">" children "</iq>"
#define USER(children) \
	"<x xmlns='http://jabber.org/protocol/muc#user'>" children "</x>"
#define JINGLE_OF(version, action, children) \
	"<jingle xmlns='urn:xmpp:jingle:1' action='" action "'>" \
	"<content><description xmlns='urn:xmpp:jingle:apps:rtp:1'/>" \
	"</content><content><description " \
	"xmlns='urn:xmpp:jingle:apps:file-transfer:" version "'>" children \
	"</description></content></jingle>"
#define JINGLE(action, children) JINGLE_OF("5", action, children)
#define FILE "<file><name>n</name><size>7</size></file>"
#define FILE_CONTENT(version, name) \
	"<content><description xmlns='urn:xmpp:jingle:apps:file-transfer:" \
	version "'><file><name>" name "</name></file></description></content>"
#define SHARING(target) \
	"<file-sharing xmlns='urn:xmpp:sfs:0'><sources><url-data " \
	"xmlns='http://jabber.org/protocol/url-data' target='" target "'/>" \
	"</sources></file-sharing>"
#define NONE ""

static const struct {
	const char *stanza, *found;
} cases[] = {
	/* A room invites for somebody. */
	{ "<message from='r@m.c' to='bob@b.c'>" USER("<invite "
	  "from='ann@a.c/1'><reason>come</reason></invite>") "</message>",
	  "invitation ann@a.c/ r@m.c bob@b.c {\"reason\":\"come\"};" },
	{ "<message from='ann@a.c/1' to='r@m.c'>" USER("<invite to='bob@b.c'/>"
	  "<invite to='cat@b.c/x'/>") "</message>",
	  "invitation ann@a.c/1 r@m.c bob@b.c -;"
	  "invitation ann@a.c/1 r@m.c cat@b.c -;" },
	{ MESSAGE("<x xmlns='jabber:x:conference' jid='r@m.c' reason='x'/>"),
	  "invitation ann@a.c/1 r@m.c bob@b.c {\"reason\":\"x\"};" },
	/* It says the same twice. */
	{ "<message from='r@m.c' to='bob@b.c'>" USER("<invite "
	  "from='ann@a.c/1'/>") "<x xmlns='jabber:x:conference' jid='r@m.c'/>"
	  "</message>", "invitation ann@a.c/ r@m.c bob@b.c -;" },
	{ MESSAGE("<x xmlns='jabber:x:conference' jid='@'/>"), NONE },
	{ MESSAGE("<x xmlns='jabber:x:conference'/>"), NONE },
	{ MESSAGE(USER("<invite/>")), NONE },
	{ MESSAGE(USER("<invite to='@'/>")), NONE },
	{ MESSAGE(USER("<decline to='a@b.c'/>")), NONE },
	{ MESSAGE("<body>r@m.c</body>"), NONE },

	/* Files. */
	{ MESSAGE("<x xmlns='jabber:x:oob'><url>http://f</url></x>"),
	  "file ann@a.c/1 bob@b.c - {\"by\":\"url\",\"url\":\"http://f\"};" },
	{ MESSAGE("<x xmlns='jabber:x:oob'><url>http://o</url></x>"
	  "<file-sharing xmlns='urn:xmpp:sfs:0'><file "
	  "xmlns='urn:xmpp:file:metadata:0'><name>n</name><size>7</size>"
	  "</file><sources><url-data xmlns='http://jabber.org/protocol/url-"
	  "data' target='http://f'/></sources></file-sharing>"),
	  "file ann@a.c/1 bob@b.c - {\"by\":\"sharing\",\"name\":\"n\","
	  "\"size\":\"7\",\"url\":\"http://f\"};"
	  "file ann@a.c/1 bob@b.c - {\"by\":\"url\",\"url\":\"http://o\"};" },
	/* All of them, and none twice. */
	{ MESSAGE(SHARING("http://f") SHARING("http://g")
	  "<x xmlns='jabber:x:oob'><url>http://f</url></x>"),
	  "file ann@a.c/1 bob@b.c - {\"by\":\"sharing\","
	  "\"url\":\"http://f\"};"
	  "file ann@a.c/1 bob@b.c - {\"by\":\"sharing\","
	  "\"url\":\"http://g\"};" },
	{ MESSAGE("<file-sharing xmlns='urn:xmpp:sfs:0'/>"
	  "<x xmlns='jabber:x:oob'><url>http://f</url></x>"),
	  "file ann@a.c/1 bob@b.c - {\"by\":\"sharing\","
	  "\"url\":\"http://f\"};" },
	{ MESSAGE("<reference xmlns='urn:xmpp:reference:0' type='data'>"
	  "<media-sharing xmlns='urn:xmpp:sims:1'>"
	  "<file xmlns='urn:xmpp:jingle:apps:file-transfer:5'><name>n</name>"
	  "<size>7</size></file><sources><reference type='data' "
	  "xmlns='urn:xmpp:reference:0' uri='http://f'/></sources>"
	  "</media-sharing></reference>"),
	  "file ann@a.c/1 bob@b.c - {\"by\":\"sharing\",\"name\":\"n\","
	  "\"size\":\"7\",\"url\":\"http://f\"};" },
	{ MESSAGE("<reference xmlns='urn:xmpp:reference:0' type='mention' "
	  "uri='xmpp:a@b.c'/>"), NONE },
	{ MESSAGE("<file-sharing xmlns='urn:xmpp:sfs:0'/>"),
	  "file ann@a.c/1 bob@b.c - {\"by\":\"sharing\"};" },
	{ IQ(JINGLE("session-initiate", FILE)),
	  "file ann@a.c/1 bob@b.c - {\"by\":\"jingle\",\"name\":\"n\","
	  "\"size\":\"7\"};" },
	{ IQ(JINGLE_OF("3", "session-initiate", "<offer><file xmlns="
		       "'http://jabber.org/protocol/si/profile/file-transfer' "
		       "name='n' size='7'/></offer>")),
	  "file ann@a.c/1 bob@b.c - {\"by\":\"jingle\",\"name\":\"n\","
	  "\"size\":\"7\"};" },
	{ IQ(JINGLE("content-add", NONE)),
	  "file ann@a.c/1 bob@b.c - {\"by\":\"jingle\"};" },
	{ IQ("<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate'>"
	  FILE_CONTENT("4", "n") FILE_CONTENT("5", "m") "</jingle>"),
	  "file ann@a.c/1 bob@b.c - {\"by\":\"jingle\",\"name\":\"n\"};"
	  "file ann@a.c/1 bob@b.c - {\"by\":\"jingle\",\"name\":\"m\"};" },
	{ IQ(JINGLE("session-accept", FILE)), NONE },
	{ IQ("<jingle xmlns='urn:xmpp:jingle:1'/>"), NONE },
	{ IQ("<si xmlns='http://jabber.org/protocol/si'><file xmlns="
	  "'http://jabber.org/protocol/si/profile/file-transfer' name='n' "
	  "size='7'/></si>"), "file ann@a.c/1 bob@b.c - {\"by\":\"si\","
	  "\"name\":\"n\",\"size\":\"7\"};" },
	{ IQ("<si xmlns='http://jabber.org/protocol/si'/>"), NONE },
	{ "<iq type='result' id='1'" FROM ">" JINGLE("session-initiate", FILE)
	  "</iq>", NONE },

	{ "<presence type='subscribe'" FROM "/>",
	  "subscription ann@a.c/1 bob@b.c - -;" },
	{ "<presence type='subscribed'" FROM "/>", NONE },
	{ "<presence" FROM "/>", NONE },

	/* In rooms. */
	{ "<message type='groupchat' from='ann@a.c/1' to='r@m.c'>"
	  "<x xmlns='jabber:x:oob'><url>http://f</url></x></message>",
	  "file ann@a.c/1 r@m.c - {\"by\":\"url\",\"url\":\"http://f\"};" },

	/* What answers, is an invitation to all, or is of nobody. */
	{ "<message type='error'" FROM "><x xmlns='jabber:x:oob'/></message>",
	  NONE },
	{ "<message type='groupchat'" FROM ">" USER("<invite to='a@b.c'/>")
	  "</message>", NONE },
	{ "<message from='a@b.c'><x xmlns='jabber:x:oob'/></message>", NONE },
	{ "<message to='a@b.c'><x xmlns='jabber:x:oob'/></message>", NONE },
};

static void
take(void *ctx, const struct archive_event *event)
{
	struct str *found = ctx;

	str_addf(found, "%s %s/%s %s %s %s;", archive_event_name(event->kind),
		 event->sender, event->resource, event->recipient,
		 event->about != NULL ? event->about : "-",
		 event->detail != NULL ? event->detail : "-");
}

/* What is found, in the arena. */
static const char *
look(struct arena *arena, const char *text)
{
	struct stanza stanza = { 0 };
	struct str found = { 0 };
	const char *copy;
	struct error err;

	assert_int_equal(stanza_parse(arena, bed_xml(arena, NS_CLIENT, text),
				      &stanza, &err), 0);
	occasion_find(arena, &stanza, take, &found);
	copy = arena_dup(arena, found.data != NULL ? found.data : "",
			 found.len);
	str_fini(&found);
	return copy;
}

static void
finds_what_there_is(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(look(*state, cases[i].stanza),
				    cases[i].found);
}

static void
counts_so_many_invitations(void **state)
{
	const char *invites = "", *found;
	size_t count = 0;

	for (int i = 0; i <= OCCASION_INVITATIONS_MAX; i++)
		invites = arena_printf(*state, "%s<invite to='a%d@b.c'/>",
				       invites, i);
	found = look(*state, arena_printf(*state, "<message from='a@b.c/1' "
		"to='r@m.c'><x xmlns='http://jabber.org/protocol/muc#user'>"
		"%s</x></message>", invites));
	for (; (found = strstr(found, "invitation ")) != NULL; found++)
		count++;
	assert_int_equal(count, OCCASION_INVITATIONS_MAX);
}

static void
counts_so_many_files(void **state)
{
	const char *urls = "", *found;
	size_t count = 0;

	for (int i = 0; i <= OCCASION_FILES_MAX; i++)
		urls = arena_printf(*state, "%s<x xmlns='jabber:x:oob'>"
				    "<url>http://f/%d</url></x>", urls, i);
	found = look(*state, arena_printf(*state, MESSAGE("%s"), urls));
	for (; (found = strstr(found, "file ")) != NULL; found++)
		count++;
	assert_int_equal(count, OCCASION_FILES_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(finds_what_there_is),
		BED_ARENA_TEST(counts_so_many_invitations),
		BED_ARENA_TEST(counts_so_many_files),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_occasion", tests, NULL,
					   NULL);
}
