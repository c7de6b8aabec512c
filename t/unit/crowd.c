#include "t/bench/crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "shared/error.h"

#define PEOPLE 3
#define TO(n) "'u000000" #n "@example.net/r'"
#define REST " people &lt; a few &amp; &quot;nobody&quot;, " \
	     "\xc3\xa4\xe2\x82\xac, not a word of which is new to anybody"
#define COPY(number, nick, n) \
	"<message from='room000000@muc.example/n0000" #nick "' id='b0000000" \
	#number "' type='groupchat' to=" TO(n) "><body>0000000" #number \
	REST "</body></message>"

static long
take(struct crowd *crowd, const char *text, struct str *out)
{
	return crowd_read(crowd, text, strlen(text), out);
}

static void
take_all(struct crowd *crowd, const char *text, struct str *out)
{
	assert_int_equal(take(crowd, text, out), strlen(text));
}

static void
presence(struct crowd *crowd, int of, int to, struct str *out)
{
	struct str text = { 0 };

	str_addf(&text, "<presence from='room000000@muc.example/n0000%d' "
			"to='u000000%d@example.net/r'><x>%s</x></presence>",
		 of, to, of == to ? "<status code='110'/>" : "");
	take_all(crowd, text.data, out);
	str_fini(&text);
}

static void
subject(struct crowd *crowd, int to, struct str *out)
{
	struct str text = { 0 };

	str_addf(&text, "<message type='groupchat' to='u000000%d@example.net"
			"/r'><subject/></message>", to);
	take_all(crowd, text.data, out);
	str_fini(&text);
}

/* All are in one room and have sent two messages. */
static struct crowd *
a_crowd(struct str *out)
{
	struct crowd *crowd = crowd_new("muc.example", 1, PEOPLE);

	crowd_enter(crowd, out);
	assert_non_null(strstr(out->data, "to='room000000@muc.example/n"));
	presence(crowd, 0, 0, out);
	assert_non_null(strstr(out->data, "<iq type='set' id='c000000'"));
	take_all(crowd, "<iq type='result' id='c000000' to=" TO(0) "/>",
		 out);
	for (int i = 1; i < PEOPLE; i++) {
		for (int j = 0; j < i; j++) {
			presence(crowd, j, i, out);
			presence(crowd, i, j, out);
		}
		assert_false(crowd_is_in(crowd));
		presence(crowd, i, i, out);
	}
	assert_true(crowd_is_in(crowd));
	for (int i = 0; i < PEOPLE; i++) {
		assert_false(crowd_saw_all(crowd));
		subject(crowd, i, out);
	}
	assert_true(crowd_saw_all(crowd));
	crowd_talk(crowd, out);
	crowd_talk(crowd, out);
	assert_int_equal(crowd_missing(crowd), 2 * PEOPLE);
	return crowd;
}

static void
counts_what_is_right(void **state)
{
	static const char all[] = COPY(0, 0, 2) COPY(0, 0, 0) COPY(0, 0, 1)
				  COPY(1, 1, 0) COPY(1, 1, 1) COPY(1, 1, 2);
	struct str out = { 0 };
	struct crowd *crowd = a_crowd(&out);

	(void)state;
	assert_int_equal(take(crowd, all, &out), sizeof(all) - 1);
	assert_int_equal(crowd_missing(crowd), 0);
	assert_int_equal(crowd_count(crowd).deliveries, 2 * PEOPLE);
	/* Nine presences, three subjects, an IQ and one message were read;
	   the second message is as foreseen. */
	assert_int_equal(crowd_count(crowd).parsed, 9 + 3 + 1 + 1);
	crowd_free(&crowd);
	str_fini(&out);
}

static void
takes_any_pieces(void **state)
{
	static const char all[] = COPY(0, 0, 0) COPY(0, 0, 1) COPY(0, 0, 2)
				  COPY(1, 1, 0) COPY(1, 1, 1) COPY(1, 1, 2);
	struct str out = { 0 };

	(void)state;
	for (size_t size = 1; size < 300; size += 7) {
		struct crowd *crowd = a_crowd(&out);
		size_t begin = 0;

		for (size_t end = 0; end < sizeof(all) - 1;) {
			end += size;
			if (end > sizeof(all) - 1)
				end = sizeof(all) - 1;
			begin += (size_t)crowd_read(crowd, all + begin,
						    end - begin, &out);
		}
		assert_int_equal(begin, sizeof(all) - 1);
		assert_int_equal(crowd_missing(crowd), 0);
		crowd_free(&crowd);
	}
	str_fini(&out);
}

#define FANOUT(number, nick, list) \
	"<iq id='f1' type='set' from='muc.example' to='example'>" \
	"<fanout xmlns='urn:x-annex:0'><to>" list "</to><forwarded " \
	"xmlns='urn:xmpp:forward:0'><message from='room000000@muc.example/" \
	"n0000" #nick "' xmlns='jabber:client' id='b0000000" #number "' " \
	"type='groupchat'><body>0000000" #number REST "</body></message>" \
	"</forwarded></fanout></iq>"
#define ADDRESS(n) "u000000" #n "@example.net/r"

static void
counts_what_is_spread(void **state)
{
	static const char all[] =
		FANOUT(0, 0, ADDRESS(0) "\n" ADDRESS(1) "\n" ADDRESS(2))
		COPY(1, 1, 0)
		FANOUT(1, 1, ADDRESS(1) "\n" ADDRESS(2));
	struct str out = { 0 };
	struct crowd *crowd = a_crowd(&out);

	(void)state;
	str_clear(&out);
	assert_int_equal(take(crowd, all, &out), sizeof(all) - 1);
	assert_int_equal(crowd_missing(crowd), 0);
	assert_int_equal(crowd_count(crowd).fanouts, 2);
	assert_string_equal(out.data,
		"<iq type='result' id='f1' from='example' to='muc.example'/>"
		"<iq type='result' id='f1' from='example' to='muc.example'/>");
	crowd_free(&crowd);
	str_fini(&out);
}

/* Each after the right copies of the first message. */
static const char *const wrong[] = {
	COPY(0, 0, 0),				/* again */
	COPY(1, 1, 3),				/* nobody */
	COPY(1, 0, 0),				/* another sender */
	COPY(2, 2, 0),				/* never sent */
	COPY(1, 1, 0) COPY(1, 1, 0),		/* twice */
	"<message from='room000000@muc.example/n00001' id='b00000001' "
	"type='groupchat' to=" TO(0) "><body>00000001 other</body></message>",
	"<message from='room000000@muc.example/n00001' id='b00000001' "
	"type='error' to=" TO(0) "/>",
	"<message from='room000000@muc.example/n00001' id='b00000001' "
	"type='groupchat' to=" TO(0) "><body>&nbsp;</body></message>",
	"<message><body></message></body>",
	"<message type='groupchat' to=" TO(0) "><subject/></message>",
	"<presence type='error' to=" TO(0) "/>",
	"<iq type='error' id='c000000' to=" TO(0) "/>",
	"<stream:error xmlns:stream='x'/>",
	FANOUT(1, 1, ADDRESS(0) "\n" ADDRESS(0)),	/* twice */
	FANOUT(1, 1, ""),
};

static void
finds_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct str out = { 0 };
		struct crowd *crowd = a_crowd(&out);

		take_all(crowd, COPY(0, 0, 0) COPY(0, 0, 1) COPY(0, 0, 2),
			 &out);
		if (take(crowd, wrong[i], &out) != -1)
			fail_msg("%s", wrong[i]);
		crowd_free(&crowd);
		str_fini(&out);
	}
}

/* Among copies that are as foreseen. */
static void
finds_what_is_wrong_later(void **state)
{
	struct str out = { 0 };
	struct crowd *crowd = a_crowd(&out);

	(void)state;
	take_all(crowd, COPY(0, 0, 0) COPY(0, 0, 1) COPY(0, 0, 2)
			COPY(1, 1, 0), &out);
	assert_int_equal(take(crowd, COPY(1, 1, 0), &out), -1);
	crowd_free(&crowd);
	str_fini(&out);
}

static void
comes_and_goes(void **state)
{
	static const char old[] =
		"<message type='groupchat' id='h' to=" TO(0) "><body>x</body>"
		"<delay/></message>";
	static const char gone[] =
		"<presence type='unavailable' to=" TO(0) "><x>"
		"<status code='110'/></x></presence>";
	static const char other[] =
		"<presence type='unavailable' to=" TO(0) "/>";
	struct str out = { 0 };
	struct crowd *crowd = crowd_new("muc.example", 1, 1);

	(void)state;
	crowd_visit(crowd);
	crowd_enter(crowd, &out);
	presence(crowd, 0, 0, &out);
	assert_false(crowd_is_in(crowd));
	str_clear(&out);
	take_all(crowd, "<iq type='result' id='c000000' to=" TO(0) "/>",
		 &out);
	assert_true(crowd_is_in(crowd));
	assert_string_equal(out.data, "<presence type='unavailable' from="
			    TO(0) " to='room000000@muc.example/n00000'/>");
	take_all(crowd, old, &out);
	assert_int_equal(crowd_count(crowd).history, 1);
	subject(crowd, 0, &out);
	/* History comes before the subject. */
	assert_int_equal(take(crowd, old, &out), -1);

	take_all(crowd, other, &out);
	assert_false(crowd_is_out(crowd));
	take_all(crowd, gone, &out);
	assert_true(crowd_is_out(crowd));
	assert_int_equal(take(crowd, gone, &out), -1);
	crowd_free(&crowd);
	str_fini(&out);
}

static void
answers_the_component(void **state)
{
	struct str out = { 0 };
	struct crowd *crowd = a_crowd(&out);
	static const char ping[] = "<iq type='get' id='p' from='muc.example' "
				   "to='muc.example'/>";

	(void)state;
	str_clear(&out);
	take_all(crowd, ping, &out);
	assert_string_equal(out.data, ping);
	str_clear(&out);
	take_all(crowd, "<iq type='get' id='q' from='muc.example' "
			"to='a@b'><x/></iq>", &out);
	assert_string_equal(out.data, "<iq type='result' id='q' from='a@b' "
				      "to='muc.example'/>");
	assert_int_equal(crowd_count(crowd).asked, 0);
	for (int i = 0; i < 2; i++)
		take_all(crowd, "<iq type='get' id='r' from='muc.example' "
				"to=" TO(1) "/>", &out);
	assert_int_equal(crowd_count(crowd).asked, 1);
	crowd_free(&crowd);
	str_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_is_right),
		cmocka_unit_test(counts_what_is_spread),
		cmocka_unit_test(takes_any_pieces),
		cmocka_unit_test(finds_what_is_wrong),
		cmocka_unit_test(finds_what_is_wrong_later),
		cmocka_unit_test(comes_and_goes),
		cmocka_unit_test(answers_the_component),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
