#include "components/archive/format/record.h"

#include <inttypes.h>

#include "shared/archive_event.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/str.h"
#include "shared/xml.h"

const char *
record_from(struct arena *arena, const struct archive_row *row)
{
	return jid_join(arena, row->sender, row->resource);
}

const char *
record_to(struct arena *arena, const struct archive_row *row)
{
	return jid_join(arena, row->recipient, row->to_resource);
}

const char *
record_client(struct arena *arena, const struct archive_event *event)
{
	return jid_join(arena, event->sender, event->resource);
}

const char *
record_sent(struct arena *arena, const struct archive_row *row)
{
	char text[CLOCK_TEXT_SIZE];

	return arena_strdup(arena, clock_print(row->mark.stamp, text));
}

const char *
record_serial(struct arena *arena, const struct archive_row *row)
{
	return arena_printf(arena, "%" PRId64, row->mark.serial);
}

const char *
record_stanza(struct arena *arena, const struct archive_row *row)
{
	struct str text = { 0 };
	struct xml *message;
	const char *copy;
	struct error err;

	if (archive_row_message(arena, row, &message, &err) < 0)
		return NULL;
	xml_print(&text, message, "");
	copy = arena_dup(arena, text.data, text.len);
	str_fini(&text);
	return copy;
}

const char *
record_type(const struct archive_row *row)
{
	static const char *const names[] = {
		[ARCHIVE_NORMAL] = "normal",
		[ARCHIVE_CHAT] = "chat",
		[ARCHIVE_GROUPCHAT] = "groupchat",
		[ARCHIVE_HEADLINE] = "headline",
		[ARCHIVE_ERROR] = "error",
	};

	return names[row->type];
}

static const struct {
	unsigned way;
	const char *name, *unseen;
} ways[] = {
	{ ARCHIVE_SENT, "sent", "unseen sent" },
	{ ARCHIVE_RECEIVED, "received", "unseen received" },
	{ ARCHIVE_SHOWN, "shown", "unseen shown" },
};

size_t
record_copies(const struct archive_row *row, const char *names_r[RECORD_COPIES])
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if ((row->mark.ways & ways[i].way) != 0)
			names_r[count++] = ways[i].name;
		else if ((row->mark.ways & ARCHIVE_UNSEEN(ways[i].way)) != 0)
			names_r[count++] = ways[i].unseen;
	}
	if (archive_row_is_removed(&row->mark))
		names_r[count++] = "removed";
	if ((row->mark.flags & ARCHIVE_REST_LOST) != 0)
		names_r[count++] = "cut";
	return count;
}

const char *
record_copies_line(struct arena *arena, const struct archive_row *row)
{
	const char *names[RECORD_COPIES];
	size_t count = record_copies(row, names);
	struct str line = { 0 };
	const char *copy;

	for (size_t i = 0; i < count; i++)
		str_addf(&line, "%s%s", i > 0 ? ", " : "", names[i]);
	copy = count == 0 ? "" : arena_dup(arena, line.data, line.len);
	str_fini(&line);
	return copy;
}
