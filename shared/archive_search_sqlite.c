#include "shared/archive_search-private.h"

#define ARCHIVE_SEARCH_ALL_OF(column) "group_concat(" column ", char(10))"

/* The serial is in the index, behind the address. */
#define INDEX(own) "INDEXED BY archive_message_" own " "

/* What is behind that, and of it what is before the next quote. */
#define VALUE(m) \
	"substr(" m ".rest, instr(" m ".rest, '" ARCHIVE_LINK_ORIGIN "') " \
	"+ length('" ARCHIVE_LINK_ORIGIN "'))"
#define ORIGIN(m) \
	"CASE WHEN instr(" m ".rest, '" ARCHIVE_LINK_ORIGIN "') > 0 " \
	"THEN substr(" VALUE(m) ", 1, instr(" VALUE(m) ", '''') - 1) END"
#define LINKS \
	"(SELECT CASE WHEN count(*) > 0 THEN json_group_array(json_array(" \
	"l.relation, l.uid, l.serial, l.stamp, l.jid, l.resource, l.text)) " \
	"END FROM (" ARCHIVE_LINK_LIST(ORIGIN) ") AS l)"

#define SQL(which, order) \
	ARCHIVE_SEARCH_SQL(which, ARCHIVE_CELLS_BYTES_SQLITE, \
			   ARCHIVE_LINK_ORIGINAL(INDEX("sender"), ORIGIN), \
			   LINKS, order)
#define ALL(order) SQL(ARCHIVE_SEARCH_EVERY, order)
#define ROOM(order) SQL(ARCHIVE_SEARCH_ROOM(INDEX("recipient")), order)
#define SHOWN_PART(room, late_room, besides, order) \
	"SELECT m.* FROM archive_attendance AS t " \
	"INDEXED BY archive_attendance_owner " \
	"CROSS JOIN archive_message AS m " INDEX("recipient") "WHERE " \
	ARCHIVE_SEARCH_INTERVALS " AND " ARCHIVE_SEARCH_ATTENDED room besides \
	" UNION ALL SELECT m.* FROM archive_delivery AS d " \
	"CROSS JOIN archive_message AS m WHERE " \
	ARCHIVE_SEARCH_ROWS_OF " AND " ARCHIVE_SEARCH_CAUGHT_UP late_room \
	besides
#define SHOWN(order) SQL(ARCHIVE_SEARCH_ANY_SHOWN(SHOWN_PART, order), order)
#define OF(order) \
	SQL(ARCHIVE_SEARCH_BOTH(INDEX("sender"), INDEX("recipient"), \
				SHOWN_PART, order), order)

const struct archive_search_sql archive_search_sqlite = {
	.all_forward = ALL("ASC"), .all_backward = ALL("DESC"),
	.room_forward = ROOM("ASC"), .room_backward = ROOM("DESC"),
	.shown_forward = SHOWN("ASC"), .shown_backward = SHOWN("DESC"),
	.of_forward = OF("ASC"), .of_backward = OF("DESC"),
};
