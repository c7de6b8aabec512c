#include "shared/archive_ends.h"

#include <stdlib.h>

#include "shared/archive_account.h"
#include "shared/archive_owner-private.h"
#include "shared/error.h"
#include "shared/mam_metadata.h"
#include "shared/store.h"

struct call {
	archive_ends_fn *fn;
	void *ctx;
};

#define ID "(SELECT a.id FROM archive_address a WHERE a.jid = $1)"
#define END(own, condition, order) \
	"SELECT * FROM (SELECT m.uid, m.serial, " \
	"COALESCE(m.stamp, m.serial / 256) FROM archive_message m " \
	"WHERE m." own " = " ID " AND " condition " " \
	"AND m.serial > " ARCHIVE_ACCOUNT_BORN(ID) " " \
	"ORDER BY m.serial " order " LIMIT 1) AS e"
#define OF_ACCOUNT(order) \
	END("sender", ARCHIVE_OWNER_SENT("m"), order) " UNION ALL " \
	END("recipient", ARCHIVE_OWNER_RECEIVED("m"), order)
#define OF_ROOM(order) \
	END("recipient", ARCHIVE_OWNER_SAID("m"), order)

static const char *const find_sql[ARCHIVE_KINDS] = {
	[ARCHIVE_OF_ACCOUNT] =
		OF_ACCOUNT("ASC") " UNION ALL " OF_ACCOUNT("DESC"),
	[ARCHIVE_OF_ROOM] = OF_ROOM("ASC") " UNION ALL " OF_ROOM("DESC"),
};

enum { UID, SERIAL, STAMP };

static void
read_ends(const struct store_result *result, struct mam_metadata *ends)
{
	size_t first = 0, last = 0;

	for (size_t i = 1; i < store_rows(result); i++) {
		int64_t serial = store_get_int(result, i, SERIAL);

		if (serial < store_get_int(result, first, SERIAL))
			first = i;
		if (serial > store_get_int(result, last, SERIAL))
			last = i;
	}
	ends->start_id = store_get_text(result, first, UID);
	ends->start = store_get_int(result, first, STAMP);
	ends->end_id = store_get_text(result, last, UID);
	ends->end = store_get_int(result, last, STAMP);
}

static void
on_found(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct call *call = ctx;
	struct mam_metadata ends = { 0 };

	if (err == NULL && store_rows(result) > 0)
		read_ends(result, &ends);
	call->fn(call->ctx, err == NULL ? &ends : NULL, err);
	free(call);
}

void
archive_ends_find(struct store *store, const struct archive_owner *owner,
		  archive_ends_fn *fn, void *ctx)
{
	struct call *call = malloc(sizeof(*call));

	ensure(call != NULL);
	*call = (struct call){ fn, ctx };
	store_read(store, find_sql[owner->kind],
		   STORE_VALUES(store_text(owner->jid)), on_found, call);
}
