#include "shared/archive_write-private.h"

#include "shared/store.h"

/* The statement is short work for SQLite, so each message has its own: many
   in one would have to be taken apart again. */
static const char sql[] =
	"INSERT INTO archive_message (serial, stamp, ways, flags, type, "
	"sender, recipient, uid, resource, to_resource, id, lang, subject, "
	"body, thread, rest, relation, about) VALUES ($1, $2, $3, $4, $5, "
	"COALESCE($6, (SELECT id FROM archive_address WHERE jid = $8)), "
	"COALESCE($7, (SELECT id FROM archive_address WHERE jid = $9)), "
	"$10, $11, $12, $13, $14, $15, $16, $17, $18, "
	"$19, $20) "
	"ON CONFLICT (uid) DO UPDATE SET ways = ways | excluded.ways, "
	"flags = flags | (excluded.flags & " ARCHIVE_WRITE_ORIGIN ") "
	"WHERE "
	ARCHIVE_WRITE_ADDS("ways", "flags", "excluded.ways", "excluded.flags");

static struct store_value
int_or_null(int64_t number)
{
	return number != 0 ? store_int(number) : store_text(NULL);
}

static struct store_value
text_or_null(const char *text)
{
	return store_text(*text != '\0' ? text : NULL);
}

static void
add(struct store_batch *batch, const struct archive_item *item)
{
	const struct archive_row *row = item->row;

	store_add(batch, sql, STORE_VALUES(
		store_int(row->mark.serial),
		int_or_null(item->stamp),
		store_int(item->ways),
		store_int(item->flags & ~(unsigned)ARCHIVE_NO_ORIGIN),
		store_int(row->type), int_or_null(item->sender),
		int_or_null(item->recipient), store_text(row->sender),
		store_text(row->recipient), store_text(row->mark.uid),
		text_or_null(row->resource), text_or_null(row->to_resource),
		store_text(row->id), store_text(row->lang),
		store_text(row->subject), store_text(row->body),
		store_text(row->thread), store_text(row->rest),
		int_or_null(row->relation), store_text(row->about)));
}

void
archive_write_sqlite(struct store_batch *batch,
		     const struct archive_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add(batch, &items[i]);
}
