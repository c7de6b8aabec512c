#include "shared/archive_page-private.h"

#define BYTES ARCHIVE_CELLS_SIZE(ARCHIVE_CELLS_BYTES_SQLITE, "m")

#define SELECT(columns, from, own, other, conditions, order) \
	"SELECT " columns " FROM archive_message AS m " from \
	own " = $1 AND m.serial > $2 AND m.serial < $3 AND " \
	ARCHIVE_PAGE_IS_WITH("m." other) " AND " conditions order " LIMIT $9"

/* The serial and the other are in the index, behind the owner, so that a
   message is not looked at where it is with somebody else. */
#define ALL(columns, own, other, conditions, order) \
	SELECT(columns, "INDEXED BY archive_message_" own " WHERE m.", \
	       own, other, conditions, order)

/* Not by the index: there are few serials, each of one message. */
#define IDS(columns, own, other, conditions, order) \
	SELECT(columns, \
	       "WHERE m.serial IN (SELECT value FROM json_each($10)) AND +m.", \
	       own, other, conditions, order)

#define ACCOUNT(source, columns, order) \
	ARCHIVE_PAGE_BOTH(source(columns, "sender", "recipient", \
				 ARCHIVE_PAGE_IS_SENT, order), \
			  source(columns, "recipient", "sender", \
				 ARCHIVE_PAGE_IS_RECEIVED, order))
#define ROOM(source, columns, order) \
	source(columns, "recipient", "sender", ARCHIVE_PAGE_IS_SAID, order)

/* Its uids are unique. */
#define TWIN "NULL"

/* Rows that are counted are copied, each time that something else is done with
   them; so they have no texts. */
#define PAGE(owner, source, order) \
	ARCHIVE_PAGE_ANSWER(TWIN) " FROM (SELECT m.serial, " \
	ARCHIVE_PAGE_SIZES("m.bytes", order) " FROM (SELECT * FROM (" \
	owner(source, "m.serial, " BYTES " AS bytes", \
	      ARCHIVE_PAGE_ORDER(order)) ") AS b" \
	ARCHIVE_PAGE_ORDER(order) " LIMIT $9) AS m) AS p " \
	"CROSS JOIN archive_message AS m ON m.serial = p.serial " \
	ARCHIVE_PAGE_FITS(order)
#define COUNT(owner, source) \
	"SELECT count(*) FROM (" owner(source, "m.serial", "") ") AS b"

/* The first two sources are the same. */
#define SQL(all, ids) { all, all, ids }
#define OF(owner) { \
	SQL(PAGE(owner, ALL, "ASC"), PAGE(owner, IDS, "ASC")), \
	SQL(PAGE(owner, ALL, "DESC"), PAGE(owner, IDS, "DESC")), \
	SQL(COUNT(owner, ALL), COUNT(owner, IDS)), \
}

const struct archive_page_sql archive_page_sqlite[ARCHIVE_KINDS] = {
	[ARCHIVE_OF_ACCOUNT] = OF(ACCOUNT),
	[ARCHIVE_OF_ROOM] = OF(ROOM),
};
