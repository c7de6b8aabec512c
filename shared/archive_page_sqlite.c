#include "shared/archive_page-private.h"

#define SELECT(from, own, other, conditions, order) \
	"SELECT m.serial, " ARCHIVE_PAGE_MESSAGE " " \
	"FROM archive_message AS m " from \
	own " = $1 AND m.serial > $2 AND m.serial < $3 AND " \
	ARCHIVE_PAGE_IS_WITH("m." other) " AND " conditions order " LIMIT $9"

/* The serial is in the index, behind the owner. */
#define ALL(own, other, conditions, order) \
	SELECT("INDEXED BY archive_message_" own " WHERE m.", \
	       own, other, conditions, order)

/* Not by the index: there are few serials, each of one message. */
#define IDS(own, other, conditions, order) \
	SELECT("WHERE m.serial IN (SELECT value FROM json_each($10)) AND +m.", \
	       own, other, conditions, order)

#define SENT(source, order) \
	source("sender", "recipient", ARCHIVE_PAGE_IS_SENT, order)
#define RECEIVED(source, order) \
	source("recipient", "sender", ARCHIVE_PAGE_IS_RECEIVED, order)

#define SIZE(NAME, name) " + COALESCE(length(CAST(m." #name " AS BLOB)), 0)"
#define BYTES "0" ARCHIVE_PAGE_TEXTS(SIZE)

/* Its uids are unique. */
#define TWIN "NULL"

#define PAGE(source, order) \
	ARCHIVE_PAGE_SQL(SENT(source, ARCHIVE_PAGE_ORDER(order)), \
			 RECEIVED(source, ARCHIVE_PAGE_ORDER(order)), \
			 TWIN, BYTES, order)
#define COUNT(source) \
	ARCHIVE_PAGE_COUNT(SENT(source, ""), RECEIVED(source, ""))

static const char forward[] = PAGE(ALL, "ASC");
static const char backward[] = PAGE(ALL, "DESC");
static const char count[] = COUNT(ALL);

const struct archive_page_sql archive_page_sqlite = {
	{ forward, forward, PAGE(IDS, "ASC") },
	{ backward, backward, PAGE(IDS, "DESC") },
	{ count, count, COUNT(IDS) },
};
