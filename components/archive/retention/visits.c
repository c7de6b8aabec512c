#include "components/archive/retention/visits.h"

#include "shared/archive_attendance.h"

#define TEXT(x) #x
#define NUMBER(x) TEXT(x)

/* With the offset PostgreSQL looks for the messages of each by itself, rather
   than to read all of the room's. */
#define IS_OVER \
	"t.room = $1 AND t.last < CAST($2 AS BIGINT) AND NOT EXISTS (" \
	"SELECT 1 FROM archive_message m WHERE m.recipient = t.room " \
	"AND m.serial > t.first AND m.serial < t.last LIMIT 1 OFFSET 0)"

static const char find_sql[] =
	"SELECT t.first FROM archive_attendance t WHERE " IS_OVER " "
	"AND t.first < CAST($2 AS BIGINT) ORDER BY t.first "
	"LIMIT " NUMBER(VISITS_MAX);

static const char remove_sql[] =
	"DELETE FROM archive_attendance AS t WHERE " IS_OVER " "
	"AND t.first >= CAST($3 AS BIGINT) AND t.first <= CAST($4 AS BIGINT)";

void
visits_find(struct store *store, const struct visits_place *place, store_fn *fn,
	    void *ctx)
{
	store_read(store, find_sql,
		   STORE_VALUES(store_int(place->room),
				store_int(place->before)), fn, ctx);
}

void
visits_remove(struct store *store, const struct visits_place *place,
	      const int64_t bounds[2], store_fn *fn, void *ctx)
{
	store_write(store, remove_sql,
		    STORE_VALUES(store_int(place->room),
				 store_int(place->before),
				 store_int(bounds[0]), store_int(bounds[1])),
		    fn, ctx);
}
