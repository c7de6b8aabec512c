#include "t/bench/mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* Message number n of the user. */
#define MESSAGE(n) \
	"<message xmlns='jabber:client' from='sender@example.net/r' " \
	"to='u0000001@example.net' type='chat' id='b0000000" #n "'>" \
	"<body>0000000" #n " people &lt; a few &amp; \"nobody\", " \
	"\xc3\xa4\xe2\x82\xac, not a word of which is new to anybody</body>" \
	"</message>"
#define ITEM(n) \
	"<item><forwarded><delay/>" MESSAGE(n) "</forwarded></item>"
#define DELIVER(jid, items) \
	"<iq type='set' id='d' from='c' to='h'><deliver jid='" jid "'>" \
	items "</deliver></iq>"
#define JID "u0000001@example.net/r"
#define FORGET(ids) \
	"<message from='c'><forget user='u0000001@example.net'>" ids \
	"</forget></message>"
#define RESULT(n) "<iq type='result' id='s" #n "' from='c' to='h'/>"

static long
take(struct mail *mail, const char *text)
{
	struct str out = { 0 };
	long used = mail_read(mail, text, strlen(text), &out);

	str_fini(&out);
	return used < 0 ? -1 : used - (long)strlen(text);
}

/* Two users have a message each, and both are sent another one. */
static struct mail *
some_mail(void)
{
	struct mail *mail = mail_new("c.example", "example.net", 2, 1);
	struct str out = { 0 };

	mail_store(mail, 0, &out);
	str_clear(&out);
	mail_store(mail, 1, &out);
	assert_non_null(strstr(out.data, "<store xmlns='urn:x-annex:0' "
					 "id='m0000001.00000001' "
					 "user='u0000001@example.net'>"));
	assert_non_null(strstr(out.data, "to='u0000001@example.net' "
					 "type='chat' id='b00000001'"));
	str_fini(&out);
	return mail;
}

static void
counts_what_is_kept(void **state)
{
	struct mail *mail = some_mail();

	(void)state;
	assert_int_equal(mail_waiting(mail), 2);
	assert_int_equal(take(mail, RESULT(1)), 0);
	assert_int_equal(mail_kept(mail), 1);
	assert_int_equal(take(mail, RESULT(1)), -1);
	assert_int_equal(take(mail, RESULT(2)), -1);
	assert_int_equal(take(mail, "<iq type='error' id='s0'/>"), -1);
	assert_int_equal(take(mail, "<iq type='result' id='s0'>"
				    "<store bounce='x'/></iq>"), -1);
	assert_int_equal(take(mail, RESULT(0)), 0);
	assert_int_equal(mail_waiting(mail), 0);
	mail_free(&mail);
}

static void
hands_over_and_forgets(void **state)
{
	struct mail *mail = some_mail();
	struct str out = { 0 };

	(void)state;
	mail_come(mail, 1, &out);
	assert_non_null(strstr(out.data, "<online xmlns='urn:x-annex:0' "
					 "jid='" JID "'>"));
	assert_int_equal(mail_due(mail), 2);
	assert_int_equal(take(mail, DELIVER(JID, ITEM(0))), 0);
	assert_int_equal(take(mail, DELIVER(JID, ITEM(1))), 0);
	assert_int_equal(mail_due(mail), 0);
	assert_int_equal(mail_remembered(mail), 2);
	assert_int_equal(take(mail, FORGET("m0000001.00000000\n"
					   "m0000001.00000001")), 0);
	assert_int_equal(mail_remembered(mail), 0);
	str_clear(&out);
	mail_come(mail, 1, &out);
	assert_int_equal(mail_due(mail), 0);
	mail_free(&mail);
	str_fini(&out);
}

static void
answers_and_takes_pieces(void **state)
{
	static const char text[] = DELIVER(JID, ITEM(0) ITEM(1));
	struct mail *mail = some_mail();
	struct str out = { 0 };

	(void)state;
	mail_come(mail, 1, &out);
	str_clear(&out);
	assert_int_equal(mail_read(mail, text, sizeof(text) - 2, &out), 0);
	assert_int_equal(mail_read(mail, text, sizeof(text) - 1, &out),
			 sizeof(text) - 1);
	assert_string_equal(out.data, "<iq type='result' id='d' from='h' "
				      "to='c'/>");
	assert_int_equal(mail_due(mail), 0);
	mail_free(&mail);
	str_fini(&out);
}

/* When user 1 has come, and has got message number 0. */
static const char *const wrong[] = {
	DELIVER(JID, ITEM(0)),				/* again */
	DELIVER(JID, ITEM(2)),				/* never stored */
	DELIVER(JID, ITEM(1) ITEM(1)),
	DELIVER("u0000000@example.net/r", ITEM(1)),
	DELIVER(JID, "<item><message type='error'/></item>"),
	FORGET("m0000001.00000001"),
	FORGET("m0000000.00000000"),
	FORGET("m0000001.00000000 "),
	"<message from='c'/>",
	"<iq type='set'><deliver></iq></deliver>",
};

static void
finds_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct mail *mail = some_mail();
		struct str out = { 0 };

		mail_come(mail, 1, &out);
		assert_int_equal(take(mail, DELIVER(JID, ITEM(0))), 0);
		if (take(mail, wrong[i]) != -1)
			fail_msg("%s", wrong[i]);
		mail_free(&mail);
		str_fini(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_is_kept),
		cmocka_unit_test(hands_over_and_forgets),
		cmocka_unit_test(answers_and_takes_pieces),
		cmocka_unit_test(finds_what_is_wrong),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
