#include "shared/mam_metadata.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	struct mam_metadata metadata;
	const char *text;
} cases[] = {
	{ { "YWxwaGEg", "b21lZ2Eg", INT64_C(1219439344000000),
	    INT64_C(1587393261250999) },
	  "<metadata xmlns='urn:xmpp:mam:2'>"
	  "<start id='YWxwaGEg' timestamp='2008-08-22T21:09:04Z'/>"
	  "<end id='b21lZ2Eg' timestamp='2020-04-20T14:34:21.250Z'/>"
	  "</metadata>" },
	{ { "a", "a", INT64_C(1219439344000000), INT64_C(1219439344000000) },
	  "<metadata xmlns='urn:xmpp:mam:2'>"
	  "<start id='a' timestamp='2008-08-22T21:09:04Z'/>"
	  "<end id='a' timestamp='2008-08-22T21:09:04Z'/></metadata>" },
	{ { NULL, NULL, 0, 0 }, "<metadata xmlns='urn:xmpp:mam:2'/>" },
};

static void
writes_metadata(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str out = { 0 };

		xml_print(&out, mam_metadata_new(*state, &cases[i].metadata),
			  "");
		assert_string_equal(out.data, cases[i].text);
		str_fini(&out);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(writes_metadata),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mam_metadata", tests, NULL, NULL);
}
