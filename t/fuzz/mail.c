/*
 * A message is mail whatever is in it: no line is too long, and only we write
 * headers.  So it is in an mbox and, of ASCII alone, in what is mailed; and the
 * other formats take it as well.
 */
#include "components/archive/format/mail.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "components/archive/format/format.h"
#include "components/archive/journaling/letter.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINE_MAX_BYTES 998

/* What is between two bytes of this is a text of the message. */
#define SEPARATOR '\x01'
enum { SENDER, UID, ID, SUBJECT, THREAD, BODY, REST, TEXTS };

static void
read_texts(struct arena *arena, const uint8_t *data, size_t size,
	   const char *texts[TEXTS])
{
	for (size_t i = 0; i < TEXTS; i++) {
		const uint8_t *end = size == 0 ? NULL :
				     memchr(data, SEPARATOR, size);
		size_t len = end != NULL ? (size_t)(end - data) : size;

		texts[i] = arena_dup(arena, (const char *)data, len);
		data += len + (end != NULL);
		size -= len + (end != NULL);
	}
}

/* NULL: there is none. */
static const char *
or_none(const char *text)
{
	return *text != '\0' ? text : NULL;
}

static bool
is_header(const char *line)
{
	static const char *const names[] = {
		"Date: ", "From: ", "To: ", "Cc: ", "Message-ID: ", "Subject: ",
		"X-XMPP-", "MIME-Version: ", "Content-", "Sender: ",
		"References: ", " ",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(line, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static bool
is_ascii(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] >= 0x80)
			return false;
	return true;
}

/* Lines, of which those of the head are headers. */
static void
check_lines(struct str *out, bool ascii)
{
	bool headers = true;
	const char *line;

	ensure(strlen(out->data) == out->len);
	for (line = out->data; *line != '\0';) {
		size_t len = strcspn(line, "\r\n");

		ensure(len <= LINE_MAX_BYTES);
		ensure(!ascii || is_ascii(line, len));
		ensure(strncmp(line + len, "\r\n", 2) == 0);
		headers = headers && len > 0;
		ensure(!headers || is_header(line));
		line += len + 2;
	}
	ensure(!headers);
	str_clear(out);
}

static void
check_mail(struct arena *arena, const struct archive_row *row)
{
	const struct archive_row rows[] = { *row, *row };
	const char *const audiences[] = {
		row->sender, arena_printf(arena, "a@b\n%s", row->sender),
	};
	const struct letter letter = { "j@a", rows, audiences, 2 };
	struct str out = { 0 };

	mail_print(&out, arena, row, &(struct mail_style){
		.eol = "\r\n", .headers = "", .audience = audiences[1] });
	check_lines(&out, false);
	letter_print(&out, arena, &letter);
	check_lines(&out, true);
	letter_print_window(&out, arena, &letter);
	check_lines(&out, true);
	str_fini(&out);
}

/* Behind the first line none looks like the beginning of another. */
static void
check_mbox(struct arena *arena, const struct archive_row *row)
{
	struct str out = { 0 };

	mail_print_mbox(&out, arena, row, row->sender);
	ensure(strncmp(out.data, "From ", 5) == 0);
	ensure(strstr(out.data, "\nFrom ") == NULL);
	ensure(strcmp(out.data + out.len - 2, "\n\n") == 0);
	str_fini(&out);
}

static void
check_other(struct arena *arena, const struct archive_row *row,
	    const char *name, const char *end)
{
	struct str out = { 0 };

	format_find(name)->print(&out, arena, &(struct format_item){
		row, "j@b\nr@a" });
	ensure(strcmp(out.data + out.len - strlen(end), end) == 0);
	str_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const struct jid *jid = NULL;
	const char *texts[TEXTS];
	struct archive_row row;
	struct error err;

	read_texts(arena, data, size, texts);
	if (jid_parsez(arena, texts[SENDER], &jid, &err) < 0)
		ensure(jid_parsez(arena, "a@b/c", &jid, &err) == 0);
	row = (struct archive_row){
		.mark = { .serial = 256, .stamp = 1, .uid = texts[UID] },
		.type = ARCHIVE_CHAT, .sender = jid->bare, .recipient = "a@b",
		.resource = jid->resource, .to_resource = "",
		.id = or_none(texts[ID]), .subject = or_none(texts[SUBJECT]),
		.thread = or_none(texts[THREAD]),
		.body = or_none(texts[BODY]), .rest = or_none(texts[REST]),
	};
	if (strlen(row.mark.uid) <= ARCHIVE_UID_MAX) {
		check_mail(arena, &row);
		check_mbox(arena, &row);
		check_other(arena, &row, "csv", "\"\r\n");
		check_other(arena, &row, "jsonl", "}\n");
	}
	arena_free(&arena);
	return 0;
}
