#include "components/archive/format/mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/str.h"

#define NOON 1795953600000000	/* 2026-11-29T12:00:00Z */
#define BOUNDARY "=_annex_069368b4f5f267e4d071dda66fb491bf"

static const struct archive_row plain = {
	.mark = { .serial = 1, .stamp = NOON, .uid = "u-1",
		  .ways = ARCHIVE_SENT | ARCHIVE_RECEIVED },
	.type = ARCHIVE_CHAT, .sender = "r@a", .recipient = "j@b",
	.resource = "orchard", .to_resource = "", .body = "one\ntwo",
};

static const struct mail_style usual = { .eol = "\r\n", .headers = "" };

static char *
print(const struct archive_row *row, bool mbox)
{
	struct arena *arena = arena_new();
	struct str out = { 0 };

	if (mbox)
		mail_print_mbox(&out, arena, row, "");
	else
		mail_print(&out, arena, row, &usual);
	arena_free(&arena);
	return out.data;
}

/* So that programs show it beneath that one. */
static void
answers_what_it_is_about(void **state)
{
	struct archive_row row = plain;
	char *text;

	(void)state;
	row.relation = ARCHIVE_EDIT;
	row.about = "a0";
	row.original = "u 0";
	text = print(&row, false);
	assert_non_null(strstr(text, "\r\nMessage-ID: <u-1@annex.invalid>\r\n"
			       "In-Reply-To: <u=200@annex.invalid>\r\n"
			       "References: <u=200@annex.invalid>\r\n"));
	assert_non_null(strstr(text, "\r\nX-XMPP-Relation: edit\r\n"));
	free(text);
}

static void
is_mail(void **state)
{
	char *text = print(&plain, false);

	(void)state;
	assert_string_equal(text,
		"Date: Sun, 29 Nov 2026 12:00:00 +0000\r\n"
		"From: r@a\r\n"
		"To: j@b\r\n"
		"Message-ID: <u-1@annex.invalid>\r\n"
		"X-XMPP-From: r@a/orchard\r\n"
		"X-XMPP-To: j@b\r\n"
		"X-XMPP-Type: chat\r\n"
		"X-XMPP-Copies: sent, received\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: 8bit\r\n"
		"\r\n"
		"one\r\ntwo\r\n");
	free(text);
}

static const struct {
	const char *jid, *wanted;
} addresses[] = {
	{ "j.k@b", "From: j.k@b\r\n" },
	{ ".j@b", "From: \".j\"@b\r\n" },
	{ "j..k@b", "From: \"j..k\"@b\r\n" },
	{ "j,k@b", "From: \"j,k\"@b\r\n" },
	{ "j\\20k@b", "From: \"j\\\\20k\"@b\r\n" },
	{ "j\xc3\xbc@b", "From: j\xc3\xbc@b\r\n" },
	{ "gate.b", "From: \"gate.b\":;\r\n" },
	{ "j@xn--i-7iq.ws", "From: j@xn--i-7iq.ws\r\n" },
	{ "j@b, k@b", "From: \"j@b, k@b\":;\r\n" },
};

static void
has_addresses_of_mail(void **state)
{
	struct archive_row row = plain;

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		char *text;

		row.sender = addresses[i].jid;
		text = print(&row, false);
		if (strstr(text, addresses[i].wanted) == NULL)
			fail_msg("%s: %s", addresses[i].jid, text);
		free(text);
	}
}

static void
lets_nobody_add_headers(void **state)
{
	struct archive_row row = plain;
	char *text;

	(void)state;
	row.mark.uid = "a>\r\nBcc: x";
	row.subject = "s\r\nBcc: x";
	row.thread = "t\nBcc: x";
	row.id = "i\nBcc: x";
	row.resource = "r Bcc: x";
	text = print(&row, false);
	assert_null(strstr(text, "\nBcc:"));
	assert_null(strstr(text, "\r\r"));
	assert_non_null(strstr(text, "Message-ID: <a=3E=0D=0ABcc=3A=20x@"));
	free(text);
}

static void
has_the_stanza_where_there_is_more_than_a_body(void **state)
{
	struct archive_row row = plain;
	char *text;

	(void)state;
	row.rest = "<x xmlns='y'/>";
	text = print(&row, false);
	assert_non_null(strstr(text, "Content-Type: multipart/mixed; "
			       "boundary=\"=_annex\"\r\n\r\n"
			       "--=_annex\r\nContent-Type: text/plain"));
	assert_non_null(strstr(text, "\r\n\r\none\r\ntwo\r\n--=_annex\r\n"
			       "Content-Type: application/xml"));
	/* "<message xmlns" */
	assert_non_null(strstr(text, "\r\n\r\nPG1lc3NhZ2UgeG1sbnM"));
	assert_non_null(strstr(text, "\r\n--=_annex--\r\n"));
	free(text);
}

static void
has_copies_for_those_who_were_shown_it(void **state)
{
	struct archive_row row = plain;
	struct arena *arena = arena_new();
	struct str out = { 0 };

	(void)state;
	row.type = ARCHIVE_GROUPCHAT;
	row.recipient = "room@c";
	mail_print_mbox(&out, arena, &row, "j@b\nk\xc3\xbc@b\nr@a");
	assert_non_null(strstr(out.data, "\nTo: room@c\nCc: j@b,\n "
			       "k\xc3\xbc@b,\n r@a\nMessage-ID: "));
	str_clear(&out);
	mail_add_audience(&out, "", &usual);
	assert_int_equal(out.len, 0);
	str_fini(&out);
	arena_free(&arena);
}

/* Servers cut what is longer. */
static void
has_no_header_without_end(void **state)
{
	struct str lines = { 0 }, out = { 0 };
	size_t count = 0;
	const char *more;

	(void)state;
	for (int i = 10000; i < 20000; i++)
		str_addf(&lines, "somebody%d@example.org\n", i);
	mail_add_audience(&out, lines.data, &usual);
	for (const char *at = out.data; (at = strchr(at, '@')) != NULL; at++)
		count++;
	assert_int_equal(count, 10000);
	assert_ptr_equal(strstr(out.data, "Cc: somebody10000@example.org,\r\n"
				" somebody10001@"), out.data);
	more = strstr(out.data, ".org\r\nX-XMPP-Shown: somebody");
	assert_non_null(more);
	assert_true(more - out.data < 70000);
	assert_null(strstr(more, "Cc: "));
	assert_string_equal(out.data + out.len - 6, ".org\r\n");
	str_fini(&lines);
	str_fini(&out);
}

static void
has_all_bodies_in_its_text(void **state)
{
	struct archive_row row = plain;
	char *text;

	(void)state;
	row.rest = "<body xml:lang='x'>three</body>";
	text = print(&row, false);
	assert_non_null(strstr(text, "\r\n\r\none\r\ntwo\r\nthree\r\n"
			       "--=_annex\r\n"));
	free(text);
}

/* The digest was made by sha256sum. */
static void
has_a_boundary_that_is_not_in_the_body(void **state)
{
	struct archive_row row = plain;
	char *text;

	(void)state;
	row.rest = "<x xmlns='y'/>";
	row.body = "--=_annex\n--=_annex_0\n";
	text = print(&row, false);
	assert_non_null(strstr(text, "boundary=\"" BOUNDARY "\"\r\n\r\n"
			       "--" BOUNDARY "\r\nContent-Type: text"));
	assert_non_null(strstr(text, "\r\n\r\n--=_annex\r\n--=_annex_0\r\n"
			       "--" BOUNDARY "\r\nContent-Type: app"));
	assert_non_null(strstr(text, "\r\n--" BOUNDARY "--\r\n"));
	free(text);
}

static void
encodes_a_body_that_is_no_text_of_lines(void **state)
{
	struct archive_row row = plain;
	char *text;

	(void)state;
	row.body = "a\rb";
	text = print(&row, false);
	assert_non_null(strstr(text, "Content-Transfer-Encoding: base64\r\n"
			       "\r\nYQ1i\r\n"));
	free(text);
}

static void
quotes_lines_of_an_mbox(void **state)
{
	struct archive_row row = plain;
	char *text;

	(void)state;
	row.body = "From me\n>From you\n>>From all\nFromage\n From\nFrom";
	text = print(&row, true);
	assert_ptr_equal(strstr(text, "From MAILER-DAEMON Sun Nov 29 12:00:00 "
				"2026\nDate: "), text);
	assert_non_null(strstr(text, "\n\n>From me\n>>From you\n>>>From all\n"
			       "Fromage\n From\nFrom\n\n"));
	assert_null(strchr(text, '\r'));
	free(text);
}

/* Somebody else has changed it. */
static void
has_what_is_no_stanza_any_more(void **state)
{
	struct archive_row row = plain;
	char *text;

	(void)state;
	row.rest = "<x";
	text = print(&row, false);
	assert_ptr_equal(strstr(text, "X-XMPP-Damaged: "), text);
	assert_non_null(strstr(text, "Content-Type: application/octet-stream\r"
			       "\nContent-Disposition: attachment; "
			       "filename=\"rest.txt\"\r\n"
			       "Content-Transfer-Encoding: base64\r\n\r\n"
			       "PHg=\r\n"));
	free(text);
	text = print(&row, true);
	assert_non_null(strstr(text, "\nX-XMPP-Damaged: "));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_what_it_is_about),
		cmocka_unit_test(is_mail),
		cmocka_unit_test(has_addresses_of_mail),
		cmocka_unit_test(lets_nobody_add_headers),
		cmocka_unit_test(
			has_the_stanza_where_there_is_more_than_a_body),
		cmocka_unit_test(has_copies_for_those_who_were_shown_it),
		cmocka_unit_test(has_no_header_without_end),
		cmocka_unit_test(has_all_bodies_in_its_text),
		cmocka_unit_test(has_a_boundary_that_is_not_in_the_body),
		cmocka_unit_test(encodes_a_body_that_is_no_text_of_lines),
		cmocka_unit_test(has_what_is_no_stanza_any_more),
		cmocka_unit_test(quotes_lines_of_an_mbox),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_mail", tests, NULL, NULL);
}
