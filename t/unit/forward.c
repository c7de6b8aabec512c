#include "shared/forward.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define IN(inner) "<x xmlns='urn:x'>" inner "</x>"
#define FORWARDED(inner) \
	IN("<forwarded xmlns='urn:xmpp:forward:0'>" inner "</forwarded>")
#define DELAY(stamp) "<delay xmlns='urn:xmpp:delay' stamp='" stamp "'/>"
#define MESSAGE \
	"<message xmlns='jabber:client' from='a@b/c' to='d@e' id='1'>" \
	"<body>x</body></message>"

static struct xml *
parse(struct arena *arena, const char *text)
{
	struct error err;
	struct xml *el;

	assert_int_equal(parser_document(arena, text, strlen(text),
					 &parser_limits_default, &el, &err),
			 0);
	return el;
}

static const struct {
	const char *text;
	enum error_cond cond;
	int64_t stamp;
} cases[] = {
	{ FORWARDED(MESSAGE), ERROR_NONE, 0 },
	{ FORWARDED(DELAY("1970-01-01T00:00:01Z") MESSAGE), ERROR_NONE,
	  1000000 },
	{ FORWARDED(MESSAGE DELAY("1970-01-01T00:00:01Z")), ERROR_NONE,
	  1000000 },
	{ FORWARDED(DELAY("yesterday") MESSAGE), ERROR_NONE, 0 },
	{ FORWARDED("<presence xmlns='jabber:component:accept'/>"),
	  ERROR_NONE, 0 },
	{ IN(""), ERROR_BAD_REQUEST, 0 },
	{ IN(MESSAGE), ERROR_BAD_REQUEST, 0 },
	{ FORWARDED(""), ERROR_BAD_REQUEST, 0 },
	{ FORWARDED("text"), ERROR_BAD_REQUEST, 0 },
	{ FORWARDED(DELAY("1970-01-01T00:00:01Z")), ERROR_BAD_REQUEST, 0 },
	{ FORWARDED("<message xmlns='urn:other'/>"), ERROR_BAD_REQUEST, 0 },
	{ FORWARDED("<iq xmlns='jabber:client' type='get'/>"),
	  ERROR_BAD_REQUEST, 0 },
	{ FORWARDED("<message xmlns='jabber:client' to='@'/>"),
	  ERROR_JID_MALFORMED, 0 },
};

static void
parses_or_refuses(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct forward forward;
		struct error err = { 0 };
		int ret = forward_parse(arena, parse(arena, cases[i].text),
					&forward, &err);

		assert_int_equal(ret, cases[i].cond == ERROR_NONE ? 0 : -1);
		assert_int_equal(err.cond, cases[i].cond);
		if (ret == 0)
			assert_int_equal(forward.stamp, cases[i].stamp);
	}
}

static void
parses_the_stanza(void **state)
{
	struct arena *arena = *state;
	struct forward forward;
	struct error err;

	assert_int_equal(forward_parse(arena,
				       parse(arena, FORWARDED(MESSAGE)),
				       &forward, &err), 0);
	assert_int_equal(forward.stanza.kind, STANZA_MESSAGE);
	assert_string_equal(forward.stanza.from->full, "a@b/c");
	assert_string_equal(forward.stanza.to->full, "d@e");
	assert_string_equal(forward.stanza.id, "1");
}

static void
parses_nothing(void **state)
{
	struct forward forward;
	struct error err = { 0 };

	assert_int_equal(forward_parse(*state, NULL, &forward, &err), -1);
	assert_int_equal(err.cond, ERROR_BAD_REQUEST);
}

static void
prints(void **state)
{
	struct arena *arena = *state;
	struct xml *el = xml_new(arena, "urn:x", "x");
	struct str text = { 0 };

	forward_add(arena, el, parse(arena, MESSAGE), 1500000);
	forward_add(arena, el, parse(arena, MESSAGE), 0);
	forward_add(arena, el, NULL, 1000000);
	xml_print(&text, el, NS_CLIENT);
	assert_string_equal(
		text.data,
		"<x xmlns='urn:x'><forwarded xmlns='urn:xmpp:forward:0'>"
		"<delay xmlns='urn:xmpp:delay' "
		"stamp='1970-01-01T00:00:01.500Z'/>" MESSAGE "</forwarded>"
		"<forwarded xmlns='urn:xmpp:forward:0'>" MESSAGE
		"</forwarded><forwarded xmlns='urn:xmpp:forward:0'>"
		"<delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:01Z'/>"
		"</forwarded></x>");
	str_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(parses_or_refuses),
		BED_ARENA_TEST(parses_the_stanza),
		BED_ARENA_TEST(parses_nothing),
		BED_ARENA_TEST(prints),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("forward", tests, NULL, NULL);
}
