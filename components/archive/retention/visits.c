#include "components/archive/retention/visits-private.h"

#define TEXT(x) #x
#define NUMBER(x) TEXT(x)

/* With the offset PostgreSQL looks for the messages of each by itself, rather
   than to read all of the room's. */
#define IS_OVER \
	"t.last < CAST($2 AS BIGINT) AND NOT EXISTS (" \
	"SELECT 1 FROM archive_message m WHERE m.recipient = t.room " \
	"AND m.serial > t.first AND m.serial < t.last LIMIT 1 OFFSET 0)"

/* By the lower bound of first, which is said by itself, no month before is
   looked at; with an upper one PostgreSQL would take them for so few that it
   sorts them. */
const char visits_find_sql[] =
	"SELECT t.first, t.owner, "
	"CAST(CASE WHEN " IS_OVER " THEN 1 ELSE 0 END AS BIGINT) "
	"FROM archive_attendance t WHERE t.room = $1 "
	"AND t.first >= CAST($3 AS BIGINT) "
	"AND (t.first, t.owner) > (CAST($3 AS BIGINT), CAST($4 AS BIGINT)) "
	"ORDER BY t.first, t.owner LIMIT " NUMBER(VISITS_MAX);

const char visits_remove_sql[] =
	"DELETE FROM archive_attendance AS t WHERE t.room = $1 AND " IS_OVER
	" AND t.first >= CAST($3 AS BIGINT) AND t.first <= CAST($4 AS BIGINT)";

void
visits_find(struct store *store, const struct visits_place *place, store_fn *fn,
	    void *ctx)
{
	store_read(store, visits_find_sql,
		   STORE_VALUES(store_int(place->room),
				store_int(place->before),
				store_int(place->first),
				store_int(place->owner)), fn, ctx);
}

void
visits_remove(struct store *store, const struct visits_place *place,
	      const int64_t bounds[2], store_fn *fn, void *ctx)
{
	store_write(store, visits_remove_sql,
		    STORE_VALUES(store_int(place->room),
				 store_int(place->before),
				 store_int(bounds[0]), store_int(bounds[1])),
		    fn, ctx);
}
