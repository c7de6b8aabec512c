#include "shared/mam_result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* 2010-07-10T23:08:25Z */
#define STAMP INT64_C(1278803305000000)

#define MESSAGE \
	"<message from='romeo@montague.lit/orchard' " \
	"to='juliet@capulet.lit/balcony' type='chat'>" \
	"<body>Call me but love, &amp; I&apos;ll be new baptized</body>" \
	"<active xmlns='http://jabber.org/protocol/chatstates'/></message>"

#define FORWARDED(stamp, message) \
	"<forwarded xmlns='urn:xmpp:forward:0'>" \
	"<delay xmlns='urn:xmpp:delay' stamp='" stamp "'/>" message \
	"</forwarded>"

static const struct {
	struct mam_result result;
	const char *message;
	const char *text;	/* of <result/> */
} cases[] = {
	{ { "f27", "28482-98726-73623", STAMP, NULL }, MESSAGE,
	  "<result xmlns='urn:xmpp:mam:2' queryid='f27' "
	  "id='28482-98726-73623'>"
	  FORWARDED("2010-07-10T23:08:25Z",
		    "<message xmlns='jabber:client' "
		    "from='romeo@montague.lit/orchard' "
		    "to='juliet@capulet.lit/balcony' type='chat'>"
		    "<body>Call me but love, &amp; I&apos;ll be new "
		    "baptized</body><active "
		    "xmlns='http://jabber.org/protocol/chatstates'/>"
		    "</message>") "</result>" },
	{ { NULL, "1", STAMP + 1999, NULL }, "<message/>",
	  "<result xmlns='urn:xmpp:mam:2' id='1'>"
	  FORWARDED("2010-07-10T23:08:25.001Z",
		    "<message xmlns='jabber:client'/>") "</result>" },
	{ { "", "<1>", STAMP, NULL }, "<message/>",
	  "<result xmlns='urn:xmpp:mam:2' queryid='' id='&lt;1&gt;'>"
	  FORWARDED("2010-07-10T23:08:25Z",
		    "<message xmlns='jabber:client'/>") "</result>" },
	/* Removed. */
	{ { "f27", "1", STAMP, NULL }, NULL,
	  "<result xmlns='urn:xmpp:mam:2' queryid='f27' id='1'>"
	  FORWARDED("2010-07-10T23:08:25Z", "") "</result>" },
};

static void
writes_results(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mam_result result = cases[i].result;
		struct str expected = { 0 }, out = { 0 };

		if (cases[i].message != NULL)
			result.message = bed_xml(*state, NS_CLIENT,
						 cases[i].message);
		xml_print(&out, mam_result_new(*state, "juliet@capulet.lit",
					       "juliet@capulet.lit/chamber",
					       &result), NS_CLIENT);
		str_addf(&expected, "<message from='juliet@capulet.lit' "
			 "to='juliet@capulet.lit/chamber'>%s</message>",
			 cases[i].text);
		assert_string_equal(out.data, expected.data);
		str_fini(&expected);
		str_fini(&out);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(writes_results),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mam_result", tests, NULL, NULL);
}
