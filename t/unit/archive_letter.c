#include "components/archive/journaling/letter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/str.h"

#define NOON 1795953600000000	/* 2026-11-29T12:00:00Z */

/* By sha256sum, of "j@b\0r@a\0", of the former's id and "th\0", and of
   "room@c/1\0". */
#define TALK "<talk-c1da1c79047e0882ce7ca56a54fb70cb@annex.invalid>"
#define THREAD "<thread-1fd29300f6fbf8a5beddb0267131878d@annex.invalid>"
#define ROOM "<room-65d7a0670abb50e30404a1db3098ea14@annex.invalid>"
/* Of "u-1\0u-2\0". */
#define WINDOW "<window-b0b122edd700629c4da35cb1c7754a37@annex.invalid>"

static const struct archive_row plain = {
	.mark = { .serial = 257, .stamp = NOON, .uid = "u-1",
		  .ways = ARCHIVE_SENT },
	.type = ARCHIVE_CHAT, .sender = "r@a", .recipient = "j@b",
	.resource = "orchard", .to_resource = "", .body = "one\ntwo",
};

/* Of the first, and of the second. */
static const char *const nobody[] = { "", "" };
static const char *const two[] = { "r@a\nx@y", "k@b\nx@y" };
static const char *const *audiences = nobody;

typedef void print_fn(struct str *out, struct arena *arena,
		      const struct letter *letter);

static char *
print(print_fn *fn, const struct archive_row *rows, size_t count)
{
	const struct letter letter = { "annex@a", rows, audiences, count };
	struct arena *arena = arena_new();
	struct str out = { 0 };

	fn(&out, arena, &letter);
	arena_free(&arena);
	return out.data;
}

static void
is_a_mail_of_one_message(void **state)
{
	char *text = print(letter_print, &plain, 1);

	(void)state;
	assert_string_equal(text,
		"Date: Sun, 29 Nov 2026 12:00:00 +0000\r\n"
		"From: r@a\r\n"
		"To: j@b\r\n"
		"Message-ID: <u-1@annex.invalid>\r\n"
		"References: " TALK "\r\n"
		"Subject: Message from r@a to j@b\r\n"
		"Sender: annex@a\r\n"
		"X-XMPP-Uid: u-1\r\n"
		"X-XMPP-Serial: 257\r\n"
		"X-XMPP-From: r@a/orchard\r\n"
		"X-XMPP-To: j@b\r\n"
		"X-XMPP-Type: chat\r\n"
		"X-XMPP-Copies: sent\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: 7bit\r\n"
		"\r\n"
		"one\r\ntwo\r\n");
	free(text);
}

static void
expect(print_fn *fn, const struct archive_row *row, const char *wanted)
{
	char *text = print(fn, row, 1);

	if (strstr(text, wanted) == NULL)
		fail_msg("no %s in %s", wanted, text);
	free(text);
}

static void
refers_to_its_conversation(void **state)
{
	struct archive_row back = plain, thread = plain, room = plain;

	(void)state;
	back.sender = "j@b";
	back.recipient = "r@a";
	expect(letter_print, &back, "References: " TALK "\r\n");
	thread.thread = "th";
	expect(letter_print, &thread,
	       "References: " TALK "\r\n " THREAD "\r\n");
	room.type = ARCHIVE_GROUPCHAT;
	room.recipient = "room@c/1";
	room.to_resource = "Romeo";
	expect(letter_print, &room, "References: " ROOM "\r\n");
	expect(letter_print, &room, "\r\nX-XMPP-Room: room@c\r\n");
	expect(letter_print, &room, "\r\nTo: room@c\r\n");
	expect(letter_print, &room, "\r\nX-XMPP-To: room@c/Romeo\r\n");
	room.sender = "x@y";
	expect(letter_print, &room, "References: " ROOM "\r\n");
}

static void
tells_what_it_is_about(void **state)
{
	struct archive_row row = plain;

	(void)state;
	row.relation = ARCHIVE_EDIT;
	row.about = "m1";
	expect(letter_print, &row, "\r\nX-XMPP-About: m1\r\n");
	expect(letter_print, &row, "\r\nX-XMPP-Relation: edit\r\n");
	row.original = "u-0";
	expect(letter_print, &row, "In-Reply-To: <u-0@annex.invalid>\r\n"
	       "References: " TALK "\r\n <u-0@annex.invalid>\r\n");
}

static void
says_that_it_is_encrypted(void **state)
{
	struct archive_row row = plain;

	(void)state;
	row.mark.flags = ARCHIVE_ENCRYPTED;
	expect(letter_print, &row, "\r\nX-XMPP-Encrypted: yes\r\n");
}

/* Servers need not know RFC 6532. */
static void
is_of_ascii_alone(void **state)
{
	struct archive_row row = plain;

	(void)state;
	row.sender = "j\xc3\xbc@b";
	row.body = "\xc3\xbc";
	row.subject = "\xc3\xbc";
	expect(letter_print, &row, "From: =?UTF-8?B?asO8QGI=?=:;\r\n");
	expect(letter_print, &row, "Subject: =?UTF-8?B?w7w=?=\r\n");
	expect(letter_print, &row, "Content-Transfer-Encoding: base64\r\n\r\n"
	       "w7w=\r\n");
}

static void
has_all_of_a_window(void **state)
{
	struct archive_row rows[2] = { plain, plain };
	char *text;

	(void)state;
	/* Nobody speaks for another in the text. */
	rows[0].body = "one\ntwo\r\n[x] j@b: yes\rfour";
	rows[1].mark.uid = "u-2";
	rows[1].mark.stamp += 1000000;
	rows[1].sender = "j@b";
	rows[1].recipient = "r@a";
	rows[1].resource = "";
	rows[1].body = NULL;
	rows[1].rest = "<x xmlns='y'/>";
	text = print(letter_print_window, rows, 2);
	assert_ptr_equal(strstr(text,
		"Date: Sun, 29 Nov 2026 12:00:00 +0000\r\n"
		"From: annex@a\r\n"
		"To: r@a,\r\n j@b\r\n"
		"X-XMPP-Participants: r@a, j@b\r\n"
		"Message-ID: " WINDOW "\r\n"
		"Subject: Conversation of r@a and j@b\r\n"
		"References: " TALK "\r\n"
		"X-XMPP-Messages: 2\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed; boundary=\"=_window\"\r\n\r\n"
		"--=_window\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: 7bit\r\n\r\n"
		"[2026-11-29T12:00:00Z] r@a/orchard: one\r\n"
		"\ttwo\r\n\t[x] j@b: yes\r\n\tfour\r\n"
		"[2026-11-29T12:00:01Z] j@b: (no text)\r\n"
		"--=_window\r\n"
		"Content-Type: message/rfc822\r\n\r\n"
		"Date: Sun, 29 Nov 2026 12:00:00 +0000\r\n"
		"From: r@a\r\n"), text);
	assert_non_null(strstr(text, "\r\n--=_annex--\r\n--=_window--\r\n"));
	free(text);
}

static void
tells_who_was_shown_it(void **state)
{
	struct archive_row rows[2] = { plain, plain };
	char *text;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		rows[i].type = ARCHIVE_GROUPCHAT;
		rows[i].recipient = "room@c/1";
	}
	audiences = two;
	expect(letter_print, rows, "\r\nTo: room@c\r\nCc: r@a,\r\n x@y\r\n"
	       "Message-ID: ");
	text = print(letter_print_window, rows, 2);
	audiences = nobody;
	assert_non_null(strstr(text, "\r\nX-XMPP-Participants: r@a, room@c\r\n"
			       "Cc: r@a,\r\n x@y,\r\n k@b\r\nMessage-ID: "));
	assert_non_null(strstr(text, "\r\nTo: room@c\r\nCc: k@b,\r\n x@y\r\n"
			       "Message-ID: "));
	free(text);
}

static void
tells_all_bodies(void **state)
{
	struct archive_row row = plain;

	(void)state;
	row.rest = "<body xml:lang='x'>three</body>";
	expect(letter_print_window, &row, "r@a/orchard: one\r\n\ttwo\r\n"
	       "\tthree\r\n");
}

static void
has_a_boundary_that_nobody_writes(void **state)
{
	struct archive_row row = plain;
	char *text;

	(void)state;
	row.body = "--=_window";
	text = print(letter_print_window, &row, 1);
	assert_null(strstr(text, "boundary=\"=_window\""));
	assert_non_null(strstr(text, "boundary=\"=_window_"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_a_mail_of_one_message),
		cmocka_unit_test(refers_to_its_conversation),
		cmocka_unit_test(tells_what_it_is_about),
		cmocka_unit_test(says_that_it_is_encrypted),
		cmocka_unit_test(is_of_ascii_alone),
		cmocka_unit_test(has_all_of_a_window),
		cmocka_unit_test(tells_who_was_shown_it),
		cmocka_unit_test(tells_all_bodies),
		cmocka_unit_test(has_a_boundary_that_nobody_writes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_letter", tests, NULL,
					   NULL);
}
