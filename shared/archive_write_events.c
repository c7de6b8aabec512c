#include "shared/archive_write-private.h"

#include "shared/archive_account.h"
#include "shared/archive_event.h"
#include "shared/store.h"

#define ID(id, jid) \
	"COALESCE(CAST(" id " AS BIGINT), " \
	"(SELECT a.id FROM archive_address a WHERE a.jid = " jid "))"

/* There are few of them, so each has its own.  As of messages, months that are
   over when it may have come first need no look; where the uid is unique one
   that is older conflicts. */
static const char sql[] =
	"INSERT INTO archive_event (serial, stamp, kind, sender, recipient, "
	"about, uid, resource, detail) SELECT CAST($1 AS BIGINT), "
	"CAST($2 AS BIGINT), CAST($3 AS SMALLINT), " ID("$4", "$5") ", "
	ID("$6", "$7") ", " ID("$8", "$9") ", CAST($10 AS TEXT), "
	"CAST($11 AS TEXT), CAST($12 AS TEXT) "
	"WHERE NOT EXISTS (SELECT 1 FROM archive_event e "
	"WHERE e.uid = $10 AND e.serial >= CAST($13 AS BIGINT)) "
	"ON CONFLICT DO NOTHING";

static struct store_value
int_or_null(int64_t number)
{
	return number != 0 ? store_int(number) : store_text(NULL);
}

static void
add(struct store_batch *batch, const struct archive_item *item)
{
	const struct archive_event event = archive_event_of(item->row);

	store_add(batch, sql, STORE_VALUES(
		store_int(event.mark.serial), int_or_null(item->stamp),
		store_int(event.kind), int_or_null(item->sender),
		store_text(event.sender), int_or_null(item->recipient),
		store_text(event.recipient), int_or_null(item->about),
		store_text(event.about), store_text(event.mark.uid),
		store_text(*event.resource != '\0' ? event.resource : NULL),
		store_text(event.detail), store_int(item->since)));
	if (event.kind == ARCHIVE_EVENT_REMOVAL)
		archive_account_add(batch, &event);
}

void
archive_write_events(struct store_batch *batch,
		     const struct archive_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add(batch, &items[i]);
}
