#include "shared/archive_burial.h"

#include <stdbool.h>
#include <string.h>

#include "shared/archive_hold.h"
#include "shared/archive_row.h"
#include "shared/archive_tombstone.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/ns.h"
#include "shared/store.h"
#include "shared/str.h"
#include "shared/xml.h"

#define TEXT(x) #x
#define NUMBER(x) TEXT(x)

/* Bytes of a retraction's id that a tombstone repeats. */
#define ID_MAX 256

/* Parameters, of the retraction: $1, $2 whom it is from and to; $3 its uid; $4
   what it names, $5 before which serial; $6 the ways; $7 the resource that the
   message must be from, or NULL; $8 1 to conceal. */
#define ID(param) \
	"(SELECT a.id FROM archive_address a WHERE a.jid = " param ")"

/* The limit is not known when it is planned, so that the order of the index is
   followed: one who has sent much is not read as a whole. */
#define NAMED \
	"SELECT t.serial FROM (SELECT o.serial, o.recipient, o.id, o.ways, " \
	"o.resource FROM archive_message o WHERE o.sender = " ID("$1") " " \
	"AND o.serial < CAST($5 AS BIGINT) ORDER BY o.serial DESC " \
	"LIMIT (SELECT " NUMBER(ARCHIVE_BURIAL_DEPTH) ")) AS t " \
	"WHERE t.id = $4 AND t.recipient = " ID("$2") " " \
	"AND (t.ways & CAST($6 AS BIGINT)) <> 0 " \
	"AND " IS_FROM("t") " ORDER BY t.serial DESC LIMIT 1"
#define IS_FROM(m) \
	"(CAST($7 AS TEXT) IS NULL OR " \
	"COALESCE(" m ".resource, '') = CAST($7 AS TEXT))"
/* 2 is ARCHIVE_EDIT. */
#define EDITS \
	"SELECT c.serial FROM archive_message c WHERE c.about = $4 " \
	"AND c.relation = 2 AND c.sender + 0 = " ID("$1") " " \
	"AND c.recipient + 0 = " ID("$2") " " \
	"AND c.serial < CAST($5 AS BIGINT) " \
	"AND (c.ways & CAST($6 AS BIGINT)) <> 0 AND " IS_FROM("c")

/* One that is a tombstone already is let be, and so is a retraction, which is
   to stay (XEP-0424 section 5): 1 is ARCHIVE_RETRACTION. */
#define IS_LIVE \
	"(m.flags & 128) = 0 AND COALESCE(m.relation, 0) <> 1 " \
	"AND (m.body IS NOT NULL OR COALESCE(m.rest, '') NOT LIKE " \
	"'<retracted xmlns=''" NS_RETRACT "''%')"

/* What was said by that id before is not in its place. */
#define FOUND_BY_NAME \
	"WITH n AS (" NAMED ") SELECT serial FROM n UNION ALL " EDITS " " \
	"AND c.serial + 0 > COALESCE((SELECT serial FROM n), 0)"

#define FIND(from) \
	"INSERT INTO archive_retraction (serial, uid, retraction, who, held) " \
	"SELECT m.serial, m.uid, CAST($3 AS TEXT), $1, " \
	"CASE WHEN CAST($8 AS BIGINT) = 1 THEN 2 " \
	"WHEN " ARCHIVE_HOLD_COVERS " THEN 1 ELSE 0 END " \
	"FROM " from(FOUND_BY_NAME) " AND " IS_LIVE " " \
	"AND (CAST($8 AS BIGINT) = 0 OR (m.ways & 7) <> 0) " \
	"ON CONFLICT (serial) DO NOTHING"

/* Parameters: $1 whom they are from; $2 the retraction's uid; $3 what is left.
   What else it has found before is a tombstone by now. */
#define FOUND(held) \
	"SELECT r.serial FROM archive_retraction r " \
	"WHERE r.retraction = $2 AND r.held = " held
#define CHANGE(where, held, what) \
	"UPDATE archive_message AS m SET " what " " where(FOUND(held)) " " \
	"AND " IS_LIVE
#define HIDE(where) CHANGE(where, "1", "flags = m.flags | 128")
/* As ARCHIVE_UNSEEN(); 64 is ARCHIVE_CONCEALED. */
#define CONCEAL(where) \
	CHANGE(where, "2", "ways = (m.ways & 7) * 8 | (m.ways & 56) | 64")
/* 6 are the flags that tell where it came from. */
#define EMPTY(where) \
	CHANGE(where, "0", ARCHIVE_TOMBSTONE_EMPTY ", rest = $3, " \
	       "flags = m.flags & 6")

/* Each serial is looked up with its sender, which is the one index that fits
   both; in SQLite by itself. */
#define IS_ONE "m.sender = " ID("$1") " AND m.serial = i.serial"
#define FROM_PG(list) \
	"(" list ") AS i CROSS JOIN LATERAL (SELECT * FROM archive_message m " \
	"WHERE " IS_ONE " OFFSET 0) AS m WHERE true"
#define WHERE_PG(list) "FROM (" list ") AS i WHERE " IS_ONE
#define WHERE_SQLITE(list) \
	"WHERE +m.sender = " ID("$1") " AND m.serial IN (" list ")"
#define FROM_SQLITE(list) "archive_message AS m " WHERE_SQLITE(list)

struct sql {
	const char *find, *hide, *conceal, *empty;
};
#define SQL(from, where) \
	{ FIND(from), HIDE(where), CONCEAL(where), EMPTY(where) }
static const struct sql pg = SQL(FROM_PG, WHERE_PG);
static const struct sql sqlite = SQL(FROM_SQLITE, WHERE_SQLITE);

/* What stands for the message, as XML in the arena. */
static const char *
print_left(struct arena *arena, const struct archive_row *row)
{
	struct xml *el = xml_new(arena, NS_RETRACT, "retracted");
	char when[CLOCK_TEXT_SIZE];
	struct str out = { 0 };
	const char *text;

	xml_set(arena, el, "stamp", clock_print(row->mark.stamp, when));
	xml_set(arena, el, "id", row->id != NULL &&
		strlen(row->id) <= ID_MAX ? row->id : "");
	xml_print(&out, el, NS_CLIENT);
	text = arena_dup(arena, out.data, out.len);
	str_fini(&out);
	return text;
}

/* Behind the address of a component there may be many, each by a resource. */
static const char *
resource_of(const struct archive_row *row)
{
	bool is_user = (row->buries & ARCHIVE_SENT) != 0 ||
		       (row->mark.flags & ARCHIVE_COMPONENT) == 0;

	return is_user ? NULL : row->resource;
}

void
archive_burial_add(struct store *store, struct store_batch *batch,
		   const struct archive_row *row)
{
	const struct sql *sql = strcmp(store_dialect(store), "sqlite") == 0 ?
				&sqlite : &pg;
	struct arena *arena = arena_new();
	const struct store_value values[] = {
		store_text(row->sender), store_text(row->mark.uid),
		store_text(print_left(arena, row)),
	};

	store_add(batch, sql->find, STORE_VALUES(
		store_text(row->sender), store_text(row->recipient),
		store_text(row->mark.uid), store_text(row->about),
		store_int(row->mark.serial), store_int(row->buries),
		store_text(resource_of(row)), store_int(row->conceals)));
	store_add(batch, sql->hide, values, 2);
	store_add(batch, sql->conceal, values, 2);
	store_add(batch, sql->empty, values, 3);
	arena_free(&arena);
}
