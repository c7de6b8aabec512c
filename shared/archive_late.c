#include "shared/archive_late-private.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "shared/archive_burial-private.h"
#include "shared/archive_cells.h"
#include "shared/archive_hold.h"
#include "shared/archive_row.h"
#include "shared/error.h"
#include "shared/store.h"

/* Of all those that are asked for; a message has one, or two. */
#define RETRACTIONS_MAX 1000

struct search {
	struct archive_late late;
	archive_late_fn *fn;
	void *ctx;
};

/* What retracts m, or what m replaces, may name: in a room, type 2, the room's
   id.  The limit is not known when it is planned, so that the order of the
   index is followed.  1 is ARCHIVE_RETRACTION, 2 ARCHIVE_EDIT. */
#define NAME "CASE WHEN m.type = 2 THEN m.uid ELSE m.id END"
#define DEPTH ARCHIVE_BURIAL_NUMBER(ARCHIVE_BURIAL_DEPTH)
#define ORIGINAL(by) \
	"(SELECT o.uid FROM (SELECT l.serial, l.uid, l.recipient, l.id " \
	"FROM archive_message AS l " by "WHERE l.sender = m.sender " \
	"AND l.serial < m.serial ORDER BY l.serial DESC " \
	"LIMIT (SELECT " DEPTH ")) AS o WHERE o.id = m.about " \
	"AND o.recipient = m.recipient ORDER BY o.serial DESC LIMIT 1)"
#define EDITED(by) \
	"CASE WHEN COALESCE(m.relation, 0) <> 2 THEN NULL " \
	"WHEN m.type = 2 THEN " ORIGINAL(by) " ELSE m.about END"

/* A room says what a moderator does, by no nick. */
#define TIME(m) "COALESCE(" m ".stamp, " m ".serial / 256)"
#define IS_MEANT(r) \
	r ".relation = 1 AND " r ".recipient + 0 = m.recipient " \
	"AND (" r ".sender + 0 = m.sender " \
	"OR (m.type = 2 AND " r ".to_resource IS NULL)) " \
	"AND " r ".serial + 0 < m.serial " \
	"AND " TIME(r) " >= " TIME("m") " - 1000000"
#define IS_NO_RETRACTION "COALESCE(m.relation, 0) <> 1"
#define ANSWER "SELECT m.serial, " ARCHIVE_CELLS_OF("r") " FROM "
#define LAST \
	" ORDER BY r.serial LIMIT " ARCHIVE_BURIAL_NUMBER(RETRACTIONS_MAX)

const char archive_late_pg[] =
	ANSWER "unnest(CAST($1 AS TEXT[])) AS u (uid) "
	"CROSS JOIN LATERAL (SELECT * FROM archive_message m "
	"WHERE m.uid = u.uid AND " IS_NO_RETRACTION " OFFSET 0) AS m "
	"CROSS JOIN LATERAL (VALUES (" NAME "), (" EDITED("") ")) "
	"AS n (name) "
	"CROSS JOIN LATERAL (SELECT * FROM archive_message r "
	"WHERE r.about = n.name AND " IS_MEANT("r") " OFFSET 0) AS r" LAST;
const char archive_late_sqlite[] =
	ANSWER "json_each($1) AS u "
	"CROSS JOIN archive_message AS m ON m.uid = u.value "
	"CROSS JOIN archive_message AS r "
	"ON r.about IN (" NAME ", "
	EDITED("INDEXED BY archive_message_sender ") ") "
	"WHERE " IS_NO_RETRACTION " AND " IS_MEANT("r") LAST;
enum { SERIAL, CELLS };

static void
end(struct search *search, const struct error *err)
{
	search->fn(search->ctx, err);
	free(search);
}

static void
on_buried(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	(void)result;
	end(ctx, err);
}

/* As if it came right behind the message.  Begins the batch, where there is
   none. */
static void
add(const struct search *search, struct store_batch **batch,
    const struct store_result *result, size_t i)
{
	struct store *store = search->late.store;
	struct archive_row row = archive_cells_read(NULL, result, i, CELLS);

	row.mark.serial = store_get_int(result, i, SERIAL) + 1;
	search->late.change(search->late.ctx, &row);
	if (row.buries == 0)
		return;
	if (*batch == NULL) {
		*batch = store_begin(store);
		archive_hold_heed(store, *batch);
	}
	archive_burial_add(store, *batch, &row);
}

static void
on_found(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct search *search = ctx;
	struct store_batch *batch = NULL;

	for (size_t i = 0; err == NULL && i < store_rows(result); i++)
		add(search, &batch, result, i);
	if (batch == NULL)
		end(search, err);
	else
		store_commit(&batch, on_buried, search);
}

void
archive_late_bury(const struct archive_late *late, const char *uids,
		  archive_late_fn *fn, void *fn_ctx)
{
	struct search *search = malloc(sizeof(*search));

	ensure(search != NULL);
	*search = (struct search){ *late, fn, fn_ctx };
	store_read(late->store,
		   strcmp(store_dialect(late->store), "sqlite") == 0 ?
		   archive_late_sqlite : archive_late_pg,
		   STORE_VALUES(store_text(uids)), on_found, search);
}
