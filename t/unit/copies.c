#include "t/bench/copies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define ACK(seq) \
	"<message from='c.example' to='example.net'>" \
	"<ack xmlns='urn:x-annex:0' seq='" seq "'/></message>"

static long
take(struct copies *copies, const char *text)
{
	struct str out = { 0 };
	long used = copies_read(copies, text, strlen(text), &out);

	str_fini(&out);
	return used < 0 ? -1 : used - (long)strlen(text);
}

/* Three were sent. */
static struct copies *
some_copies(struct str *out)
{
	struct copies *copies = copies_new("c.example", "example.net", 2);

	for (unsigned i = 0; i < 3; i++)
		copies_add(copies, out);
	return copies;
}

static void
sends_what_a_shim_does(void **state)
{
	struct str out = { 0 };
	struct copies *copies = some_copies(&out);
	const char *id, *other;

	(void)state;
	id = strstr(out.data, "<tap xmlns='urn:x-annex:0' seq='1' id='");
	assert_non_null(id);
	id += strlen("<tap xmlns='urn:x-annex:0' seq='1' id='");
	assert_int_equal(strcspn(id, "'"), 36);
	other = strstr(id, "seq='2' id='") + strlen("seq='2' id='");
	assert_int_equal(strcspn(other, "'"), 36);
	assert_memory_not_equal(id, other, 8);
	assert_non_null(strstr(out.data, "from='u0000000@example.net/"));
	assert_non_null(strstr(out.data, "to='u0000001@example.net/"));
	copies_free(&copies);
	str_fini(&out);
}

static void
bodies_have_a_hundred_characters(void **state)
{
	struct str out = { 0 };
	struct copies *copies = some_copies(&out);
	const char *body = strstr(out.data, "<body>") + strlen("<body>");

	(void)state;
	assert_int_equal(strcspn(body, "<") - strlen("&amp;") + 1, 100);
	copies_free(&copies);
	str_fini(&out);
}

static void
counts_what_is_acknowledged(void **state)
{
	struct str out = { 0 };
	struct copies *copies = some_copies(&out);

	(void)state;
	assert_int_equal(copies_sent(copies), 3);
	assert_int_equal(copies_waiting(copies), 3);
	assert_int_equal(take(copies, ACK("2")), 0);
	assert_int_equal(copies_waiting(copies), 1);
	assert_int_equal(take(copies, ACK("2") " " ACK("3")), 0);
	assert_int_equal(copies_waiting(copies), 0);
	copies_free(&copies);
	str_fini(&out);
}

static void
answers_and_takes_pieces(void **state)
{
	static const char ping[] = "<iq type='get' id='p' from='c.example' "
				   "to='example.net'><ping/></iq>";
	struct str out = { 0 };
	struct copies *copies = some_copies(&out);

	(void)state;
	str_clear(&out);
	assert_int_equal(copies_read(copies, ping, sizeof(ping) - 2, &out), 0);
	assert_int_equal(copies_read(copies, ping, sizeof(ping) - 1, &out),
			 sizeof(ping) - 1);
	assert_string_equal(out.data, "<iq type='result' id='p' "
				      "from='example.net' to='c.example'/>");
	copies_free(&copies);
	str_fini(&out);
}

/* When three were sent, and two acknowledged. */
static const char *const wrong[] = {
	ACK("1"),
	ACK("4"),
	ACK(""),
	ACK("3x"),
	"<message from='c.example'/>",
	"<presence from='c.example'/>",
	"<iq type='error' id='p' from='c.example'/>",
	"<message><ack></message></ack>",
};

static void
finds_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct str out = { 0 };
		struct copies *copies = some_copies(&out);

		assert_int_equal(take(copies, ACK("2")), 0);
		if (take(copies, wrong[i]) != -1)
			fail_msg("%s", wrong[i]);
		copies_free(&copies);
		str_fini(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_what_a_shim_does),
		cmocka_unit_test(bodies_have_a_hundred_characters),
		cmocka_unit_test(counts_what_is_acknowledged),
		cmocka_unit_test(answers_and_takes_pieces),
		cmocka_unit_test(finds_what_is_wrong),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
