#include "components/archive/rules/amendment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/rules/ruling.h"
#include "shared/arena.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define OMEMO "<encrypted xmlns='urn:xmpp:omemo:2'/>"
#define HTML "<html xmlns='http://jabber.org/protocol/xhtml-im'>" \
	     "<body xmlns='http://www.w3.org/1999/xhtml'>old</body></html>"
#define ABOUT "<thread>t</thread>" \
	      "<active xmlns='http://jabber.org/protocol/chatstates'/>" \
	      "<request xmlns='urn:xmpp:receipts'/>" \
	      "<origin-id xmlns='urn:xmpp:sid:0' id='1'/>" \
	      "<replace xmlns='urn:xmpp:message-correct:0' id='2'/>" \
	      "<store xmlns='urn:xmpp:hints'/>"

static const struct {
	const char *children;
	const char *body, *append;	/* of the ruling */
	const char *wanted;		/* NULL: it cannot be changed */
} cases[] = {
	{ "<body>old</body>", "new", NULL, "<body>new</body>" },
	{ "<body>old</body>", "", NULL, "<body/>" },
	{ "<body>old</body>", "a & <b>", NULL,
	  "<body>a &amp; &lt;b&gt;</body>" },
	{ "<body xml:lang='de'>alt</body><body>old</body>", "new", NULL,
	  "<body>new</body>" },
	{ ABOUT "<body>old</body>", "new", NULL, ABOUT "<body>new</body>" },
	{ "<subject>old</subject>text<body>old</body>" HTML
	  "<x xmlns='jabber:x:oob'><url>old</url></x>"
	  "<markup xmlns='urn:xmpp:markup:0'/>"
	  "<thread xmlns='urn:other'>old</thread>", "new", NULL,
	  "<body>new</body>" },
	{ "<body>old</body>" OMEMO, "new", NULL, "<body>new</body>" },
	{ "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:"
	  "forward:0'><message xmlns='jabber:client'><body>old</body>"
	  "</message></forwarded></received><private xmlns='urn:xmpp:"
	  "carbons:2'/><body>old</body>", "new", NULL,
	  "<private xmlns='urn:xmpp:carbons:2'/><body>new</body>" },
	{ "<delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'>old"
	  "<x xmlns='urn:x'>old</x></delay><body>old</body>", "new", NULL,
	  "<delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/>"
	  "<body>new</body>" },
	{ "<body>old</body>", NULL, "new", "<body>old\nnew</body>" },
	{ "<body>old</body>", NULL, "", "<body>old\n</body>" },
	{ "<subject>s</subject><body>old</body>" HTML
	  "<body xml:lang='de'>alt</body><x xmlns='urn:x'>x</x>", NULL, "new",
	  "<subject>s</subject><body>old\nnew</body>"
	  "<body xml:lang='de'>alt\nnew</body><x xmlns='urn:x'>x</x>" },
	{ "<body>old\nnew</body><body xml:lang='de'>new</body>", NULL, "new",
	  "<body>old\nnew</body><body xml:lang='de'>new\nnew</body>" },
	{ "<body>old</body>" OMEMO, NULL, "new", NULL },
	{ OMEMO, "new", NULL, "<body>new</body>" },
	{ "<subject>s</subject>", "new", NULL, "<body>new</body>" },
	{ "<subject>s</subject>", NULL, "new", NULL },
	{ "<body xmlns='urn:x'>x</body>", NULL, "new", NULL },
};

static void
changes_what_can_be_changed(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *text = arena_printf(*state, "<message to='a@b' "
						"id='1'>%s</message>",
						cases[i].children);
		const struct xml *message = bed_xml(*state, NS_CLIENT, text);
		const struct ruling ruling = {
			.kind = RULING_MODIFY, .body = cases[i].body,
			.append = cases[i].append,
		};
		struct str out = { 0 };
		struct error err = { 0 };
		struct xml *el;
		int ret = amendment_make(*state, message, &ruling, &el, &err);

		assert_int_equal(ret, cases[i].wanted == NULL ? -1 : 0);
		if (ret == 0) {
			xml_print(&out, el, NS_CLIENT);
			assert_string_equal(out.data, arena_printf(
				*state, "<message to='a@b' id='1'>%s"
				"</message>", cases[i].wanted));
		} else {
			assert_int_equal(err.cond, ERROR_NOT_ACCEPTABLE);
		}
		str_clear(&out);
		xml_print(&out, message, NS_CLIENT);
		assert_string_equal(out.data, text);
		str_fini(&out);
	}
}

static void
adds_something_besides(void **state)
{
	static const char *const wanted[] = {
		"<message><body>new\nx</body></message>",
		"<message><body>old\na\nx</body></message>",
	};
	const struct ruling rulings[] = {
		{ .kind = RULING_MODIFY, .body = "new", .besides = "x" },
		{ .kind = RULING_MODIFY, .append = "a", .besides = "x" },
	};
	const struct xml *message = bed_xml(
		*state, NS_CLIENT, "<message><body>old</body></message>");

	for (size_t i = 0; i < ARRAY_LEN(rulings); i++) {
		struct str out = { 0 };
		struct error err;
		struct xml *el;

		assert_int_equal(amendment_make(*state, message, &rulings[i],
						&el, &err), 0);
		/* Once more makes no difference. */
		assert_int_equal(amendment_make(*state, el, &rulings[i], &el,
						&err), 0);
		xml_print(&out, el, NS_CLIENT);
		assert_string_equal(out.data, wanted[i]);
		str_fini(&out);
	}
}

static void
changes_messages_alone(void **state)
{
	const struct xml *iq = bed_xml(*state, NS_CLIENT,
				       "<iq type='set'><body/></iq>");
	const struct ruling ruling = {
		.kind = RULING_MODIFY, .body = "new",
	};
	struct error err;
	struct xml *el;

	assert_int_equal(amendment_make(*state, iq, &ruling, &el, &err), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(changes_what_can_be_changed),
		BED_ARENA_TEST(adds_something_besides),
		BED_ARENA_TEST(changes_messages_alone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_amendment", tests, NULL,
					   NULL);
}
