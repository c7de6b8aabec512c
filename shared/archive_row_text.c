#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "shared/archive_about.h"
#include "shared/archive_event.h"
#include "shared/archive_hearsay.h"
#include "shared/archive_row-private.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/str.h"

/* Of the text; what was printed by an older program is read as well.  The
   first one had neither the relation nor the last text. */
#define VERSION 2
#define FIRST_VERSION 1
/* Of an event's, which has its kind in place of the type. */
#define EVENT_VERSION 100
/* Of a copy of what was said in a room: what else it tells follows. */
#define HEARSAY_VERSION 101
enum { HEARSAY_SENT = 1, HEARSAY_NAMED = 2, HEARSAY_LATE = 4 };

#define SEEN_WAYS (ARCHIVE_SENT | ARCHIVE_RECEIVED | ARCHIVE_SHOWN)
#define ALL_WAYS (SEEN_WAYS | ARCHIVE_UNSEEN(SEEN_WAYS))
#define ALL_FLAGS ((ARCHIVE_REST_LOST * 2 - 1) | ARCHIVE_NO_ORIGIN)

/* The text is numbers with a blank behind each, the version first, and texts:
   "-" where there is none, or as many bytes as a number and a colon before it
   say. */
struct cursor {
	const char *at, *end;
	bool bad;
};

void
archive_row_texts(struct archive_row *row,
		  const char **texts_r[ARCHIVE_ROW_TEXTS])
{
	const char **const texts[ARCHIVE_ROW_TEXTS] = {
		&row->mark.uid, &row->sender, &row->recipient, &row->resource,
		&row->to_resource, &row->id, &row->lang, &row->subject,
		&row->body, &row->thread, &row->rest, &row->about,
	};

	memcpy(texts_r, texts, sizeof(texts));
}

size_t
archive_row_bytes(const struct archive_row *row)
{
	struct archive_row copy = *row;
	const char **texts[ARCHIVE_ROW_TEXTS];
	size_t bytes = 0;

	archive_row_texts(&copy, texts);
	for (size_t i = 0; i < ARCHIVE_ROW_TEXTS; i++)
		bytes += *texts[i] != NULL ? strlen(*texts[i]) : 0;
	return bytes;
}

static bool
is_marked(const struct archive_mark *mark)
{
	return mark->serial > 0 && mark->stamp >= 0 && mark->uid[0] != '\0' &&
	       strlen(mark->uid) <= ARCHIVE_UID_MAX &&
	       mark->ways <= ALL_WAYS &&
	       (mark->flags & ~(unsigned)ALL_FLAGS) == 0;
}

static bool
is_told(const struct archive_row *row)
{
	const struct archive_hearsay *hearsay = row->hearsay;

	if (hearsay == NULL)
		return true;
	return row->type == ARCHIVE_GROUPCHAT && row->mark.ways > 0 &&
	       (hearsay->sent || *hearsay->hearer != '\0') &&
	       (hearsay->origin == NULL ||
		strlen(hearsay->origin) <= ARCHIVE_HEARSAY_ORIGIN_MAX);
}

/* Or else it is to be carried out, and not to be stored. */
static bool
is_seen(const struct archive_row *row)
{
	return row->mark.ways > 0 || (row->type == ARCHIVE_GROUPCHAT &&
				      row->event == 0 &&
				      row->relation == ARCHIVE_RETRACTION);
}

static bool
is_related(const struct archive_row *row)
{
	if (row->about == NULL)
		return row->relation == ARCHIVE_ABOUT_NONE;
	return row->about[0] != '\0' &&
	       strlen(row->about) <= ARCHIVE_ABOUT_MAX &&
	       archive_about_name(row->relation) != NULL;
}

int
archive_row_check(const struct archive_row *row, struct error *err)
{
	if (!is_marked(&row->mark) || !is_seen(row) ||
	    row->type > ARCHIVE_ERROR || row->event >= ARCHIVE_EVENTS ||
	    row->sender[0] == '\0' || row->recipient[0] == '\0' ||
	    !is_related(row) || !is_told(row))
		return error_set(err, ERROR_BAD_REQUEST,
				 "a message is not marked as it must be");
	if (archive_row_bytes(row) > ARCHIVE_ROW_MAX)
		return error_set(err, ERROR_POLICY_VIOLATION,
				 "a message is too large for the archive");
	return 0;
}

static void
print_text(struct str *out, const char *text)
{
	size_t len;

	if (text == NULL) {
		str_addc(out, '-');
		return;
	}
	len = strlen(text);
	str_addf(out, "%zu:", len);
	str_add(out, text, len);
}

static int
version_of(const struct archive_row *row)
{
	if (row->hearsay != NULL)
		return HEARSAY_VERSION;
	return row->event != 0 ? EVENT_VERSION : VERSION;
}

static void
print_hearsay(struct str *out, const struct archive_hearsay *hearsay)
{
	str_addf(out, "%d ", (hearsay->sent ? HEARSAY_SENT : 0) |
			     (hearsay->named ? HEARSAY_NAMED : 0) |
			     (hearsay->late ? HEARSAY_LATE : 0));
	print_text(out, hearsay->hearer);
	print_text(out, hearsay->origin);
}

void
archive_row_print(struct str *out, const struct archive_row *row)
{
	struct archive_row copy = *row;
	const char **texts[ARCHIVE_ROW_TEXTS];

	archive_row_texts(&copy, texts);
	str_addf(out, "%d %" PRId64 " %" PRId64 " %u %u %u %u ",
		 version_of(row),
		 row->mark.serial, row->mark.stamp, row->mark.ways,
		 row->mark.flags,
		 row->event != 0 ? row->event : (unsigned)row->type,
		 (unsigned)row->relation);
	for (size_t i = 0; i < ARCHIVE_ROW_TEXTS; i++)
		print_text(out, *texts[i]);
	if (row->hearsay != NULL)
		print_hearsay(out, row->hearsay);
}

/* The number at the cursor, which ends with that character. */
static int64_t
read_number(struct cursor *cursor, int64_t max, char end)
{
	const char *start = cursor->at;
	int64_t number = 0;

	while (cursor->at < cursor->end && *cursor->at >= '0' &&
	       *cursor->at <= '9' && number <= (max - 9) / 10)
		number = number * 10 + *cursor->at++ - '0';
	if (cursor->at == start || cursor->at == cursor->end ||
	    *cursor->at++ != end)
		cursor->bad = true;
	return number;
}

static const char *
read_text(struct arena *arena, struct cursor *cursor)
{
	const char *from;
	size_t len;

	if (cursor->at < cursor->end && *cursor->at == '-') {
		cursor->at++;
		return NULL;
	}
	len = (size_t)read_number(cursor, INT32_MAX, ':');
	from = cursor->at;
	if (cursor->bad || len > (size_t)(cursor->end - from) ||
	    memchr(from, '\0', len) != NULL) {
		cursor->bad = true;
		return NULL;
	}
	cursor->at += len;
	return arena_dup(arena, from, len);
}

static int64_t
read_version(struct cursor *cursor)
{
	int64_t version = read_number(cursor, UINT8_MAX, ' ');

	if (version != VERSION && version != FIRST_VERSION &&
	    version != EVENT_VERSION && version != HEARSAY_VERSION)
		cursor->bad = true;
	return version;
}

/* What the version says of it. */
static void
read_kind(struct cursor *cursor, int64_t version, struct archive_row *row)
{
	int64_t kind = read_number(cursor, UINT8_MAX, ' ');

	if (version != EVENT_VERSION)
		row->type = (enum archive_type)kind;
	else if (kind > 0)
		row->event = (unsigned)kind;
	else
		cursor->bad = true;
}

static const struct archive_hearsay *
read_hearsay(struct arena *arena, struct cursor *cursor)
{
	struct archive_hearsay *hearsay = arena_alloc(arena, sizeof(*hearsay));
	int64_t bits = read_number(cursor, UINT8_MAX, ' ');

	*hearsay = (struct archive_hearsay){
		.sent = (bits & HEARSAY_SENT) != 0,
		.named = (bits & HEARSAY_NAMED) != 0,
		.late = (bits & HEARSAY_LATE) != 0,
		.hearer = cursor->bad ? NULL : read_text(arena, cursor),
	};
	if (hearsay->hearer == NULL)
		cursor->bad = true;
	else
		hearsay->origin = read_text(arena, cursor);
	return hearsay;
}

static void
read_row(struct arena *arena, struct cursor *cursor, struct archive_row *row)
{
	int64_t version = read_version(cursor);
	size_t count = ARCHIVE_ROW_TEXTS - (version == FIRST_VERSION);
	const char **texts[ARCHIVE_ROW_TEXTS];

	row->mark.serial = read_number(cursor, INT64_MAX, ' ');
	row->mark.stamp = read_number(cursor, INT64_MAX, ' ');
	row->mark.ways = (unsigned)read_number(cursor, UINT16_MAX, ' ');
	row->mark.flags = (unsigned)read_number(cursor, UINT16_MAX, ' ');
	read_kind(cursor, version, row);
	if (version != FIRST_VERSION)
		row->relation = (enum archive_relation)
				read_number(cursor, UINT8_MAX, ' ');
	archive_row_texts(row, texts);
	for (size_t i = 0; i < count && !cursor->bad; i++) {
		*texts[i] = read_text(arena, cursor);
		if (*texts[i] == NULL && i < ARCHIVE_ROW_WANTED)
			cursor->bad = true;
	}
	if (version == HEARSAY_VERSION && !cursor->bad)
		row->hearsay = read_hearsay(arena, cursor);
}

int
archive_row_parse(struct arena *arena, const char *text, size_t len,
		  struct archive_row *row_r, struct error *err)
{
	struct cursor cursor = { text, text + len, false };

	*row_r = (struct archive_row){ 0 };
	read_row(arena, &cursor, row_r);
	if (cursor.bad || cursor.at != cursor.end ||
	    archive_row_check(row_r, err) < 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "it is no message for the archive");
	return 0;
}
