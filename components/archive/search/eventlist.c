#include "components/archive/search/eventlist.h"

#include <string.h>

#include "components/archive/search/eventlist-private.h"
#include "shared/archive_range.h"
#include "shared/arena.h"
#include "shared/serial.h"

const struct eventlist_filter eventlist_all = {
	.start = INT64_MIN, .end = INT64_MAX, .before = INT64_MAX,
};

enum column {
	SERIAL, STAMP, KIND, SENDER, RESOURCE, RECIPIENT, ABOUT, UID, DETAIL,
};

#define ID(param) \
	"(SELECT a.id FROM archive_address a WHERE a.jid = " param ")"

/* A CASE is taken to be true of many rows, so that planners go by the order of
   the index, as in shared/archive_search-private.h. */
#define WANTED \
	"e.serial > $1 AND e.serial < $2 AND CASE " \
	"WHEN COALESCE(e.stamp, e.serial / 256) BETWEEN " \
	"CAST($3 AS BIGINT) AND CAST($4 AS BIGINT) " \
	"AND (CAST($6 AS BIGINT) = 0 OR e.kind = $6) " \
	"THEN true ELSE false END"

/* A room's archives have its address, a slash, and when it was made; a zero is
   what follows a slash. */
#define IS_ROOM \
	"(a.jid = $8 OR (a.jid > CAST($8 AS TEXT) || '/' " \
	"AND a.jid < CAST($8 AS TEXT) || '0'))"
#define IN_ROOM \
	"CASE WHEN CAST($8 AS TEXT) IS NULL THEN true ELSE EXISTS (SELECT 1 " \
	"FROM archive_address a WHERE a.id = e.recipient AND " IS_ROOM ") END"

#define ANY_INDEX(own) ""
#define OWN_INDEX(own) "INDEXED BY archive_event_" own " "

#define IN_ORDER(order) " ORDER BY e.serial " order " LIMIT $5"

/* All statements have the same parameters. */
#define ALL(order) \
	"SELECT * FROM archive_event e WHERE " WANTED " " \
	"AND CAST($7 AS TEXT) IS NULL AND CAST($8 AS TEXT) IS NULL" \
	IN_ORDER(order)

/* Those by one, for him and about him, each as the index has them; of one who
   is several of these it is in the first part alone. */
#define PART(index, own, besides, order) \
	"SELECT * FROM (SELECT * FROM archive_event AS e " index(own) \
	"WHERE e." own " = " ID("$7") " AND " WANTED " AND " IN_ROOM \
	besides IN_ORDER(order) ") AS " own
#define OF(index, order) \
	"SELECT * FROM (" PART(index, "sender", "", order) " UNION ALL " \
	PART(index, "recipient", " AND e.sender <> e.recipient", order) \
	" UNION ALL " PART(index, "about", " AND e.sender <> e.about " \
			   "AND e.recipient <> e.about", order) \
	") AS e" IN_ORDER(order)

/* The first ones of each of the room's archives. */
#define OF_ARCHIVE(what, index, order) \
	"(SELECT " what " FROM archive_event AS e " index("recipient") \
	"WHERE e.recipient = a.id AND " WANTED IN_ORDER(order) ")"
#define IN_PG(order) \
	"SELECT e.* FROM archive_address a " \
	"CROSS JOIN LATERAL " OF_ARCHIVE("*", ANY_INDEX, order) " AS e " \
	"WHERE " IS_ROOM \
	" AND CAST($7 AS TEXT) IS NULL" IN_ORDER(order)
#define IN_SQLITE(order) \
	"SELECT e.* FROM archive_address a CROSS JOIN archive_event e " \
	"WHERE " IS_ROOM " AND e.serial IN " \
	OF_ARCHIVE("e.serial", OWN_INDEX, order) \
	" AND CAST($7 AS TEXT) IS NULL" IN_ORDER(order)

#define JID(id) \
	"(SELECT a.jid FROM archive_address a WHERE a.id = " id ")"
#define READ(which, order) \
	"SELECT e.serial, e.stamp, e.kind, " JID("e.sender") ", e.resource, " \
	JID("e.recipient") ", " JID("e.about") ", e.uid, e.detail " \
	"FROM (" which ") AS e ORDER BY e.serial " order
#define EITHER_WAY(which) { READ(which("ASC"), "ASC"), \
			    READ(which("DESC"), "DESC") }

#define OF_PG(order) OF(ANY_INDEX, order)
#define OF_SQLITE(order) OF(OWN_INDEX, order)

const struct eventlist_sql eventlist_pg = {
	.all = EITHER_WAY(ALL), .of = EITHER_WAY(OF_PG),
	.in = EITHER_WAY(IN_PG),
};
const struct eventlist_sql eventlist_sqlite = {
	.all = EITHER_WAY(ALL), .of = EITHER_WAY(OF_SQLITE),
	.in = EITHER_WAY(IN_SQLITE),
};

static const char *
choose(struct store *store, const struct eventlist_filter *filter)
{
	const struct eventlist_sql *sql =
		strcmp(store_dialect(store), "postgresql") == 0 ?
		&eventlist_pg : &eventlist_sqlite;

	if (filter->who != NULL)
		return sql->of[filter->backward];
	return filter->room != NULL ? sql->in[filter->backward] :
				      sql->all[filter->backward];
}

void
eventlist_read(struct store *store, const struct eventlist_filter *filter,
	       size_t count, store_fn *fn, void *ctx)
{
	int64_t last = filter->end == INT64_MAX ? INT64_MAX : filter->end - 1;

	store_read(store, choose(store, filter), STORE_VALUES(
			   store_int(serial_later(filter->after,
				archive_range_after(filter->start))),
			   store_int(serial_earlier(filter->before,
				archive_range_before(filter->end))),
			   store_int(filter->start), store_int(last),
			   store_int((int64_t)(count < EVENTLIST_ROWS ?
					       count : EVENTLIST_ROWS)),
			   store_int(filter->kind), store_text(filter->who),
			   store_text(filter->room)), fn, ctx);
}

/* What nobody stores is no kind of event. */
static enum archive_event_kind
kind_of(int64_t number)
{
	return number > 0 && number < ARCHIVE_EVENTS ?
	       (enum archive_event_kind)number : ARCHIVE_EVENT_NONE;
}

static const char *
text_of(const struct store_result *result, size_t row, enum column column)
{
	const char *text = store_get_text(result, row, column);

	return text != NULL ? text : "";
}

struct archive_event
eventlist_event(struct arena *arena, const struct store_result *result,
		size_t row)
{
	int64_t serial = store_get_int(result, row, SERIAL);
	int64_t stamp = store_get_int(result, row, STAMP);
	const char *recipient = text_of(result, row, RECIPIENT);

	return (struct archive_event){
		.mark = {
			.serial = serial,
			.stamp = stamp != 0 ? stamp : serial_time(serial),
			.uid = text_of(result, row, UID),
		},
		.kind = kind_of(store_get_int(result, row, KIND)),
		.sender = text_of(result, row, SENDER),
		.resource = text_of(result, row, RESOURCE),
		.recipient = arena_dup(arena, recipient,
				       strcspn(recipient, "/")),
		.about = store_get_text(result, row, ABOUT),
		.detail = store_get_text(result, row, DETAIL),
	};
}
