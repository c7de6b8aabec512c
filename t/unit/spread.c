#include "t/bench/spread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define REQUEST(list, stanzas) \
	"<iq id='q1' type='set' from='muc.example' to='example'>" \
	"<fanout xmlns='urn:x-annex:0'><to>" list "</to>" stanzas \
	"</fanout></iq>"
#define ONE(stanza) \
	"<forwarded xmlns='urn:xmpp:forward:0'>" stanza "</forwarded>"
#define M "<message from='r@muc.example' xmlns='jabber:client' id='1'/>"
#define N "<message from='r@muc.example' xmlns='jabber:client'>x</message>"

static const struct {
	const char *request;
	const char *copies;	/* NULL: it is wrong */
} cases[] = {
	{ REQUEST("a@b", ONE(M)),
	  "<message from='r@muc.example' to='a@b' id='1'/>" },
	{ REQUEST("a@b\nc@d/e", ONE(M) ONE(N)),
	  "<message from='r@muc.example' to='a@b' id='1'/>"
	  "<message from='r@muc.example' to='a@b'>x</message>"
	  "<message from='r@muc.example' to='c@d/e' id='1'/>"
	  "<message from='r@muc.example' to='c@d/e'>x</message>" },
	{ REQUEST("", ONE(M)), NULL },
	{ REQUEST("a@b\n\nc@d", ONE(M)), NULL },
	{ REQUEST("a@b", ""), NULL },
	{ REQUEST("a@b", ONE("<message from='r@muc.example'/>")), NULL },
};

static void
copies_each_for_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *text = cases[i].request;
		struct str out = { 0 };
		int ret = spread_copy(text, strlen(text), &out);

		assert_true(spread_is(text, strlen(text)));
		assert_int_equal(ret, cases[i].copies != NULL ? 0 : -1);
		if (ret == 0)
			assert_string_equal(out.data, cases[i].copies);
		str_fini(&out);
	}
}

static void
knows_a_request(void **state)
{
	static const char *const others[] = {
		"", "<iq id='", M,
		"<iq id='1' type='get' from='muc.example' to='example'/>",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_false(spread_is(others[i], strlen(others[i])));
}

static void
answers(void **state)
{
	static const char text[] = REQUEST("a@b", ONE(M));
	struct str out = { 0 };

	(void)state;
	spread_answer(text, sizeof(text) - 1, "muc.example", &out);
	assert_string_equal(out.data, "<iq type='result' id='q1' "
			    "from='example' to='muc.example'/>");
	str_fini(&out);
}

static void
greets(void **state)
{
	struct str out = { 0 };

	(void)state;
	spread_greet(&out, "muc.example");
	assert_string_equal(out.data, "<message from='example' "
			    "to='muc.example'><hello xmlns='urn:x-annex:0' "
			    "version='0' epoch='1' hooks='fanout' "
			    "credit='64' stanza-bytes='524288'/></message>");
	str_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_each_for_each),
		cmocka_unit_test(knows_a_request),
		cmocka_unit_test(answers),
		cmocka_unit_test(greets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("spread", tests, NULL, NULL);
}
