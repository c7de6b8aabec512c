/*
 * archive_search-private.h - what reads a part of all messages, and how each
 * database wants it said.
 *
 * Parameters: $1, $2 the serials after and before which; $3, $4 the first and
 * last time; $5 how many at most; $6 whether to tell the audience; $7 one of
 * the two, $8 the other or NULL; or $7 the room, $8 the author or NULL; or $7
 * whom it was shown, $8 the author or NULL, $9 the room or NULL.
 */
#ifndef SHARED_ARCHIVE_SEARCH_PRIVATE_H
#define SHARED_ARCHIVE_SEARCH_PRIVATE_H

#include "shared/archive_attendance.h"
#include "shared/archive_cells.h"
#include "shared/archive_link-private.h"
#include "shared/archive_search.h"

struct archive_search_sql {
	/* All, whatever their order: there is no index for that, so there are
	   to be no more than the limit. */
	const char *all_forward, *all_backward;
	/* The same of one room. */
	const char *room_forward, *room_backward;
	/* The same of what one person was shown in rooms. */
	const char *shown_forward, *shown_backward;
	/* The first ones, or last ones, of one person. */
	const char *of_forward, *of_backward;
};

extern const struct archive_search_sql archive_search_pg;
extern const struct archive_search_sql archive_search_sqlite;

/* The columns of the answer. */
enum archive_search_column {
	ARCHIVE_SEARCH_FOUND,	/* how many, with those left out for size */
	ARCHIVE_SEARCH_CELLS,	/* the message (archive_cells.h) */
	ARCHIVE_SEARCH_ORIGINAL = ARCHIVE_SEARCH_CELLS + ARCHIVE_CELLS,
	ARCHIVE_SEARCH_LINKS,
	ARCHIVE_SEARCH_AUDIENCE,
};

/* Parts of the statements.  As in archive_page-private.h, a CASE is taken to be
   true of many rows, so that the planner goes by the order of the index. */
#define ARCHIVE_SEARCH_RANGE "m.serial > $1 AND m.serial < $2"
#define ARCHIVE_SEARCH_TIME \
	"CASE WHEN COALESCE(m.stamp, m.serial / 256) " \
	"BETWEEN CAST($3 AS BIGINT) AND CAST($4 AS BIGINT) " \
	"THEN true ELSE false END"
#define ARCHIVE_SEARCH_ID_OF(jid) \
	"(SELECT a.id FROM archive_address a WHERE a.jid = " jid ")"
#define ARCHIVE_SEARCH_IS_WITH(other) \
	"CASE WHEN CAST($8 AS TEXT) IS NULL THEN true ELSE m." other \
	" = " ARCHIVE_SEARCH_ID_OF("$8") " END"

#define ARCHIVE_SEARCH_EVERY \
	"SELECT * FROM archive_message m WHERE " ARCHIVE_SEARCH_RANGE \
	" AND " ARCHIVE_SEARCH_TIME " LIMIT $5"

/* Its archives have its address, a slash, and when it was made; a zero is what
   follows a slash. */
#define ARCHIVE_SEARCH_ROOM(index) \
	"SELECT * FROM archive_message AS m " index "WHERE m.recipient IN " \
	"(SELECT a.id FROM archive_address a WHERE " \
	"a.jid > CAST($7 AS TEXT) || '/' AND " \
	"a.jid < CAST($7 AS TEXT) || '0') AND m.type = 2 AND " \
	ARCHIVE_SEARCH_RANGE " AND " ARCHIVE_SEARCH_TIME " AND " \
	ARCHIVE_SEARCH_IS_WITH("sender") " LIMIT $5"

/* Those that somebody sent, or got; the latter without those to himself. */
#define ARCHIVE_SEARCH_ONE(index, own, other, besides, order) \
	"SELECT * FROM (SELECT * FROM archive_message AS m " index \
	"WHERE m." own " = " ARCHIVE_SEARCH_ID_OF("$7") " AND " \
	ARCHIVE_SEARCH_RANGE " AND " ARCHIVE_SEARCH_TIME " AND " \
	ARCHIVE_SEARCH_IS_WITH(other) besides \
	" ORDER BY m.serial " order " LIMIT $5) AS " own

/* What was said in rooms while somebody was there, and what he was shown of it
   later.  Those that an interval t, or a row d, has are found by themselves:
   to read all of the time is dearer, whatever seems to be. */
#define ARCHIVE_SEARCH_THAT(which, besides) \
	"m.recipient = " which " AND " ARCHIVE_SEARCH_RANGE " AND " \
	ARCHIVE_SEARCH_TIME " AND m.type = 2 AND " \
	ARCHIVE_SEARCH_IS_WITH("sender") besides
#define ARCHIVE_SEARCH_ATTENDED \
	ARCHIVE_SEARCH_THAT("t.room", " AND m.serial > t.first " \
			    "AND m.serial < t.last")
#define ARCHIVE_SEARCH_CAUGHT_UP \
	ARCHIVE_SEARCH_THAT("d.room", " AND m.serial = d.serial")
#define ARCHIVE_SEARCH_INTERVALS \
	"t.owner = " ARCHIVE_SEARCH_ID_OF("$7") " AND t.first < $2 " \
	"AND t.first > CAST($1 AS BIGINT) - " ARCHIVE_ATTENDANCE_SPAN " " \
	"AND t.last > $1"
#define ARCHIVE_SEARCH_ROWS_OF \
	"d.owner = " ARCHIVE_SEARCH_ID_OF("$7") " AND d.serial > $1 " \
	"AND d.serial < $2"
#define ARCHIVE_SEARCH_BY_OTHERS \
	" AND m.sender <> " ARCHIVE_SEARCH_ID_OF("$7")
#define ARCHIVE_SEARCH_IS_IN(room) \
	" AND CASE WHEN CAST($9 AS TEXT) IS NULL THEN true ELSE EXISTS " \
	"(SELECT 1 FROM archive_address a WHERE a.id = " room " AND " \
	"a.jid > CAST($9 AS TEXT) || '/' AND " \
	"a.jid < CAST($9 AS TEXT) || '0') END"

#define ARCHIVE_SEARCH_BOTH(sent_index, got_index, shown, order) \
	"SELECT * FROM (" \
	ARCHIVE_SEARCH_ONE(sent_index, "sender", "recipient", "", order) \
	" UNION ALL " \
	ARCHIVE_SEARCH_ONE(got_index, "recipient", "sender", \
			   " AND m.sender <> m.recipient", order) \
	" UNION ALL " shown("", "", ARCHIVE_SEARCH_BY_OTHERS, order) \
	") AS b ORDER BY serial " order " LIMIT $5"
#define ARCHIVE_SEARCH_ANY_SHOWN(shown, order) \
	"SELECT * FROM (" shown(ARCHIVE_SEARCH_IS_IN("t.room"), \
				ARCHIVE_SEARCH_IS_IN("d.room"), "", order) \
	") AS b ORDER BY serial " order " LIMIT $5"

#define ARCHIVE_SEARCH_TEXT(x) #x
#define ARCHIVE_SEARCH_NUMBER(x) ARCHIVE_SEARCH_TEXT(x)

/* Whom m was shown in a room, as addresses w.jid. */
#define ARCHIVE_SEARCH_WITNESSES \
	"(SELECT " ARCHIVE_CELLS_JID("s.owner") " AS jid FROM (" \
	ARCHIVE_ATTENDANCE_SHOWN ") AS s ORDER BY 1) AS w"

/* How many bytes a message m has, as in archive_cells.h. */
#define ARCHIVE_SEARCH_SIZE(bytes) \
	"(" ARCHIVE_CELLS_SIZE(bytes, "m") bytes(AUDIENCE, audience, "m") ")"

/* At least one, and what follows as long as the text before it is short of the
   limit.  original and links are looked for of those alone that are told;
   ARCHIVE_SEARCH_ALL_OF(column), which each database has, is a line for
   each. */
#define ARCHIVE_SEARCH_SQL(which, bytes, original, links, order) \
	"SELECT p.found, " ARCHIVE_CELLS_OF("p") ", " \
	original ", " links ", p.audience FROM (SELECT m.*, " \
	"count(*) OVER () AS found, sum(" ARCHIVE_SEARCH_SIZE(bytes) ") OVER " \
	"(ORDER BY m.serial " order " ROWS UNBOUNDED PRECEDING) - " \
	ARCHIVE_SEARCH_SIZE(bytes) " AS ahead FROM (SELECT m.*, " \
	"CASE WHEN CAST($6 AS BIGINT) = 1 THEN (SELECT " \
	ARCHIVE_SEARCH_ALL_OF("w.jid") " " \
	"FROM " ARCHIVE_SEARCH_WITNESSES ") END AS audience " \
	"FROM (" which ") AS m) AS m) AS p " \
	"WHERE p.ahead < " ARCHIVE_SEARCH_NUMBER(ARCHIVE_SEARCH_BYTES) " " \
	"ORDER BY p.serial " order

#endif
