#include "components/archive/mail.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "components/archive/mime.h"
#include "components/archive/record.h"
#include "shared/archive_about.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/digest.h"
#include "shared/str.h"

/* Longer ones are no addresses of mail, and would not fit in a line. */
#define ADDRESS_MAX 320
#define BOUNDARY_SIZE 48

static struct tm
time_of(const struct archive_row *row)
{
	time_t secs = (time_t)(row->mark.stamp / CLOCK_SECOND);
	struct tm tm;

	gmtime_r(&secs, &tm);
	return tm;
}

/* Not those of the locale. */
static const char *
day_of(const struct tm *tm)
{
	return &"SunMonTueWedThuFriSat"[3 * tm->tm_wday];
}

static const char *
month_of(const struct tm *tm)
{
	return &"JanFebMarAprMayJunJulAugSepOctNovDec"[3 * tm->tm_mon];
}

/* What needs no quotes in an address; bytes of UTF-8 are like letters (RFC 6532
   section 3.2). */
static bool
is_atom(char c)
{
	return (unsigned char)c >= 0x80 || isalnum((unsigned char)c) ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool
is_dot_atom(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_atom(text[i]) &&
		    (text[i] != '.' || i == 0 || i + 1 == len ||
		     text[i + 1] == '.'))
			return false;
	return len > 0;
}

static void
add_quoted(struct str *out, const char *text, size_t len)
{
	str_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			str_addc(out, '\\');
		str_addc(out, text[i]);
	}
	str_addc(out, '"');
}

static void
add_local(struct str *out, const char *text, size_t len)
{
	if (is_dot_atom(text, len))
		str_add(out, text, len);
	else
		add_quoted(out, text, len);
}

/* Who is no mailbox, as a component, is a group of none (RFC 6854). */
static void
add_address(struct str *out, const char *jid)
{
	const char *at = strchr(jid, '@');

	if (strlen(jid) > ADDRESS_MAX) {
		str_addz(out, "\"too long for mail\":;");
	} else if (at == NULL) {
		add_quoted(out, jid, strlen(jid));
		str_addz(out, ":;");
	} else {
		add_local(out, jid, (size_t)(at - jid));
		str_addz(out, at);
	}
}

/* The uid with all else than letters and digits as =XX; routers' own are
   such. */
static void
add_message_id(struct str *out, const char *name, const char *uid,
	       const char *eol)
{
	str_addf(out, "%s: <", name);
	for (const char *c = uid; *c != '\0'; c++)
		if (isalnum((unsigned char)*c) || *c == '-' || *c == '_')
			str_addc(out, *c);
		else
			str_addf(out, "=%02X", (unsigned char)*c);
	str_addf(out, "@annex.invalid>%s", eol);
}

static void
add_if_there(struct str *out, const char *name, const char *text,
	     const char *eol)
{
	if (text != NULL && *text != '\0')
		mime_add_header(out, name, text, eol);
}

static void
add_envelope(struct str *out, struct arena *arena,
	     const struct archive_row *row, const char *eol)
{
	struct tm tm = time_of(row);

	str_addf(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000%s",
		 day_of(&tm), tm.tm_mday, month_of(&tm), tm.tm_year + 1900,
		 tm.tm_hour, tm.tm_min, tm.tm_sec, eol);
	str_addz(out, "From: ");
	add_address(out, row->sender);
	str_addf(out, "%sTo: ", eol);
	add_address(out, row->recipient);
	str_addz(out, eol);
	add_message_id(out, "Message-ID", row->mark.uid, eol);
	if (row->original != NULL) {
		add_message_id(out, "In-Reply-To", row->original, eol);
		add_message_id(out, "References", row->original, eol);
	}
	add_if_there(out, "Subject", row->subject, eol);
	mime_add_header(out, "X-XMPP-From", record_from(arena, row), eol);
	mime_add_header(out, "X-XMPP-To", record_to(arena, row), eol);
	mime_add_header(out, "X-XMPP-Type", record_type(row), eol);
	add_if_there(out, "X-XMPP-Id", row->id, eol);
	add_if_there(out, "X-XMPP-Thread", row->thread, eol);
	add_if_there(out, "X-XMPP-Relation",
		     archive_about_name(row->relation), eol);
	str_addf(out, "MIME-Version: 1.0%s", eol);
}

static void
add_body(struct str *out, const char *body, const char *eol)
{
	bool plain = mime_is_plain(body);

	str_addf(out, "Content-Type: text/plain; charset=utf-8%s"
		 "Content-Transfer-Encoding: %s%s%s", eol,
		 plain ? "8bit" : "base64", eol, eol);
	if (plain)
		mime_add_lines(out, body, eol);
	else
		mime_add_base64(out, body, strlen(body), eol);
}

/* The boundary has what is in no base64. */
static void
add_parts(struct str *out, const char *body, const char *stanza,
	  const char *boundary, const char *eol)
{
	str_addf(out, "Content-Type: multipart/mixed; boundary=\"%s\"%s%s"
		 "--%s%s", boundary, eol, eol, boundary, eol);
	add_body(out, body, eol);
	str_addf(out, "--%s%sContent-Type: application/xml; charset=utf-8%s"
		 "Content-Disposition: attachment; filename=\"stanza.xml\"%s"
		 "Content-Transfer-Encoding: base64%s%s", boundary, eol, eol,
		 eol, eol, eol);
	mime_add_base64(out, stanza, strlen(stanza), eol);
	str_addf(out, "--%s--%s", boundary, eol);
}

/* One that is not in the body: nobody can put a digest of all that he writes
   into it. */
static void
name_boundary(const char *body, char boundary[BOUNDARY_SIZE])
{
	char text[DIGEST_TEXT_SIZE];
	struct digest *digest;

	snprintf(boundary, BOUNDARY_SIZE, "=_annex");
	if (strstr(body, boundary) == NULL)
		return;
	digest = digest_new();
	digest_add(digest, body, strlen(body));
	snprintf(boundary, BOUNDARY_SIZE, "=_annex_%.32s",
		 digest_end(&digest, text));
}

void
mail_print(struct str *out, struct arena *arena,
	   const struct archive_row *row, const char *eol)
{
	const char *body = row->body != NULL ? row->body : "";
	const char *stanza = row->rest == NULL ? NULL :
			     record_stanza(arena, row);
	char boundary[BOUNDARY_SIZE];

	add_envelope(out, arena, row, eol);
	if (stanza == NULL) {
		add_body(out, body, eol);
		return;
	}
	name_boundary(body, boundary);
	add_parts(out, body, stanza, boundary, eol);
}

/* A line that begins with "From ", behind any number of ">", gets one more. */
static bool
is_to_be_quoted(const char *line)
{
	return strncmp(line + strspn(line, ">"), "From ", 5) == 0;
}

void
mail_print_mbox(struct str *out, struct arena *arena,
		const struct archive_row *row)
{
	struct tm tm = time_of(row);
	struct str mail = { 0 };
	const char *line, *end;

	mail_print(&mail, arena, row, "\n");
	str_addf(out, "From MAILER-DAEMON %.3s %.3s %2d %02d:%02d:%02d %d\n",
		 day_of(&tm), month_of(&tm), tm.tm_mday, tm.tm_hour,
		 tm.tm_min, tm.tm_sec, tm.tm_year + 1900);
	for (line = mail.data; (end = strchr(line, '\n')) != NULL;
	     line = end + 1) {
		if (is_to_be_quoted(line))
			str_addc(out, '>');
		str_add(out, line, (size_t)(end - line) + 1);
	}
	str_addc(out, '\n');
	str_fini(&mail);
}
