#include "shared/archive_burial-private.h"

#include <stdbool.h>
#include <string.h>

#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/store.h"
#include "shared/xml.h"

/* Parameters, of the retraction: $1, $2 whom it is from and to; $3 its uid; $4
   what it names, $5 before which serial; $6 the ways; $7 the resource that the
   message must be from, or NULL; $8 1 to conceal. */
#define ID(param) ARCHIVE_BURIAL_ID(param)

/* The limit is not known when it is planned, so that the order of the index is
   followed: one who has sent much is not read as a whole. */
#define LAST(depth, has_ways) \
	"SELECT t.serial, t.ways FROM (SELECT o.serial, o.recipient, o.id, " \
	"o.ways, o.resource FROM archive_message o " \
	"WHERE o.sender = " ID("$1") " AND o.serial < CAST($5 AS BIGINT) " \
	"ORDER BY o.serial DESC LIMIT (SELECT " depth ")) AS t " \
	"WHERE t.id = $4 AND t.recipient = " ID("$2") " " \
	"AND " has_ways " AND " IS_FROM("t") " " \
	"ORDER BY t.serial DESC LIMIT 1"
#define WAYS "CAST($6 AS BIGINT)"
#define DEPTH ARCHIVE_BURIAL_NUMBER(ARCHIVE_BURIAL_DEPTH)
/* Of what is found, the ways of the one who has no copy of it, whom the
   retraction has one for. */
#define LACKS \
	"SELECT " WAYS " & CASE WHEN (l.ways & 9) = 0 THEN 9 " \
	"WHEN (l.ways & 54) = 0 THEN 54 ELSE 0 END FROM l"
/* What was taken over from elsewhere is a message for each of the two. */
#define NAMED \
	"l AS (" LAST(DEPTH, "(t.ways & " WAYS ") <> 0") "), " \
	"o AS (" LAST("CASE WHEN (" LACKS ") > 0 THEN " DEPTH " ELSE 0 END", \
		      "(t.ways & (" LACKS ")) <> 0 AND " \
		      "(t.ways & 63 & (SELECT l.ways FROM l)) = 0") "), " \
	"n AS (SELECT serial FROM l UNION ALL SELECT serial FROM o)"
#define IS_FROM(m) \
	"(CAST($7 AS TEXT) IS NULL OR " \
	"COALESCE(" m ".resource, '') = CAST($7 AS TEXT))"
/* 2 is ARCHIVE_EDIT. */
#define EDITS \
	"SELECT c.serial FROM archive_message c WHERE c.about = $4 " \
	"AND c.relation = 2 AND c.sender + 0 = " ID("$1") " " \
	"AND c.recipient + 0 = " ID("$2") " " \
	"AND c.serial < CAST($5 AS BIGINT) " \
	"AND (c.ways & " WAYS ") <> 0 AND " IS_FROM("c")

/* 64 is ARCHIVE_CONCEALED. */
#define IS_LIVE \
	"(m.flags & 128) = 0 AND (m.ways & 64) = 0 " \
	"AND NOT " ARCHIVE_BURIAL_IS_LEFT

/* What was said by that id before is not in its place. */
#define FOUND_BY_NAME \
	"WITH " NAMED " SELECT serial FROM n UNION ALL " EDITS " " \
	"AND c.serial + 0 > COALESCE((SELECT min(serial) FROM n), 0)"

#define CONCEALS "(CAST($8 AS BIGINT) = 1)"
#define FIND(from) \
	"INSERT INTO archive_retraction (serial, uid, retraction, who, held) " \
	"SELECT m.serial, m.uid, CAST($3 AS TEXT), $1, " \
	ARCHIVE_BURIAL_HELD(CONCEALS) " " \
	"FROM " from(FOUND_BY_NAME, ID("$1")) " AND " IS_LIVE " " \
	"AND (NOT " CONCEALS " OR (m.ways & 7) <> 0) " \
	"ON CONFLICT (serial, retraction) DO NOTHING"

/* Parameters: $1 whom they are from; $2 the retraction's uid; $3 what is left.
   What else it has found before is a tombstone by now. */
#define FOUND(held) \
	"SELECT r.serial FROM archive_retraction r " \
	"WHERE r.retraction = $2 AND r.held = " held
#define CHANGE_TO(where, held, what) \
	"UPDATE archive_message AS m SET " what " " \
	where(FOUND(held), ID("$1")) " AND " IS_LIVE
#define CHANGE(where, change) CHANGE_TO(where, change)

#define SQL(from, where) { \
	FIND(from), CHANGE(where, ARCHIVE_BURIAL_HIDE("$3")), \
	CHANGE(where, ARCHIVE_BURIAL_CONCEAL("$3")), \
	CHANGE(where, ARCHIVE_BURIAL_EMPTY("$3")), \
}
/* Of what is unseen already nobody is told, but a copy of it may still come.
   Parameters as those of FIND(), but for $3, what is left, and the last. */
#define KEEP_UNSEEN(where) \
	"UPDATE archive_message AS m SET ways = m.ways | 64, " \
	ARCHIVE_BURIAL_REMAINS("$3") " " \
	where(FOUND_BY_NAME, ID("$1")) " AND " IS_LIVE " " \
	"AND (m.ways & 7) = 0"
static const char unseen_pg[] = KEEP_UNSEEN(ARCHIVE_BURIAL_WHERE_PG);
static const char unseen_sqlite[] = KEEP_UNSEEN(ARCHIVE_BURIAL_WHERE_SQLITE);

static const struct archive_burial_sql pg =
	SQL(ARCHIVE_BURIAL_FROM_PG, ARCHIVE_BURIAL_WHERE_PG);
static const struct archive_burial_sql sqlite =
	SQL(ARCHIVE_BURIAL_FROM_SQLITE, ARCHIVE_BURIAL_WHERE_SQLITE);

static bool
is_moderated(const struct archive_row *row)
{
	return row->type == ARCHIVE_GROUPCHAT && *row->to_resource == '\0';
}

const char *
archive_burial_left(struct arena *arena, const struct archive_row *row)
{
	struct archive_tombstone tombstone = {
		.stamp = row->mark.stamp, .id = row->id,
	};
	const struct xml *retract;
	struct xml *message;
	struct error err;

	if (is_moderated(row) &&
	    archive_row_message(arena, row, &message, &err) == 0) {
		retract = xml_child(message, NS_RETRACT, "retract");
		tombstone.moderated = xml_child(retract, NS_MODERATE,
						"moderated");
		tombstone.reason = xml_child_text(arena, retract, NS_RETRACT,
						  "reason");
	}
	return archive_tombstone_print(arena, &tombstone);
}

/* Behind the address of a component there may be many, each by a resource; and
   where it came from may not be known. */
static const char *
resource_of(const struct archive_row *row)
{
	bool is_user = (row->buries & ARCHIVE_SENT) != 0 ||
		       (row->mark.flags &
			(ARCHIVE_COMPONENT | ARCHIVE_NO_ORIGIN)) == 0;

	return is_user ? NULL : row->resource;
}

static void
add_user(struct store *store, struct store_batch *batch, struct arena *arena,
	 const struct archive_row *row)
{
	bool is_sqlite = strcmp(store_dialect(store), "sqlite") == 0;
	const struct archive_burial_sql *sql = is_sqlite ? &sqlite : &pg;
	const struct store_value values[] = {
		store_text(row->sender), store_text(row->mark.uid),
		store_text(archive_burial_left(arena, row)),
	};
	struct store_value which[] = {
		store_text(row->sender), store_text(row->recipient),
		store_text(row->mark.uid), store_text(row->about),
		store_int(row->mark.serial), store_int(row->buries),
		store_text(resource_of(row)), store_int(row->conceals),
	};

	store_add(batch, sql->find, which, 8);
	which[2] = values[2];
	if (row->conceals)
		store_add(batch, is_sqlite ? unseen_sqlite : unseen_pg, which,
			  7);
	store_add(batch, sql->hide, values, 3);
	store_add(batch, sql->conceal, values, 3);
	store_add(batch, sql->empty, values, 3);
}

static void
add_room(struct store *store, struct store_batch *batch, struct arena *arena,
	 const struct archive_row *row)
{
	archive_burial_add_room(store, batch, &(struct archive_burial_room){
		.who = row->sender, .archive = row->recipient,
		.target = row->about, .retraction = row->mark.uid,
		.left = archive_burial_left(arena, row),
		.serial = row->mark.serial, .moderated = is_moderated(row),
		.conceals = row->conceals,
	});
}

void
archive_burial_add(struct store *store, struct store_batch *batch,
		   const struct archive_row *row)
{
	struct arena *arena = arena_new();

	if (row->type == ARCHIVE_GROUPCHAT)
		add_room(store, batch, arena, row);
	else
		add_user(store, batch, arena, row);
	arena_free(&arena);
}
