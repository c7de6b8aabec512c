#include "components/archive/journaling/smtp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/error.h"
#include "shared/str.h"
#include "t/lib/peer.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MAIL "Subject: s\r\n\r\n.one\r\ntwo\r\n"
#define LATE_MS 50

struct bed {
	uv_loop_t loop;
	struct peer peer;
	struct str url;
	struct smtp_plan plan;
	struct smtp *smtp;
};

struct outcome {
	int done;
	enum smtp_outcome what;
	char why[300];
};

static int
setup(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	uv_loop_init(&bed->loop);
	peer_init(&bed->peer, &bed->loop);
	str_addf(&bed->url, "smtp://127.0.0.1:%u", bed->peer.port);
	bed->plan = (struct smtp_plan){
		.server = bed->url.data, .ca = "", .cert = "", .key = "",
		.user = "", .password = "", .from = "annex@a", .to = "j@b",
		.connections = 1, .timeout_ms = 10000,
	};
	bed->smtp = smtp_new(&bed->loop, &bed->plan);
	*state = bed;
	return 0;
}

static int
teardown(void **state)
{
	struct bed *bed = *state;
	int ret;

	smtp_free(&bed->smtp);
	peer_fini(&bed->peer);
	uv_run(&bed->loop, UV_RUN_DEFAULT);
	ret = uv_loop_close(&bed->loop);
	str_fini(&bed->url);
	free(bed);
	return ret;
}

static void
on_done(void *ctx, enum smtp_outcome what, const char *why)
{
	struct outcome *outcome = ctx;

	assert_true((why == NULL) == (what == SMTP_TAKEN));
	outcome->done++;
	outcome->what = what;
	if (why != NULL)
		strncpy(outcome->why, why, sizeof(outcome->why) - 1);
}

static void
give(struct bed *bed, struct outcome *outcome)
{
	struct str mail = { 0 };

	str_addz(&mail, MAIL);
	smtp_send(bed->smtp, &mail, on_done, outcome);
	assert_null(mail.data);
	assert_int_equal(outcome->done, 0);
}

static void
expect(struct bed *bed, struct outcome *outcome, enum smtp_outcome what)
{
	peer_wait(&bed->peer, &outcome->done, 0);
	assert_int_equal(outcome->done, 1);
	assert_int_equal(outcome->what, what);
}

static void
greet(struct bed *bed)
{
	peer_accept(&bed->peer);
	peer_send(&bed->peer, "220 here\r\n");
	peer_expect(&bed->peer, "EHLO ");
	peer_send(&bed->peer, "250-here\r\n250 SIZE 100000\r\n");
}

/* It takes its leave, and waits for the answer to that. */
static void
part(struct bed *bed)
{
	peer_expect(&bed->peer, "QUIT\r\n");
	peer_send(&bed->peer, "221 bye\r\n");
}

static void
take_head(struct bed *bed)
{
	peer_expect(&bed->peer, "MAIL FROM:<annex@a>");
	peer_send(&bed->peer, "250 ok\r\n");
	peer_expect(&bed->peer, "RCPT TO:<j@b>\r\n");
	peer_send(&bed->peer, "250 ok\r\n");
	peer_expect(&bed->peer, "DATA\r\n");
	peer_send(&bed->peer, "354 go on\r\n");
}

/* A line that begins with a dot has two. */
static void
take_mail(struct bed *bed, const char *answer)
{
	take_head(bed);
	peer_expect(&bed->peer, "Subject: s\r\n\r\n..one\r\ntwo\r\n.\r\n");
	peer_send(&bed->peer, answer);
}

static void
gives_mails_on_one_connection(void **state)
{
	struct bed *bed = *state;
	struct outcome first = { 0 }, second = { 0 };

	give(bed, &first);
	give(bed, &second);
	greet(bed);
	take_mail(bed, "250 taken\r\n");
	expect(bed, &first, SMTP_TAKEN);
	take_mail(bed, "250 taken\r\n");
	expect(bed, &second, SMTP_TAKEN);
}

static const struct {
	const char *answer;
	enum smtp_outcome what;
} ends[] = {
	{ "554 not this one\r\n", SMTP_REFUSED },
	{ "451 not this one\r\n", SMTP_DEFERRED },
	{ "nonsense\r\n", SMTP_DEFERRED },
};

static void
tells_what_is_said_of_a_mail(void **state)
{
	struct bed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct outcome outcome = { 0 };

		smtp_free(&bed->smtp);
		bed->smtp = smtp_new(&bed->loop, &bed->plan);
		give(bed, &outcome);
		greet(bed);
		take_mail(bed, ends[i].answer);
		peer_hang_up(&bed->peer);
		expect(bed, &outcome, ends[i].what);
		assert_true(ends[i].answer[0] == 'n' ||
			    strncmp(outcome.why, ends[i].answer,
				    strlen(outcome.why)) == 0);
	}
}

static void
takes_a_size_that_is_refused_for_the_mails(void **state)
{
	struct bed *bed = *state;
	struct outcome outcome = { 0 };

	give(bed, &outcome);
	greet(bed);
	peer_expect(&bed->peer, "SIZE=");
	peer_send(&bed->peer, "552 too large\r\n");
	part(bed);
	expect(bed, &outcome, SMTP_REFUSED);
	assert_string_equal(outcome.why, "552 too large");
}

/* How far the server goes along before it says that; or, NULL, hangs up. */
static const struct {
	const char *greeting, *mail, *recipient;
} failures[] = {
	{ NULL, NULL, NULL },
	{ "220 here\r\n", "550 not you\r\n", NULL },
	{ "220 here\r\n", NULL, NULL },
	{ "220 here\r\n", "250 ok\r\n", "550 not for him\r\n" },
	{ "220 here\r\n", "250 ok\r\n", "450 busy\r\n" },
	{ "220 here\r\n", "250 ok\r\n", NULL },
};

static void
answer(struct bed *bed, const char *text)
{
	if (text != NULL)
		peer_send(&bed->peer, text);
	else
		peer_hang_up(&bed->peer);
	if (text != NULL && text[0] != '2' && text[0] != '3')
		part(bed);
}

static void
play(struct bed *bed, size_t i)
{
	peer_accept(&bed->peer);
	answer(bed, failures[i].greeting);
	if (failures[i].greeting == NULL)
		return;
	peer_expect(&bed->peer, "EHLO ");
	peer_send(&bed->peer, "250 here\r\n");
	peer_expect(&bed->peer, "MAIL FROM:");
	answer(bed, failures[i].mail);
	if (failures[i].mail == NULL || failures[i].mail[0] != '2')
		return;
	peer_expect(&bed->peer, "RCPT TO:");
	answer(bed, failures[i].recipient);
}

static void
tells_that_a_server_fails(void **state)
{
	struct bed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
		struct outcome outcome = { 0 };

		smtp_free(&bed->smtp);
		bed->smtp = smtp_new(&bed->loop, &bed->plan);
		give(bed, &outcome);
		play(bed, i);
		expect(bed, &outcome, SMTP_FAILED);
		assert_string_not_equal(outcome.why, "");
	}
}

static void
tells_that_a_server_wants_nobody(void **state)
{
	struct bed *bed = *state;
	struct outcome outcome = { 0 };

	give(bed, &outcome);
	peer_accept(&bed->peer);
	peer_send(&bed->peer, "554 go away\r\n");
	expect(bed, &outcome, SMTP_FAILED);
	assert_string_equal(outcome.why, "554 go away");
}

static void
tells_that_nobody_is_there(void **state)
{
	struct bed *bed = *state;
	struct outcome outcome = { 0 };

	bed->plan.server = "smtp://127.0.0.1:1";
	smtp_free(&bed->smtp);
	bed->smtp = smtp_new(&bed->loop, &bed->plan);
	give(bed, &outcome);
	expect(bed, &outcome, SMTP_FAILED);
}

/* Before it was given the mail, and after that. */
static void
gives_up_in_time(void **state)
{
	struct bed *bed = *state;
	struct outcome before = { 0 }, after = { 0 };

	bed->plan.timeout_ms = LATE_MS;
	smtp_free(&bed->smtp);
	bed->smtp = smtp_new(&bed->loop, &bed->plan);
	give(bed, &before);
	expect(bed, &before, SMTP_FAILED);
	assert_string_equal(before.why, "no answer in time");
	bed->plan.timeout_ms = 1000;
	smtp_free(&bed->smtp);
	bed->smtp = smtp_new(&bed->loop, &bed->plan);
	/* The one before. */
	peer_accept(&bed->peer);
	give(bed, &after);
	greet(bed);
	take_head(bed);
	expect(bed, &after, SMTP_DEFERRED);
}

/* A server may close the connection whenever it likes between two mails. */
static void
connects_anew(void **state)
{
	struct bed *bed = *state;
	struct outcome first = { 0 }, second = { 0 };

	give(bed, &first);
	greet(bed);
	take_mail(bed, "250 taken\r\n");
	expect(bed, &first, SMTP_TAKEN);
	peer_hang_up(&bed->peer);
	give(bed, &second);
	greet(bed);
	take_mail(bed, "250 taken\r\n");
	expect(bed, &second, SMTP_TAKEN);
}

static void
wants_tls_where_it_is_to_be(void **state)
{
	struct bed *bed = *state;
	struct outcome outcome = { 0 };

	bed->plan.starttls = true;
	smtp_free(&bed->smtp);
	bed->smtp = smtp_new(&bed->loop, &bed->plan);
	give(bed, &outcome);
	greet(bed);
	expect(bed, &outcome, SMTP_FAILED);
}

static void
ends_with_a_mail_on_its_way(void **state)
{
	struct bed *bed = *state;
	struct outcome outcomes[3] = { { 0 } };

	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
		give(bed, &outcomes[i]);
	greet(bed);
	take_head(bed);
	smtp_free(&bed->smtp);
	assert_null(bed->smtp);
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
		assert_int_equal(outcomes[i].done, 0);
}

static const struct {
	const char *server, *from, *to, *user, *password;
	bool starttls, good;
} plans[] = {
	{ "smtps://m.example", "a@b", "c@d", "", "", true, true },
	{ "smtps://m.example", "a@b", "c@d", "", "", false, true },
	{ "smtp://m.example:587", "a@b", "c@d", "u", "p", true, true },
	{ "smtp://m.example", "a@b", "c@d", "", "", false, false },
	{ "smtp://localhost", "a@b", "c@d", "", "", false, true },
	{ "smtp://127.0.0.1:25", "a@b", "c@d", "u", "p", false, true },
	{ "https://m.example", "a@b", "c@d", "", "", true, false },
	{ "m.example", "a@b", "c@d", "", "", true, false },
	{ "smtps://u:p@m.example", "a@b", "c@d", "", "", true, false },
	{ "smtps://m.example", "", "c@d", "", "", true, false },
	{ "smtps://m.example", "a@b", "c", "", "", true, false },
	{ "smtps://m.example", "a@b", "@d", "", "", true, false },
	{ "smtps://m.example", "a@b", "c@", "", "", true, false },
	{ "smtps://m.example", "a@b", "c@d> NOTIFY=NEVER", "", "", true,
	  false },
	{ "smtps://m.example", "a@b\r\nQUIT", "c@d", "", "", true, false },
	{ "smtps://m.example", "a@b", "c@d", "u", "", true, false },
	{ "smtps://m.example", "a@b", "c@d", "", "p", true, false },
};

static void
checks_where_mail_goes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(plans); i++) {
		const struct smtp_plan plan = {
			.server = plans[i].server, .ca = "", .cert = "",
			.key = "", .from = plans[i].from, .to = plans[i].to,
			.user = plans[i].user, .password = plans[i].password,
			.starttls = plans[i].starttls,
		};
		struct error err = { 0 };

		if (smtp_check(&plan, &err) != (plans[i].good ? 0 : -1))
			fail_msg("case %zu: %s", i, err.text);
	}
}

#define BED_TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(gives_mails_on_one_connection),
		BED_TEST(tells_what_is_said_of_a_mail),
		BED_TEST(takes_a_size_that_is_refused_for_the_mails),
		BED_TEST(tells_that_a_server_fails),
		BED_TEST(tells_that_a_server_wants_nobody),
		BED_TEST(tells_that_nobody_is_there),
		BED_TEST(gives_up_in_time),
		BED_TEST(connects_anew),
		BED_TEST(wants_tls_where_it_is_to_be),
		BED_TEST(ends_with_a_mail_on_its_way),
		cmocka_unit_test(checks_where_mail_goes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_smtp", tests, NULL, NULL);
}
