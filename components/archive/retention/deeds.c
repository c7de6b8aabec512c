#include "components/archive/retention/deeds.h"

#include <assert.h>
#include <string.h>

#include "components/archive/retention/deeds-private.h"
#include "shared/archive_event.h"
#include "shared/archive_hold.h"
#include "shared/store_list.h"

#define TEXT(x) #x
#define NUMBER(x) TEXT(x)

static_assert(ARCHIVE_EVENT_DESTRUCTION == 8, "the last that is in a room");

/* Each part as the index has it.  A CASE, as in eventlist.c. */
#define FIND(own, kinds, before) \
	"SELECT * FROM (SELECT e.serial FROM archive_event e " \
	"WHERE e." own " = $1 AND e.serial < " before " " \
	"AND CASE WHEN e.kind " kinds " THEN true ELSE false END " \
	"AND NOT " ARCHIVE_HOLD_COVERS_EVENT " " \
	"ORDER BY e.serial LIMIT " NUMBER(DEEDS_MAX) ") AS " own

const char deeds_find_sql[] =
	FIND("sender", "> 8", "$2") " UNION ALL "
	FIND("recipient", "<= 8", "$3") " "
	"ORDER BY serial LIMIT " NUMBER(DEEDS_MAX);

#define REMOVE(list) \
	"DELETE FROM archive_event AS e WHERE e.serial >= $1 " \
	"AND e.serial <= $2 AND e.serial " list " " \
	"AND NOT " ARCHIVE_HOLD_COVERS_EVENT " RETURNING serial"

static const char remove_pg[] = REMOVE("= ANY (CAST($3 AS BIGINT[]))");
static const char remove_sqlite[] =
	REMOVE("IN (SELECT value FROM json_each($3))");

void
deeds_find(struct store *store, const struct deeds_place *place, store_fn *fn,
	   void *ctx)
{
	store_read(store, deeds_find_sql,
		   STORE_VALUES(store_int(place->owner),
				store_int(place->own_before),
				store_int(place->room_before)), fn, ctx);
}

void
deeds_remove(struct store *store, const int64_t *serials, size_t count,
	     store_fn *fn, void *ctx)
{
	bool pg = strcmp(store_dialect(store), "postgresql") == 0;
	struct store_batch *batch = store_begin(store);
	struct store_list list = { 0 };

	store_list_begin(&list, store_dialect(store));
	for (size_t i = 0; i < count; i++)
		store_list_add_int(&list, serials[i]);
	archive_hold_heed(store, batch);
	store_add(batch, pg ? remove_pg : remove_sqlite,
		  STORE_VALUES(store_int(serials[0]),
			       store_int(serials[count - 1]),
			       store_text(store_list_end(&list))));
	store_commit(&batch, fn, ctx);
	store_list_fini(&list);
}
