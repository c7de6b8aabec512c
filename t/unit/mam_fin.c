#include "shared/mam_fin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define RSM "xmlns='http://jabber.org/protocol/rsm'"

static const struct {
	struct mam_fin fin;
	const char *text;
} cases[] = {
	{ { .page = { "28482", "09af3", 0, 20 } },
	  "<fin xmlns='urn:xmpp:mam:2'><set " RSM ">"
	  "<first index='0'>28482</first><last>09af3</last>"
	  "<count>20</count></set></fin>" },
	{ { .complete = true, .page = { "23452", "390-2", -1, -1 } },
	  "<fin xmlns='urn:xmpp:mam:2' complete='true'><set " RSM ">"
	  "<first>23452</first><last>390-2</last></set></fin>" },
	{ { .unstable = true, .page = { "a", "a", 16, -1 } },
	  "<fin xmlns='urn:xmpp:mam:2' stable='false'><set " RSM ">"
	  "<first index='16'>a</first><last>a</last></set></fin>" },
	{ { true, true, { "a", "b", -1, 2 } },
	  "<fin xmlns='urn:xmpp:mam:2' complete='true' stable='false'>"
	  "<set " RSM "><first>a</first><last>b</last><count>2</count>"
	  "</set></fin>" },
	/* Of nothing, and of <max>0</max>. */
	{ { .complete = true, .page = { NULL, NULL, -1, -1 } },
	  "<fin xmlns='urn:xmpp:mam:2' complete='true'><set " RSM "/>"
	  "</fin>" },
	{ { .page = { NULL, NULL, 0, 800 } },
	  "<fin xmlns='urn:xmpp:mam:2'><set " RSM "><count>800</count>"
	  "</set></fin>" },
};

static void
writes_ends(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str out = { 0 };

		xml_print(&out, mam_fin_new(*state, &cases[i].fin), "");
		assert_string_equal(out.data, cases[i].text);
		str_fini(&out);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(writes_ends),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mam_fin", tests, NULL, NULL);
}
