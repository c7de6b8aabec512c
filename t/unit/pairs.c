#include "t/bench/pairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <expat.h>
#include <string.h>

#include "shared/error.h"
#include "t/bench/element.h"
#include "t/bench/latency.h"

#define JID(n) "u000000" #n "@example.net/r"
#define MESSAGE(number, from, to) \
	"<message from='" JID(from) "' id='b0000000" #number "' " \
	"type='chat' to='" JID(to) "'><body>0000000" #number \
	" people &lt; a few &amp; \"nobody\", \xc3\xa4\xe2\x82\xac, " \
	"not a word of which is new to anybody</body></message>"

static struct latency latency;

static const char *
take(struct pairs *pairs, unsigned person, const char *text)
{
	static const char *const jids[] = { JID(0), JID(1), JID(2), JID(3) };
	XML_Parser expat = XML_ParserCreate("UTF-8");
	struct element el;
	const char *wrong;

	ensure(element_read(expat, text, strlen(text), &el) == 0);
	wrong = pairs_read(pairs, person, jids[person], &el, 2.0, &latency);
	XML_ParserFree(expat);
	return wrong;
}

/* Each has written two messages. */
static struct pairs *
some_pairs(void)
{
	struct pairs *pairs = pairs_new("example.net", 4);
	struct str out = { 0 };

	for (unsigned i = 0; i < 4; i++) {
		str_clear(&out);
		assert_int_equal(pairs_write(pairs, 1.0, &out), i % 2 * 2);
	}
	assert_non_null(strstr(out.data, "to='" JID(3) "' type='chat' "
					 "id='b00000001'"));
	assert_int_equal(pairs_sent(pairs), 4);
	str_fini(&out);
	return pairs;
}

static void
counts_what_is_right(void **state)
{
	struct pairs *pairs = some_pairs();

	(void)state;
	latency = (struct latency){ 0 };
	assert_null(take(pairs, 3, MESSAGE(0, 2, 3)));
	assert_null(take(pairs, 1, MESSAGE(0, 0, 1)));
	assert_null(take(pairs, 1, MESSAGE(1, 0, 1)));
	assert_int_equal(pairs_missing(pairs), 1);
	assert_null(take(pairs, 0, "<presence from='" JID(0) "'/>"));
	assert_null(take(pairs, 3, MESSAGE(1, 2, 3)));
	assert_int_equal(pairs_missing(pairs), 0);
	assert_int_equal(latency.count, 4);
	pairs_free(&pairs);
}

/* For person 1. */
static const char *const wrong[] = {
	MESSAGE(1, 0, 1),		/* too early */
	MESSAGE(2, 0, 1),		/* never sent */
	MESSAGE(0, 2, 1),		/* from another */
	MESSAGE(0, 0, 3),		/* for another */
	"<message from='" JID(0) "' id='b00000000' type='chat' to='" JID(1)
	"'><body>00000000 other</body></message>",
	"<message from='" JID(0) "' type='error' to='" JID(1) "'/>",
	"<iq from='" JID(0) "' type='error' to='" JID(1) "'/>",
};

static void
finds_what_is_wrong(void **state)
{
	struct pairs *pairs = some_pairs();

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		if (take(pairs, 1, wrong[i]) == NULL)
			fail_msg("%s", wrong[i]);
	}
	assert_non_null(take(pairs, 2, MESSAGE(0, 3, 2)));
	assert_null(take(pairs, 1, MESSAGE(0, 0, 1)));
	assert_non_null(take(pairs, 1, MESSAGE(0, 0, 1)));
	pairs_free(&pairs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_is_right),
		cmocka_unit_test(finds_what_is_wrong),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
