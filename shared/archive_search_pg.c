#include "shared/archive_search-private.h"

#define ARCHIVE_SEARCH_ALL_OF(column) \
	"string_agg(" column ", chr(10) ORDER BY " column ")"

#define ORIGIN(m) \
	"substring(" m ".rest FROM '" ARCHIVE_LINK_ORIGIN "([^'']*)''')"
#define LINKS \
	"(SELECT CAST(json_agg(json_build_array(l.relation, l.uid, " \
	"l.serial, l.stamp, l.jid, l.resource, l.text) ORDER BY l.serial) " \
	"AS TEXT) FROM (" ARCHIVE_LINK_LIST(ORIGIN) ") AS l)"

#define SQL(which, order) \
	ARCHIVE_SEARCH_SQL(which, ARCHIVE_CELLS_BYTES_PG, \
			   ARCHIVE_LINK_ORIGINAL("", ORIGIN), LINKS, order)
#define ALL(order) SQL(ARCHIVE_SEARCH_EVERY, order)
#define ROOM(order) SQL(ARCHIVE_SEARCH_ROOM(""), order)
/* The limit keeps the planner from joining all with all. */
#define LATERAL(that, order) \
	" CROSS JOIN LATERAL (SELECT * FROM archive_message m WHERE " that \
	" ORDER BY m.serial " order " LIMIT $5) AS m WHERE "
#define SHOWN_PART(room, late_room, besides, order) \
	"SELECT m.* FROM archive_attendance t" \
	LATERAL(ARCHIVE_SEARCH_ATTENDED besides, order) \
	ARCHIVE_SEARCH_INTERVALS room \
	" UNION ALL SELECT m.* FROM archive_delivery d" \
	LATERAL(ARCHIVE_SEARCH_CAUGHT_UP besides, order) \
	ARCHIVE_SEARCH_ROWS_OF late_room
#define SHOWN(order) SQL(ARCHIVE_SEARCH_ANY_SHOWN(SHOWN_PART, order), order)
#define OF(order) SQL(ARCHIVE_SEARCH_BOTH("", "", SHOWN_PART, order), order)

const struct archive_search_sql archive_search_pg = {
	.all_forward = ALL("ASC"), .all_backward = ALL("DESC"),
	.room_forward = ROOM("ASC"), .room_backward = ROOM("DESC"),
	.shown_forward = SHOWN("ASC"), .shown_backward = SHOWN("DESC"),
	.of_forward = OF("ASC"), .of_backward = OF("DESC"),
};
