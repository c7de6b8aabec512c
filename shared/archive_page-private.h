/*
 * archive_page-private.h - what finds a page, and how each database wants it
 * said.
 *
 * Parameters: $1 the owner's id; $2, $3 the serials after and before which;
 * $4 the id of the other, or NULL, $5 the other's resource, or NULL; $6, $7
 * the first and last time; $8 1 with groupchat; $9 how many at most; $10 a
 * list of serials, where there is one.
 */
#ifndef SHARED_ARCHIVE_PAGE_PRIVATE_H
#define SHARED_ARCHIVE_PAGE_PRIVATE_H

#include "shared/archive_cells.h"
#include "shared/archive_owner-private.h"
#include "shared/archive_page.h"

/* What tells which messages may match, before they are looked at. */
enum archive_page_source {
	ARCHIVE_PAGE_ALL,
	ARCHIVE_PAGE_WITH,	/* those with the other */
	ARCHIVE_PAGE_IDS,	/* those in the list */
	ARCHIVE_PAGE_SOURCES,
};

struct archive_page_sql {
	const char *forward[ARCHIVE_PAGE_SOURCES];
	const char *backward[ARCHIVE_PAGE_SOURCES];	/* the last first */
	const char *count[ARCHIVE_PAGE_SOURCES];
};

extern const struct archive_page_sql archive_page_pg[ARCHIVE_KINDS];
extern const struct archive_page_sql archive_page_sqlite[ARCHIVE_KINDS];

/* The columns of a page's answer. */
enum archive_page_column {
	ARCHIVE_PAGE_FOUND,	/* how many, with those left out for size */
	ARCHIVE_PAGE_TWIN,	/* serial of an earlier one of that uid */
	ARCHIVE_PAGE_CELLS,	/* the message (archive_cells.h) */
};

/* Parts of the statements, of a message m.  A CASE is taken to be true of
   every other row, so that the planner goes by the index's order, where it
   would read and sort all if it took few rows to match; and no other index
   fits it. */
#define ARCHIVE_PAGE_IS_WITH(other) \
	"CASE WHEN CAST($4 AS BIGINT) IS NULL THEN true " \
	"ELSE " other " = CAST($4 AS BIGINT) END"

#define ARCHIVE_PAGE_MATCHES(resource) \
	"CASE WHEN CAST($5 AS TEXT) IS NULL THEN true " \
	"ELSE " resource " = CAST($5 AS TEXT) END AND " \
	"CASE WHEN COALESCE(m.stamp, m.serial / 256) " \
	"BETWEEN CAST($6 AS BIGINT) AND CAST($7 AS BIGINT) " \
	"THEN true ELSE false END AND " \
	"(m.type <> 2 OR CAST($8 AS BIGINT) = 1)"

/* The owner's as the sender; and as the recipient, without those that are
   found as the sender's. */
#define ARCHIVE_PAGE_IS_SENT \
	ARCHIVE_OWNER_SENT("m") " AND " ARCHIVE_PAGE_MATCHES("m.to_resource")
#define ARCHIVE_PAGE_IS_RECEIVED \
	ARCHIVE_OWNER_RECEIVED("m") " AND " \
	ARCHIVE_PAGE_MATCHES("m.resource") " AND " \
	"CASE WHEN m.sender = $1 AND (m.ways & 1) <> 0 " \
	"THEN COALESCE(m.to_resource, '') <> CAST($5 AS TEXT) " \
	"ELSE true END"
/* In a room, where a resource alone is a nick. */
#define ARCHIVE_PAGE_IS_SAID \
	ARCHIVE_OWNER_SAID("m") " AND " ARCHIVE_PAGE_MATCHES( \
		"CASE WHEN CAST($4 AS BIGINT) IS NULL THEN m.to_resource " \
		"ELSE m.resource END")

/* Both, each a statement of its own that has a limit. */
#define ARCHIVE_PAGE_BOTH(sent, received) \
	"SELECT * FROM (" sent ") AS s UNION ALL " \
	"SELECT * FROM (" received ") AS r"

#define ARCHIVE_PAGE_TEXT(x) #x
#define ARCHIVE_PAGE_NUMBER(x) ARCHIVE_PAGE_TEXT(x)

/* What is counted needs it only where the planner would not take an index. */
#define ARCHIVE_PAGE_ORDER(order) " ORDER BY serial " order

/* They are selected where found and a message m are; twin is the serial of an
   earlier one of its uid. */
#define ARCHIVE_PAGE_ANSWER(twin) \
	"SELECT found, " twin ", " ARCHIVE_CELLS_OF("m")

/* How many there are of m, and what those ahead of each take.  bytes is what
   its texts do, but for the addresses, which are short; order ASC or DESC. */
#define ARCHIVE_PAGE_SIZES(bytes, order) \
	"count(*) OVER () AS found, sum(" bytes ") OVER " \
	"(ORDER BY m.serial " order " ROWS UNBOUNDED PRECEDING) - (" bytes \
	") AS ahead"

/* Where that ends. */
#define ARCHIVE_PAGE_FITS(order) \
	"WHERE ahead < " ARCHIVE_PAGE_NUMBER(ARCHIVE_PAGE_BYTES) " " \
	"ORDER BY m.serial " order

#endif
