#include "components/muc/chronicle_entry.h"

#include <stddef.h>

#include "components/muc/chronicle_address.h"
#include "shared/archive_row.h"

static unsigned
ways_of(const struct chronicle_entry *entry)
{
	if (entry->unstored)
		return 0;
	return entry->unseen ? ARCHIVE_UNSEEN(ARCHIVE_RECEIVED) :
	       ARCHIVE_RECEIVED;
}

/* What else there is in it is for nobody; what a moderator says of the other
   message is left in its place. */
static void
strip(struct archive_row *row, const struct chronicle_entry *entry)
{
	row->subject = row->body = row->thread = NULL;
	if (*entry->nick != '\0')
		row->rest = NULL;
	row->mark.flags = 0;
}

/* In the archive it is from the author to the room's archive, as the nick that
   he had.  It is in no user's own archive, which has what they sent. */
int
chronicle_entry_row(const struct chronicle_entry *entry, struct arena *arena,
		    int64_t serial, struct archive_row *row_r,
		    struct error *err)
{
	const struct archive_mark mark = {
		.serial = serial, .stamp = entry->stamp, .uid = entry->uid,
		.ways = ways_of(entry),
	};

	if (archive_row_of(arena, entry->stanza, &mark, row_r, err) < 0)
		return -1;
	row_r->recipient = chronicle_address(entry->room, arena);
	row_r->to_resource = entry->nick;
	if (entry->unstored)
		strip(row_r, entry);
	return 0;
}
