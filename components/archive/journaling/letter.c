#include "components/archive/journaling/letter.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <uthash.h>

#include "components/archive/format/mail.h"
#include "components/archive/format/mime.h"
#include "components/archive/format/record.h"
#include "shared/archive_row.h"
#include "shared/archive_texts.h"
#include "shared/arena.h"
#include "shared/digest.h"
#include "shared/str.h"

#define EOL "\r\n"
/* Enough of a digest for an id. */
#define ID_DIGITS 32

/* The address that a room's archive is named by, alone. */
static const char *
room_of(struct arena *arena, const struct archive_row *row)
{
	if (row->type != ARCHIVE_GROUPCHAT)
		return NULL;
	return arena_dup(arena, row->recipient, strcspn(row->recipient, "/"));
}

/* As a search tells it. */
static struct archive_row
shown(struct arena *arena, const struct archive_row *row)
{
	struct archive_row copy = *row;
	const char *room = room_of(arena, row);

	if (room != NULL)
		copy.recipient = room;
	return copy;
}

static const char *
id_of(struct arena *arena, const char *what, const char *const *texts,
      size_t count)
{
	struct digest *digest = digest_new();
	char hex[DIGEST_TEXT_SIZE];

	for (size_t i = 0; i < count; i++)
		digest_add(digest, texts[i], strlen(texts[i]) + 1);
	return arena_printf(arena, "%s-%.*s", what, ID_DIGITS,
			    digest_end(&digest, hex));
}

/* Of two people, whoever speaks; of a room, as long as it is there. */
static const char *
conversation_of(struct arena *arena, const struct archive_row *row)
{
	bool room = row->type == ARCHIVE_GROUPCHAT;
	bool order = strcmp(row->sender, row->recipient) < 0;
	const char *const texts[] = {
		order ? row->sender : row->recipient,
		order ? row->recipient : row->sender,
	};

	return room ? id_of(arena, "room", &row->recipient, 1) :
		      id_of(arena, "talk", texts, 2);
}

static const char *
references_of(struct arena *arena, const struct archive_row *row)
{
	const char *texts[] = { conversation_of(arena, row), row->thread };
	struct str ids = { 0 };
	const char *copy;

	mail_add_id(&ids, texts[0]);
	if (row->thread != NULL && *row->thread != '\0') {
		str_addz(&ids, EOL " ");
		mail_add_id(&ids, id_of(arena, "thread", texts, 2));
	}
	copy = arena_dup(arena, ids.data, ids.len);
	str_fini(&ids);
	return copy;
}

static void
add_room(struct str *out, struct arena *arena, const struct archive_row *row)
{
	const char *room = room_of(arena, row);

	if (room != NULL)
		mime_add_header(out, "X-XMPP-Room", room, EOL);
}

static void
add_message_headers(struct str *out, struct arena *arena,
		    const struct archive_row *row)
{
	add_room(out, arena, row);
	if (row->about != NULL)
		mime_add_header(out, "X-XMPP-About", row->about, EOL);
	mime_add_header(out, "X-XMPP-Uid", row->mark.uid, EOL);
	str_addf(out, "X-XMPP-Serial: %" PRId64 EOL, row->mark.serial);
	if ((row->mark.flags & ARCHIVE_ENCRYPTED) != 0)
		str_addz(out, "X-XMPP-Encrypted: yes" EOL);
}

/* That one of them; headers are those that come first. */
static void
print_message(struct str *out, struct arena *arena,
	      const struct letter *letter, size_t i, const char *headers)
{
	const struct archive_row *row = &letter->rows[i];
	const struct archive_row copy = shown(arena, row);
	struct str more = { 0 };
	struct mail_style style = { .eol = EOL, .ascii = true,
				    .audience = letter->audiences[i] };

	str_addz(&more, headers);
	add_message_headers(&more, arena, row);
	style.headers = more.data;
	style.references = references_of(arena, row);
	style.subject = arena_printf(arena, "Message from %s to %s",
				     copy.sender, copy.recipient);
	mail_print(out, arena, &copy, &style);
	str_fini(&more);
}

void
letter_print(struct str *out, struct arena *arena,
	     const struct letter *letter)
{
	print_message(out, arena, letter, 0,
		      arena_printf(arena, "Sender: %s" EOL, letter->from));
}

/* The bare addresses of all who said something or were spoken to, each
   once. */
static const char **
participants_of(struct arena *arena, const struct letter *letter,
		size_t *count_r)
{
	const char **names = arena_alloc(arena, (2 * letter->count + 1) *
					 sizeof(*names));
	size_t count = 0;

	for (size_t i = 0; i < 2 * letter->count; i++) {
		const struct archive_row row =
			shown(arena, &letter->rows[i / 2]);
		const char *name = i % 2 == 0 ? row.sender : row.recipient;
		size_t j = 0;

		while (j < count && !str_same(names[j], name))
			j++;
		if (j == count)
			names[count++] = name;
	}
	*count_r = count;
	return names;
}

static void
add_participants(struct str *out, struct arena *arena,
		 const struct letter *letter)
{
	struct str list = { 0 };
	const char **names;
	size_t count;

	names = participants_of(arena, letter, &count);
	str_addz(out, "To: ");
	for (size_t i = 0; i < count; i++) {
		str_addz(out, i == 0 ? "" : "," EOL " ");
		mail_add_address(out, names[i], true);
		str_addf(&list, "%s%s", i == 0 ? "" : ", ", names[i]);
	}
	str_addz(out, EOL);
	mime_add_header(out, "X-XMPP-Participants", list.data, EOL);
	str_fini(&list);
}

/* Those who are listed already. */
struct listed {
	const char *jid;
	UT_hash_handle hh;
};

static void
list_once(struct arena *arena, struct listed **all, const char *jid,
	  struct str *lines)
{
	struct listed *one;

	HASH_FIND_STR(*all, jid, one);
	if (one != NULL)
		return;
	one = arena_alloc(arena, sizeof(*one));
	one->jid = jid;
	HASH_ADD_KEYPTR(hh, *all, jid, strlen(jid), one);
	str_addf(lines, "%s\n", jid);
}

/* Those who were shown any of it, each once; they may be thousands. */
static void
add_audience(struct str *out, struct arena *arena,
	     const struct letter *letter)
{
	const struct mail_style style = { .eol = EOL, .ascii = true };
	struct listed *all = NULL;
	struct str lines = { 0 };

	for (size_t i = 0; i < letter->count; i++) {
		const char *line = letter->audiences[i];

		while (*line != '\0') {
			size_t len = strcspn(line, "\n");

			list_once(arena, &all, arena_dup(arena, line, len),
				  &lines);
			line += len + (line[len] != '\0');
		}
	}
	if (lines.len > 0)
		mail_add_audience(out, lines.data, &style);
	HASH_CLEAR(hh, all);
	str_fini(&lines);
}

static const char *
subject_of(struct arena *arena, const struct archive_row *row)
{
	const char *room = room_of(arena, row);

	return room != NULL ?
	       arena_printf(arena, "Conversation in %s", room) :
	       arena_printf(arena, "Conversation of %s and %s", row->sender,
			    row->recipient);
}

static const char *
window_id(struct arena *arena, const struct letter *letter)
{
	const char **uids = arena_alloc(arena, letter->count *
					sizeof(*uids));

	for (size_t i = 0; i < letter->count; i++)
		uids[i] = letter->rows[i].mark.uid;
	return id_of(arena, "window", uids, letter->count);
}

static void
add_envelope(struct str *out, struct arena *arena,
	     const struct letter *letter)
{
	const struct archive_row *first = letter->rows;

	mail_add_date(out, first->mark.stamp, EOL);
	str_addf(out, "From: %s" EOL, letter->from);
	add_participants(out, arena, letter);
	add_audience(out, arena, letter);
	str_addz(out, "Message-ID: ");
	mail_add_id(out, window_id(arena, letter));
	str_addz(out, EOL);
	mime_add_header(out, "Subject", subject_of(arena, first), EOL);
	str_addf(out, "References: %s" EOL, references_of(arena, first));
	add_room(out, arena, first);
	str_addf(out, "X-XMPP-Messages: %zu" EOL "MIME-Version: 1.0" EOL,
		 letter->count);
}

/* Its lines but the first are set in, so that none looks like what another
   said. */
static void
add_said(struct str *out, const char *body)
{
	for (; *body != '\0'; body++) {
		if (*body == '\r' && body[1] == '\n')
			continue;
		if (*body == '\n' || *body == '\r')
			str_addz(out, "\n\t");
		else
			str_addc(out, *body);
	}
}

/* Who said what and when, a message after the other. */
static const char *
transcript_of(struct arena *arena, const struct letter *letter)
{
	struct str text = { 0 };
	const char *copy;

	for (size_t i = 0; i < letter->count; i++) {
		const struct archive_row *row = &letter->rows[i];
		const char *bodies = archive_texts_bodies(arena, row);

		str_addf(&text, "[%s] %s: ", record_sent(arena, row),
			 record_from(arena, row));
		add_said(&text, bodies != NULL ? bodies : "(no text)");
		str_addc(&text, '\n');
	}
	copy = arena_dup(arena, text.data, text.len);
	str_fini(&text);
	return copy;
}

/* The text, and then the mails. */
static const char **
parts_of(struct arena *arena, const struct letter *letter)
{
	const char **parts = arena_alloc(arena, (letter->count + 1) *
					 sizeof(*parts));
	struct str text = { 0 };

	parts[0] = transcript_of(arena, letter);
	for (size_t i = 0; i < letter->count; i++) {
		str_clear(&text);
		print_message(&text, arena, letter, i, "");
		parts[i + 1] = arena_dup(arena, text.data, text.len);
	}
	str_fini(&text);
	return parts;
}

void
letter_print_window(struct str *out, struct arena *arena,
		    const struct letter *letter)
{
	const struct mail_style style = { .eol = EOL, .ascii = true };
	const char **parts = parts_of(arena, letter);
	char boundary[MAIL_BOUNDARY_SIZE];

	mail_name_boundary("=_window", parts, letter->count + 1, boundary);
	add_envelope(out, arena, letter);
	str_addf(out, "Content-Type: multipart/mixed; boundary=\"%s\"" EOL EOL
		 "--%s" EOL, boundary, boundary);
	mail_add_body(out, parts[0], &style);
	for (size_t i = 1; i <= letter->count; i++)
		str_addf(out, "--%s" EOL "Content-Type: message/rfc822" EOL
			 EOL "%s", boundary, parts[i]);
	str_addf(out, "--%s--" EOL, boundary);
}
