#include "components/archive/format/mail.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "components/archive/format/mime.h"
#include "components/archive/format/record.h"
#include "shared/archive_about.h"
#include "shared/archive_texts.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/digest.h"
#include "shared/str.h"

/* Longer ones are no addresses of mail, and would not fit in a line. */
#define ADDRESS_MAX 320
/* Postfix cuts a header behind 102400 (header_size_limit). */
#define HEADER_BYTES 65536

static struct tm
time_of(int64_t stamp)
{
	time_t secs = (time_t)(stamp / CLOCK_SECOND);
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

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* The others that a domain may have in XMPP would end the address. */
static bool
is_mail_domain(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x80 &&
		    !isalnum((unsigned char)*text) &&
		    strchr("-._", *text) == NULL)
			return false;
	return true;
}

/* Who is no mailbox, as a component, is a group of none (RFC 6854). */
static void
add_group(struct str *out, const char *jid, bool ascii)
{
	if (ascii && !is_ascii(jid))
		mime_add_words(out, jid, " ");
	else
		add_quoted(out, jid, strlen(jid));
	str_addz(out, ":;");
}

void
mail_add_address(struct str *out, const char *jid, bool ascii)
{
	const char *at = strchr(jid, '@');

	if (strlen(jid) > ADDRESS_MAX) {
		str_addz(out, "\"too long for mail\":;");
	} else if (at == NULL || !is_mail_domain(at + 1) ||
		   (ascii && !is_ascii(jid))) {
		add_group(out, jid, ascii);
	} else {
		add_local(out, jid, (size_t)(at - jid));
		str_addz(out, at);
	}
}

void
mail_add_id(struct str *out, const char *id)
{
	str_addc(out, '<');
	for (const char *c = id; *c != '\0'; c++)
		if (isalnum((unsigned char)*c) || *c == '-' || *c == '_')
			str_addc(out, *c);
		else
			str_addf(out, "=%02X", (unsigned char)*c);
	str_addz(out, "@annex.invalid>");
}

static void
add_if_there(struct str *out, const char *name, const char *text,
	     const char *eol)
{
	if (text != NULL && *text != '\0')
		mime_add_header(out, name, text, eol);
}

void
mail_add_date(struct str *out, int64_t stamp, const char *eol)
{
	struct tm tm = time_of(stamp);

	str_addf(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000%s",
		 day_of(&tm), tm.tm_mday, month_of(&tm), tm.tm_year + 1900,
		 tm.tm_hour, tm.tm_min, tm.tm_sec, eol);
}

void
mail_add_audience(struct str *out, const char *lines,
		  const struct mail_style *style)
{
	const char *eol = style->eol;
	size_t begin = 0;	/* of a header's addresses */

	while (*lines != '\0') {
		size_t len = strcspn(lines, "\n");
		struct str jid = { 0 };

		if (begin > 0 && out->len - begin < HEADER_BYTES) {
			str_addf(out, ",%s ", eol);
		} else {
			str_addz(out, begin == 0 ? "Cc: " : eol);
			str_addz(out, begin == 0 ? "" : "X-XMPP-Shown: ");
			begin = out->len;
		}
		str_add(&jid, lines, len);
		mail_add_address(out, jid.data, style->ascii);
		str_fini(&jid);
		lines += len + (lines[len] != '\0');
	}
	if (begin > 0)
		str_addz(out, eol);
}

static void
add_who(struct str *out, const struct archive_row *row,
	const struct mail_style *style)
{
	str_addz(out, "From: ");
	mail_add_address(out, row->sender, style->ascii);
	str_addf(out, "%sTo: ", style->eol);
	mail_add_address(out, row->recipient, style->ascii);
	str_addz(out, style->eol);
	if (style->audience != NULL)
		mail_add_audience(out, style->audience, style);
	str_addz(out, "Message-ID: ");
	mail_add_id(out, row->mark.uid);
	str_addz(out, style->eol);
}

/* Those that it is said to refer to, and last the one that it is about. */
static void
add_references(struct str *out, const struct archive_row *row,
	       const struct mail_style *style)
{
	const char *others = style->references;

	if (row->original != NULL) {
		str_addz(out, "In-Reply-To: ");
		mail_add_id(out, row->original);
		str_addz(out, style->eol);
	}
	if (row->original == NULL && others == NULL)
		return;
	str_addf(out, "References: %s", others != NULL ? others : "");
	if (row->original != NULL && others != NULL)
		str_addf(out, "%s ", style->eol);
	if (row->original != NULL)
		mail_add_id(out, row->original);
	str_addz(out, style->eol);
}

static void
add_envelope(struct str *out, struct arena *arena,
	     const struct archive_row *row, const struct mail_style *style)
{
	const char *eol = style->eol;
	bool named = row->subject != NULL && *row->subject != '\0';

	mail_add_date(out, row->mark.stamp, eol);
	add_who(out, row, style);
	add_references(out, row, style);
	add_if_there(out, "Subject", named ? row->subject : style->subject,
		     eol);
	str_addz(out, style->headers);
	mime_add_header(out, "X-XMPP-From", record_from(arena, row), eol);
	mime_add_header(out, "X-XMPP-To", record_to(arena, row), eol);
	mime_add_header(out, "X-XMPP-Type", record_type(row), eol);
	add_if_there(out, "X-XMPP-Copies", record_copies_line(arena, row),
		     eol);
	add_if_there(out, "X-XMPP-Id", row->id, eol);
	add_if_there(out, "X-XMPP-Thread", row->thread, eol);
	add_if_there(out, "X-XMPP-Relation",
		     archive_about_name(row->relation), eol);
	str_addf(out, "MIME-Version: 1.0%s", eol);
}

void
mail_add_body(struct str *out, const char *body,
	      const struct mail_style *style)
{
	const char *eol = style->eol;
	bool plain = mime_is_plain(body) && (!style->ascii || is_ascii(body));

	str_addf(out, "Content-Type: text/plain; charset=utf-8%s"
		 "Content-Transfer-Encoding: %s%s%s", eol,
		 !plain ? "base64" : style->ascii ? "7bit" : "8bit", eol, eol);
	if (plain)
		mime_add_lines(out, body, eol);
	else
		mime_add_base64(out, body, strlen(body), eol);
}

/* What is attached: the stanza, or what is left of it. */
struct part {
	const char *type, *name;
	const char *text;	/* NULL: there is none */
};

static struct part
part_of(struct arena *arena, const struct archive_row *row)
{
	struct part part = { "application/xml; charset=utf-8", "stanza.xml",
			     NULL };

	if (row->rest == NULL)
		return part;
	part.text = record_stanza(arena, row);
	if (part.text == NULL)
		part = (struct part){ "application/octet-stream", "rest.txt",
				      row->rest };
	return part;
}

/* The boundary has what is in no base64. */
static void
add_parts(struct str *out, const char *body, const struct part *part,
	  const struct mail_style *style)
{
	const char *eol = style->eol;
	char boundary[MAIL_BOUNDARY_SIZE];

	mail_name_boundary("=_annex", &body, 1, boundary);
	str_addf(out, "Content-Type: multipart/mixed; boundary=\"%s\"%s%s"
		 "--%s%s", boundary, eol, eol, boundary, eol);
	mail_add_body(out, body, style);
	str_addf(out, "--%s%sContent-Type: %s%s"
		 "Content-Disposition: attachment; filename=\"%s\"%s"
		 "Content-Transfer-Encoding: base64%s%s", boundary, eol,
		 part->type, eol, part->name, eol, eol, eol);
	mime_add_base64(out, part->text, strlen(part->text), eol);
	str_addf(out, "--%s--%s", boundary, eol);
}

static bool
is_in_any(const char *text, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strstr(texts[i], text) != NULL)
			return true;
	return false;
}

void
mail_name_boundary(const char *begin, const char *const *texts, size_t count,
		   char boundary[MAIL_BOUNDARY_SIZE])
{
	char text[DIGEST_TEXT_SIZE];
	struct digest *digest;

	snprintf(boundary, MAIL_BOUNDARY_SIZE, "%s", begin);
	if (!is_in_any(boundary, texts, count))
		return;
	digest = digest_new();
	for (size_t i = 0; i < count; i++)
		digest_add(digest, texts[i], strlen(texts[i]));
	snprintf(boundary, MAIL_BOUNDARY_SIZE, "%s_%.32s", begin,
		 digest_end(&digest, text));
}

bool
mail_print(struct str *out, struct arena *arena,
	   const struct archive_row *row, const struct mail_style *style)
{
	const char *bodies = archive_texts_bodies(arena, row);
	const char *body = bodies != NULL ? bodies : "";
	const struct part part = part_of(arena, row);
	bool whole = part.text != row->rest || part.text == NULL;

	if (!whole)
		str_addf(out, "X-XMPP-Damaged: what is stored of the stanza "
			 "is no XML%s", style->eol);
	add_envelope(out, arena, row, style);
	if (part.text == NULL)
		mail_add_body(out, body, style);
	else
		add_parts(out, body, &part, style);
	return whole;
}

/* A line that begins with "From ", behind any number of ">", gets one more. */
static bool
is_to_be_quoted(const char *line)
{
	return strncmp(line + strspn(line, ">"), "From ", 5) == 0;
}

bool
mail_print_mbox(struct str *out, struct arena *arena,
		const struct archive_row *row, const char *audience)
{
	struct tm tm = time_of(row->mark.stamp);
	struct str mail = { 0 };
	const char *line, *end;
	bool whole = mail_print(&mail, arena, row, &(struct mail_style){
		.eol = "\n", .headers = "", .audience = audience });

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
	return whole;
}
