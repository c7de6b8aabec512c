#include "shared/archive_search-private.h"

/* Does not read what is long. */
#define SIZE(column) "COALESCE(octet_length(m." column "), 0)"

#define ORIGIN(m) \
	"substring(" m ".rest FROM '" ARCHIVE_LINK_ORIGIN "([^'']*)''')"
#define LINKS \
	"(SELECT CAST(json_agg(json_build_array(l.relation, l.uid, " \
	"l.serial, l.stamp, l.jid, l.resource, l.text) ORDER BY l.serial) " \
	"AS TEXT) FROM (" ARCHIVE_LINK_LIST(ORIGIN) ") AS l)"

#define SQL(which, order) \
	ARCHIVE_SEARCH_SQL(which, SIZE, ARCHIVE_LINK_ORIGINAL("", ORIGIN), \
			   LINKS, order)
#define ALL(order) SQL(ARCHIVE_SEARCH_EVERY, order)
#define ROOM(order) SQL(ARCHIVE_SEARCH_ROOM(""), order)
#define OF(order) SQL(ARCHIVE_SEARCH_BOTH("", "", order), order)

const struct archive_search_sql archive_search_pg = {
	.all_forward = ALL("ASC"), .all_backward = ALL("DESC"),
	.room_forward = ROOM("ASC"), .room_backward = ROOM("DESC"),
	.of_forward = OF("ASC"), .of_backward = OF("DESC"),
};
