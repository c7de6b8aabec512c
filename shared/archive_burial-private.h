/*
 * archive_burial-private.h - how what was retracted goes, as parts of
 * statements about messages m.
 */
#ifndef SHARED_ARCHIVE_BURIAL_PRIVATE_H
#define SHARED_ARCHIVE_BURIAL_PRIVATE_H

#include "shared/archive_burial.h"
#include "shared/archive_hold.h"
#include "shared/archive_tombstone.h"
#include "shared/ns.h"

#define ARCHIVE_BURIAL_TEXT(x) #x
#define ARCHIVE_BURIAL_NUMBER(x) ARCHIVE_BURIAL_TEXT(x)

#define ARCHIVE_BURIAL_ID(param) \
	"(SELECT a.id FROM archive_address a WHERE a.jid = " param ")"

/* One that is a tombstone already, or a retraction, which is to stay (XEP-0424
   section 5): 1 is ARCHIVE_RETRACTION. */
#define ARCHIVE_BURIAL_IS_LEFT \
	"(COALESCE(m.relation, 0) = 1 OR (m.body IS NULL " \
	"AND COALESCE(m.rest, '') LIKE " \
	"'<retracted xmlns=''" NS_RETRACT "''%'))"

/* What becomes of one: archive_retraction has it as held. */
#define ARCHIVE_BURIAL_HELD(conceals) \
	"CASE WHEN " conceals " THEN 2 " \
	"WHEN " ARCHIVE_HOLD_COVERS " THEN 1 ELSE 0 END"
#define ARCHIVE_BURIAL_REMAINS(left) "remains = CAST(" left " AS TEXT)"
#define ARCHIVE_BURIAL_HIDE(left) \
	"1", "flags = m.flags | 128, " ARCHIVE_BURIAL_REMAINS(left)
/* 64 is ARCHIVE_CONCEALED. */
#define ARCHIVE_BURIAL_CONCEAL(left) \
	"2", "ways = m.ways | 64, " ARCHIVE_BURIAL_REMAINS(left)
/* 6 are the flags that tell where it came from. */
#define ARCHIVE_BURIAL_EMPTY(left) \
	"0", ARCHIVE_TOMBSTONE_EMPTY ", rest = CAST(" left " AS TEXT), " \
	"flags = m.flags & 6"

/* Those serials of a list i, all of one sender.  Each is looked up with that
   one, which is the one index that fits both; in SQLite by itself. */
#define ARCHIVE_BURIAL_IS_ONE(sender) \
	"m.sender = " sender " AND m.serial = i.serial"
#define ARCHIVE_BURIAL_FROM_PG(list, sender) \
	"(" list ") AS i CROSS JOIN LATERAL (SELECT * FROM archive_message m " \
	"WHERE " ARCHIVE_BURIAL_IS_ONE(sender) " OFFSET 0) AS m WHERE true"
#define ARCHIVE_BURIAL_WHERE_PG(list, sender) \
	"FROM (" list ") AS i WHERE " ARCHIVE_BURIAL_IS_ONE(sender)
#define ARCHIVE_BURIAL_WHERE_SQLITE(list, sender) \
	"WHERE +m.sender = " sender " AND m.serial IN (" list ")"
#define ARCHIVE_BURIAL_FROM_SQLITE(list, sender) \
	"archive_message AS m " ARCHIVE_BURIAL_WHERE_SQLITE(list, sender)

struct archive_burial_sql {
	const char *find, *hide, *conceal, *empty;
};

#endif
