#include "shared/archive_search-private.h"

#define SIZE(column) "COALESCE(length(CAST(m." column " AS BLOB)), 0)"

/* The serial is in the index, behind the address. */
#define INDEX(own) "INDEXED BY archive_message_" own " "

#define ALL(order) ARCHIVE_SEARCH_SQL(ARCHIVE_SEARCH_EVERY, SIZE, order)
#define ROOM(order) \
	ARCHIVE_SEARCH_SQL(ARCHIVE_SEARCH_ROOM(INDEX("recipient")), SIZE, \
			   order)
#define OF(order) \
	ARCHIVE_SEARCH_SQL(ARCHIVE_SEARCH_BOTH(INDEX("sender"), \
					       INDEX("recipient"), order), \
			   SIZE, order)

const struct archive_search_sql archive_search_sqlite = {
	.all_forward = ALL("ASC"), .all_backward = ALL("DESC"),
	.room_forward = ROOM("ASC"), .room_backward = ROOM("DESC"),
	.of_forward = OF("ASC"), .of_backward = OF("DESC"),
};
