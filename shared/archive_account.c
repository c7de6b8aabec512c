#include "shared/archive_account.h"

#include "shared/archive_event.h"
#include "shared/store.h"

/* Parameters: $1 the address, $2 the uid, $3 the serial. */
static const char forget_sql[] =
	"DELETE FROM archive_preference WHERE owner = $1 AND NOT EXISTS "
	"(SELECT 1 FROM archive_account c JOIN archive_address a "
	"ON a.id = c.owner WHERE a.jid = $1 AND c.uid = $2)";

static const char add_sql[] =
	"INSERT INTO archive_account (owner, uid, born) "
	"SELECT a.id, CAST($2 AS TEXT), CAST($3 AS BIGINT) "
	"FROM archive_address a WHERE a.jid = $1 ON CONFLICT DO NOTHING";

void
archive_account_add(struct store_batch *batch,
		    const struct archive_event *event)
{
	const struct store_value values[] = {
		store_text(event->sender), store_text(event->mark.uid),
		store_int(event->mark.serial),
	};

	store_add(batch, forget_sql, values, 2);
	store_add(batch, add_sql, values, 3);
}
