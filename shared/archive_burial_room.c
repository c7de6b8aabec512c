#include "shared/archive_burial-private.h"

#include <stdlib.h>
#include <string.h>

#include "shared/error.h"
#include "shared/store.h"

/* Parameters: $1 who asks for it; $2 the room's archive; $3 the message's uid;
   $4 1: as a moderator; $5 the retraction's uid; $6 what is left. */
#define ID(param) ARCHIVE_BURIAL_ID(param)
#define IS_MODERATED "CAST($4 AS BIGINT) = 1"

/* The message, once; by its uid, as no index fits the rest. */
#define TARGET \
	"SELECT max(t.serial) AS serial, max(t.sender) AS sender, " \
	"max(t.id) AS id, COALESCE(max(t.to_resource), '') AS nick " \
	"FROM archive_message t WHERE t.uid = $3 " \
	"AND t.recipient + 0 = " ID("$2") " " \
	"AND (" IS_MODERATED " OR t.sender + 0 = " ID("$1") ")"
#define THE(column) "(SELECT o." column " FROM o)"
/* Whether one of the same sender is of the same author: the room, $9, stands
   for all whom it does not know but by their nicks, where that was taken over
   from elsewhere. */
#define IS_HIS(m) \
	"CASE WHEN " THE("sender") " = " ID("$9") " " \
	"THEN COALESCE(" m ".to_resource, '') = " THE("nick") " " \
	"ELSE true END"

/* The next one that its author has sent to the room by the same id: what names
   that id then is about this one.  The limit is not known when it is planned,
   so that the order of the index is followed. */
#define NEXT \
	"(SELECT min(n.serial) FROM (SELECT l.serial, l.recipient, l.id, " \
	"l.to_resource FROM archive_message l " \
	"WHERE l.sender = " THE("sender") " " \
	"AND l.serial > " THE("serial") " ORDER BY l.serial LIMIT " \
	"(SELECT " ARCHIVE_BURIAL_NUMBER(ARCHIVE_BURIAL_DEPTH) ")) AS n " \
	"WHERE n.id = " THE("id") " AND n.recipient = " ID("$2") " " \
	"AND " IS_HIS("n") ")"
/* Before serial $7.  2 is ARCHIVE_EDIT. */
#define EDITS \
	"SELECT c.serial FROM archive_message c " \
	"WHERE c.about = " THE("id") " AND c.relation = 2 " \
	"AND c.sender + 0 = " THE("sender") " " \
	"AND c.recipient + 0 = " ID("$2") " AND " IS_HIS("c") " " \
	"AND c.serial + 0 > " THE("serial") " " \
	"AND c.serial + 0 < CAST($7 AS BIGINT) " \
	"AND c.serial + 0 < COALESCE(" NEXT ", 9223372036854775807)"

/* Its author takes no tombstone away; but anybody could say something that
   looks like one, so that does not keep it from a moderator.  64 is
   ARCHIVE_CONCEALED. */
#define IS_LIVE \
	"(m.flags & 128) = 0 AND (m.ways & 64) = 0 AND CASE " \
	"WHEN " IS_MODERATED " THEN m.body IS NOT NULL " \
	"OR m.subject IS NOT NULL OR m.thread IS NOT NULL " \
	"OR COALESCE(m.rest, '') <> CAST($6 AS TEXT) " \
	"ELSE NOT " ARCHIVE_BURIAL_IS_LEFT " END"

/* Whether somebody wants it kept for auditors: of all, $8; or of its author, or
   of the room, $9. */
#define IS_KEPT(domain) \
	"(CAST($8 AS BIGINT) = 1 OR EXISTS (SELECT 1 FROM archive_kept k, " \
	"archive_address s WHERE s.id = m.sender AND k.whose IN " \
	"(s.jid, " domain("s.jid") ", CAST($9 AS TEXT), " \
	domain("CAST($9 AS TEXT)") ")))"
#define DOMAIN_PG(jid) "split_part(" jid ", '@', 2)"
#define DOMAIN_SQLITE(jid) "substr(" jid ", instr(" jid ", '@') + 1)"

/* Besides: $8 1 to conceal; $9 the room. */
#define FIND(from, domain) \
	"INSERT INTO archive_retraction (serial, uid, retraction, who, held, " \
	"room, moderated) WITH o AS (" TARGET ") " \
	"SELECT m.serial, m.uid, CAST($5 AS TEXT), CAST($1 AS TEXT), " \
	ARCHIVE_BURIAL_HELD(IS_KEPT(domain)) ", CAST($9 AS TEXT), " \
	"CAST($4 AS BIGINT) FROM " \
	from("SELECT o.serial FROM o UNION ALL " EDITS, THE("sender")) " " \
	"AND " IS_LIVE " " \
	"AND (NOT " IS_KEPT(domain) " OR (m.ways & 7) <> 0) " \
	"ON CONFLICT (serial, retraction) DO NOTHING"

#define FOUND(held) \
	"SELECT r.serial FROM archive_retraction r " \
	"WHERE r.retraction = $5 AND r.held = " held
#define CHANGE_TO(where, held, what) \
	"WITH o AS (" TARGET ") UPDATE archive_message AS m SET " what " " \
	where(FOUND(held), THE("sender")) " AND " IS_LIVE
#define CHANGE(where, change) CHANGE_TO(where, change)

#define SQL(from, where, domain) { \
	FIND(from, domain), CHANGE(where, ARCHIVE_BURIAL_HIDE("$6")), \
	CHANGE(where, ARCHIVE_BURIAL_CONCEAL("$6")), \
	CHANGE(where, ARCHIVE_BURIAL_EMPTY("$6")), \
}
static const struct archive_burial_sql pg =
	SQL(ARCHIVE_BURIAL_FROM_PG, ARCHIVE_BURIAL_WHERE_PG, DOMAIN_PG);
static const struct archive_burial_sql sqlite =
	SQL(ARCHIVE_BURIAL_FROM_SQLITE, ARCHIVE_BURIAL_WHERE_SQLITE,
	    DOMAIN_SQLITE);

enum { CHANGED = 6, FOUND_BY = 9 };

void
archive_burial_add_room(struct store *store, struct store_batch *batch,
			const struct archive_burial_room *burial)
{
	const struct archive_burial_sql *sql =
		strcmp(store_dialect(store), "sqlite") == 0 ? &sqlite : &pg;
	const char *archive = burial->archive;
	char *room = strndup(archive, strcspn(archive, "/"));
	const struct store_value values[] = {
		store_text(burial->who), store_text(archive),
		store_text(burial->target), store_int(burial->moderated),
		store_text(burial->retraction), store_text(burial->left),
		store_int(burial->serial), store_int(burial->conceals),
		store_text(room),
	};

	ensure(room != NULL);
	store_add(batch, sql->find, values, FOUND_BY);
	store_add(batch, sql->hide, values, CHANGED);
	store_add(batch, sql->conceal, values, CHANGED);
	store_add(batch, sql->empty, values, CHANGED);
	free(room);
}
