#include "shared/archive_page-private.h"

/* A message by its owner and serial.  Nothing of it can be moved to where its
   serial is from. */
#define ONE(own, conditions) \
	"CROSS JOIN LATERAL (SELECT * FROM archive_message m " \
	"WHERE m." own " = $1 AND m.serial = i.serial AND " conditions " " \
	"OFFSET 0) AS m "

#define MESSAGE \
	"m.sender, m.recipient, m.stamp, m.ways, m.flags, m.type, " \
	"m.relation" ARCHIVE_CELLS_TEXTS(ARCHIVE_CELLS_NAMED, "m")

#define RANGE(of) of ".serial > $2 AND " of ".serial < $3"

#define ALL(own, other, conditions, order) \
	"SELECT m.serial, " MESSAGE " FROM archive_message m " \
	"WHERE m." own " = $1 AND " RANGE("m") " AND " \
	ARCHIVE_PAGE_IS_WITH("m." other) " AND " conditions order " LIMIT $9"

/* The other is in the index, but conditions on that are checked without a look
   at the table only where nothing else is wanted. */
#define WITH(own, other, conditions, order) \
	"SELECT i.serial, " MESSAGE " FROM archive_message i " \
	ONE(own, conditions) \
	"WHERE i." own " = $1 AND " RANGE("i") " AND " \
	ARCHIVE_PAGE_IS_WITH("i." other) order " LIMIT $9"

#define IDS(own, other, conditions, order) \
	"SELECT i.serial, " MESSAGE " " \
	"FROM unnest(CAST($10 AS BIGINT[])) AS i (serial) " \
	ONE(own, ARCHIVE_PAGE_IS_WITH("m." other) " AND " conditions) \
	"WHERE " RANGE("i") order " LIMIT $9"

#define ACCOUNT(source, order) \
	ARCHIVE_PAGE_BOTH(source("sender", "recipient", \
				 ARCHIVE_PAGE_IS_SENT, order), \
			  source("recipient", "sender", \
				 ARCHIVE_PAGE_IS_RECEIVED, order))
#define ROOM(source, order) \
	source("recipient", "sender", ARCHIVE_PAGE_IS_SAID, order)

#define BYTES ARCHIVE_CELLS_SIZE(ARCHIVE_CELLS_BYTES_PG, "m")

/* Of those that several writers have stored; one alone stores nothing twice.
   Each is looked up by itself, as in archive_range.c. */
#define TWIN(has) \
	"CASE WHEN (SELECT count(*) FROM archive_writer) > 1 THEN " \
	"(SELECT min(t.serial) FROM archive_message t WHERE t.uid = m.uid " \
	"AND t.serial < m.serial AND " has("$1") ") END"

/* What is long is not read where it is not on the page. */
#define PAGE(owner, source, order) \
	ARCHIVE_PAGE_ANSWER(TWIN(ARCHIVE_OWNER_##owner##_HAS)) \
	" FROM (SELECT m.*, " ARCHIVE_PAGE_SIZES(BYTES, order) \
	" FROM (SELECT * FROM (" owner(source, ARCHIVE_PAGE_ORDER(order)) \
	") AS b" ARCHIVE_PAGE_ORDER(order) " LIMIT $9) AS m) AS m " \
	ARCHIVE_PAGE_FITS(order)
/* In order, as an index is then the way for few rows as well. */
#define COUNT(owner, source) \
	"SELECT count(*) FROM (" owner(source, ARCHIVE_PAGE_ORDER("ASC")) \
	") AS b"

#define OF(owner) { \
	{ PAGE(owner, ALL, "ASC"), PAGE(owner, WITH, "ASC"), \
	  PAGE(owner, IDS, "ASC") }, \
	{ PAGE(owner, ALL, "DESC"), PAGE(owner, WITH, "DESC"), \
	  PAGE(owner, IDS, "DESC") }, \
	{ COUNT(owner, ALL), COUNT(owner, WITH), COUNT(owner, IDS) }, \
}

const struct archive_page_sql archive_page_pg[ARCHIVE_KINDS] = {
	[ARCHIVE_OF_ACCOUNT] = OF(ACCOUNT),
	[ARCHIVE_OF_ROOM] = OF(ROOM),
};
