#include "components/muc/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define DELAY(from) \
	"<delay xmlns='urn:xmpp:delay' stamp='2002-10-13T23:58:37Z'" from "/>"
#define OLD(from) \
	"<x xmlns='jabber:x:delay' stamp='20021013T23:58:37'" from "/>"
#define SID(by) "<stanza-id xmlns='urn:xmpp:sid:0' id='1'" by "/>"

/* NULL: as it was. */
static const struct {
	const char *children;
	const char *presence, *message, *owner;
} cases[] = {
	{ "", NULL, NULL, NULL },
	{ "<body>hi</body>", NULL, NULL, NULL },
	{ "<show>dnd</show><c xmlns='http://jabber.org/protocol/caps'/>",
	  NULL, NULL, NULL },
	/* Only text in elements is part of a stanza. */
	{ "a<body>hi</body>b\n", "<body>hi</body>", "<body>hi</body>",
	  "<body>hi</body>" },
	{ "<x xmlns='" NS_MUC "'/>", "", "", "" },
	{ "<x xmlns='" NS_MUC_USER "'><item role='moderator'/></x>",
	  "", "", "" },
	{ "<invite xmlns='" NS_MUC_USER "'/><b/>", "<b/>", "<b/>", "<b/>" },
	{ "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='x'/>",
	  "", "", "" },
	/* XEP-0359 section 6: ids in the room's name, or in nobody's. */
	{ SID(" by='r@muc.example'"), "", "", "" },
	{ SID(""), "", "", "" },
	{ SID(" by='ann@a.example'"), NULL, NULL, NULL },
	/* The same address, written otherwise; and none at all. */
	{ SID(" by='R@MUC.example'"), "", "", "" },
	{ SID(" by='r@muc.example./x'"), "", "", "" },
	{ SID(" by='\xef\xbd\x92@muc.example'"), "", "", "" },
	{ SID(" by='@muc.example'"), "", "", "" },
	{ SID(" by='r@muc.example.org'"), NULL, NULL, NULL },
	{ "<origin-id xmlns='urn:xmpp:sid:0' id='1'/>", NULL, NULL, NULL },
	/* The room's own, or anybody's, would pass for history. */
	{ "<a/>" DELAY(""), "<a/>", "<a/>", "<a/>" },
	{ "<a/>" DELAY(" from='r@muc.example'"), "<a/>", "<a/>", "<a/>" },
	{ "<a/>" DELAY(" from='r@muc.example/Ann'"), "<a/>", "<a/>", "<a/>" },
	{ "<a/>" DELAY(" from='r@MUC.EXAMPLE'"), "<a/>", "<a/>", "<a/>" },
	{ "<a/>" DELAY(" from=''"), "<a/>", "<a/>", "<a/>" },
	/* Section 7.9. */
	{ "<a/>" DELAY(" from='ann@a.example/1'"), NULL, "<a/>", NULL },
	{ "<a/>" DELAY(" from='r@muc.example.org'"), NULL, "<a/>", NULL },
	/* XEP-0091. */
	{ "<a/>" OLD(""), "<a/>", "<a/>", "<a/>" },
	{ "<a/>" OLD(" from='r@muc.example/Ann'"), "<a/>", "<a/>", "<a/>" },
	{ "<a/>" OLD(" from='ann@a.example/1'"), NULL, "<a/>", "<a/>" },
	/* What others say inside is theirs. */
	{ "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='"
	  NS_CLIENT "'><x xmlns='" NS_MUC_USER "'/></message></forwarded>",
	  NULL, NULL, NULL },
	{ "<x xmlns='" NS_MUC_USER "'/><body>1</body><x xmlns='" NS_MUC
	  "'/><body>2</body><x xmlns='" NS_MUC_USER "'/>",
	  "<body>1</body><body>2</body>", "<body>1</body><body>2</body>",
	  "<body>1</body><body>2</body>" },
};

static struct xml *
message_of(struct mucbed *bed, size_t i)
{
	return mucbed_xml(bed, arena_printf(bed->arena,
					    "<message>%s</message>",
					    cases[i].children));
}

static void
check(const char *got, size_t i, const char *want)
{
	if (want == NULL)
		want = cases[i].children;
	assert_string_equal(got != NULL ? got : "", want);
}

static void
keeps_what_a_presence_may_say(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str out = { 0 };

		filter_print(&out, room, message_of(bed, i));
		check(out.data, i, cases[i].presence);
		str_fini(&out);
	}
}

static void
check_message(struct mucbed *bed, bool owner, size_t i, const char *want)
{
	struct room *room = mucbed_room(bed, "r@muc.example");
	struct xml *message = message_of(bed, i);
	struct str out = { 0 };

	filter_message(room, owner, NULL, message);
	for (const struct xml *el = message->first; el; el = el->next)
		xml_print(&out, el, NS_CLIENT);
	check(out.data, i, want);
	str_fini(&out);
	room_free(&room);
}

static void
strips_messages(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		check_message(*state, false, i, cases[i].message);
		check_message(*state, true, i, cases[i].owner);
	}
}

static const struct {
	const char *stanza;
	size_t len;
} lengths[] = {
	{ "<a/>", 7 },			/* as <a></a> */
	{ "<message/>", 19 },
	{ "<a b='cd'/>", 7 + 7 },
	{ "<a>text</a>", 7 + 4 },
	{ "<a><b/><b/></a>", 7 + 14 },
	{ "<a>&amp;\303\244</a>", 7 + 3 },
	/* Declared once, written each time. */
	{ "<a xmlns='b'/>", 7 },
	{ "<a><b xmlns='urn:b'><c/></b></a>", 7 + 7 + 9 + 5 + 7 },
	{ "<a xmlns:p='urn:p'><p:b/><p:b/><p:b/></a>", 7 + 3 * (7 + 9 + 5) },
	{ "<a xmlns:p='urn:p' p:c='d'/>", 7 + 6 + 16 + 5 },
};

static void
measures(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct xml *el = mucbed_xml(*state, lengths[i].stanza);

		assert_int_equal(filter_length(el), lengths[i].len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_a_presence_may_say),
		cmocka_unit_test(strips_messages),
		cmocka_unit_test(measures),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_filter", tests, mucbed_setup,
					   mucbed_teardown);
}
