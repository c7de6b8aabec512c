/*
 * A message gives a row, whose text gives the same row, which gives a message
 * that gives the same row again.  What is no message may be a row's text.
 */
#include "shared/archive_row.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct archive_mark mark = {
	.serial = 256, .stamp = 1, .uid = "u", .ways = ARCHIVE_SENT,
};

static void
print(struct str *out, const struct archive_row *row)
{
	str_clear(out);
	archive_row_print(out, row);
	ensure(strlen(out->data) == out->len);
}

static void
check_text(struct arena *arena, const struct archive_row *row)
{
	struct str text = { 0 }, again = { 0 };
	struct archive_row copy;
	struct error err = { 0 };

	print(&text, row);
	ensure(archive_row_parse(arena, text.data, text.len, &copy,
				 &err) == 0);
	print(&again, &copy);
	ensure(strcmp(text.data, again.data) == 0);
	str_fini(&text);
	str_fini(&again);
}

static void
check_again(struct arena *arena, const struct archive_row *row)
{
	struct archive_mark same = mark;
	struct str text = { 0 }, again = { 0 };
	struct stanza stanza;
	struct archive_row copy;
	struct error err = { 0 };
	struct xml *el;

	/* What was left out is not in the message either, nor its sign. */
	if (row->mark.flags & ARCHIVE_REST_LOST)
		same.flags = row->mark.flags &
			     (ARCHIVE_REST_LOST | ARCHIVE_ENCRYPTED);
	ensure(archive_row_message(arena, row, &el, &err) == 0);
	ensure(stanza_parse(arena, el, &stanza, &err) == 0);
	ensure(archive_row_of(arena, &stanza, &same, &copy, &err) == 0);
	print(&text, row);
	print(&again, &copy);
	ensure(strcmp(text.data, again.data) == 0);
	str_fini(&text);
	str_fini(&again);
}

static int
take_message(struct arena *arena, const uint8_t *data, size_t size)
{
	struct xml *el = bed_parse(arena, NS_CLIENT, (const char *)data, size);
	struct stanza stanza = { 0 };
	struct archive_row row;
	struct error err = { 0 };

	if (el == NULL || stanza_parse(arena, el, &stanza, &err) < 0 ||
	    archive_row_of(arena, &stanza, &mark, &row, &err) < 0)
		return -1;
	check_text(arena, &row);
	check_again(arena, &row);
	return 0;
}

static int
take_text(struct arena *arena, const uint8_t *data, size_t size)
{
	struct archive_row row;
	struct error err = { 0 };
	struct xml *el;

	if (archive_row_parse(arena, (const char *)data, size, &row, &err) < 0)
		return -1;
	check_text(arena, &row);
	archive_row_message(arena, &row, &el, &err);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	int ret = take_message(arena, data, size);

	if (ret < 0)
		ret = take_text(arena, data, size);
	arena_free(&arena);
	return ret;
}
