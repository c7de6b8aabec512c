#include "shared/archive_search-private.h"

/* Does not read what is long. */
#define SIZE(column) "COALESCE(octet_length(m." column "), 0)"

#define ALL(order) ARCHIVE_SEARCH_SQL(ARCHIVE_SEARCH_EVERY, SIZE, order)
#define ROOM(order) ARCHIVE_SEARCH_SQL(ARCHIVE_SEARCH_ROOM(""), SIZE, order)
#define OF(order) \
	ARCHIVE_SEARCH_SQL(ARCHIVE_SEARCH_BOTH("", "", order), SIZE, order)

const struct archive_search_sql archive_search_pg = {
	.all_forward = ALL("ASC"), .all_backward = ALL("DESC"),
	.room_forward = ROOM("ASC"), .room_backward = ROOM("DESC"),
	.of_forward = OF("ASC"), .of_backward = OF("DESC"),
};
