#include "components/archive/retention/traces.h"

#include <stdbool.h>
#include <string.h>

#include "components/archive/retention/pending.h"
#include "shared/archive_attendance.h"
#include "shared/archive_hold.h"
#include "shared/archive_tombstone.h"
#include "shared/clock.h"
#include "shared/store_list.h"

#define TEXT(x) #x
#define NUMBER(x) TEXT(x)

#define ID(param) \
	"(SELECT a.id FROM archive_address a WHERE a.jid = " param " " \
	"ORDER BY a.id LIMIT 1)"

/* The first serial after they were asked to go. */
#define BOUND \
	"(SELECT e.stamp * 256 FROM archive_erasure e WHERE e.jid = $1)"

#define FIND(own, kinds) \
	"SELECT m.serial, CAST(CASE WHEN " ARCHIVE_HOLD_COVERS " THEN 1 " \
	"ELSE 0 END AS BIGINT) FROM archive_message m " \
	"WHERE m." own " = " ID("$1") " AND m.serial > $2 " \
	"AND m.serial < " BOUND " AND " kinds " " \
	"ORDER BY m.serial LIMIT " NUMBER(TRACES_MAX)

/* Where nothing is held, no message is looked at. */
#define SHOWS_HELD(which) \
	"(EXISTS (SELECT 1 FROM archive_hold) AND EXISTS (SELECT 1 " \
	"FROM archive_message m WHERE " which " AND " ARCHIVE_HOLD_COVERS "))"
#define VISIT_SHOWS \
	"m.recipient = t.room AND m.serial > t.first AND m.serial < t.last"
#define ROW_SHOWS "m.recipient = d.room AND m.serial = d.serial"
#define VISIT_IS_HELD SHOWS_HELD(VISIT_SHOWS)
#define ROW_IS_HELD SHOWS_HELD(ROW_SHOWS)

#define IS_HIS(serial) \
	" = " ID("$1") " AND " serial " < " BOUND
#define IS_HIS_VISIT "t.owner" IS_HIS("t.first")
#define IS_HIS_ROW "d.owner" IS_HIS("d.serial")

#define FIND_SHOWN(table, is_his, serial, is_held) \
	"SELECT * FROM (SELECT " serial " AS serial, CAST(CASE WHEN " \
	is_held " THEN 1 ELSE 0 END AS BIGINT) AS held FROM " table " " \
	"WHERE " is_his " AND " serial " > $2 ORDER BY " serial " " \
	"LIMIT " NUMBER(TRACES_MAX) ") AS s"

static const char *const find_sql[TRACES_SIDES] = {
	[TRACES_SENT] = FIND("sender", "true"),
	/* A room is no person, and what is said in it is others'. */
	[TRACES_RECEIVED] = FIND("recipient", "m.type <> 2"),
	[TRACES_SHOWN] = "SELECT serial, held FROM ("
		FIND_SHOWN("archive_attendance t", IS_HIS_VISIT, "t.first",
			   VISIT_IS_HELD) " UNION ALL "
		FIND_SHOWN("archive_delivery d", IS_HIS_ROW, "d.serial",
			   ROW_IS_HELD) ") AS b ORDER BY serial "
		"LIMIT " NUMBER(TRACES_MAX),
};

#define THESE(own, list) \
	"m." own " = " ID("$1") " AND m.serial >= $2 AND m.serial <= $3 " \
	"AND m.serial " list " AND m.serial < " BOUND " " \
	"AND NOT " ARCHIVE_HOLD_COVERS

#define IS_ONLY_HIS(theirs) \
	"((m.ways & " theirs ") = 0 OR m.sender = m.recipient)"
/* As in copies.c. */
#define FORGET(own, theirs, list, of_these) \
	"DELETE FROM archive_delivery AS d WHERE d.serial >= $2 " \
	"AND d.serial <= $3 " of_these \
	"AND EXISTS (SELECT 1 FROM archive_message m " \
	"WHERE " THESE(own, list) " AND m.serial = d.serial " \
	"AND " IS_ONLY_HIS(theirs) ")"
#define REMOVE(own, theirs, list) \
	"DELETE FROM archive_message AS m WHERE " THESE(own, list) " " \
	"AND " IS_ONLY_HIS(theirs)
#define CHANGE(own, what, list) \
	"UPDATE archive_message AS m SET " what " WHERE " \
	THESE(own, list) " RETURNING serial"

#define IN_PG "= ANY (CAST($4 AS BIGINT[]))"
#define IN_SQLITE "IN (SELECT value FROM json_each($4))"

/* The ways of each one's copies, with those that are unseen. */
#define SENDERS "9"
#define RECIPIENTS "54"

/* In a room to_resource is his nick; 64 is ARCHIVE_CONCEALED. */
#define HIS \
	ARCHIVE_TOMBSTONE_SET ", remains = NULL, id = NULL, " \
	"resource = NULL, " \
	"to_resource = CASE WHEN type = 2 THEN NULL ELSE to_resource END, " \
	"ways = ways & (64 | " RECIPIENTS "), sender = " ID("$5")
#define THEIRS \
	"to_resource = NULL, ways = ways & (64 | " SENDERS "), " \
	"recipient = " ID("$5")

#define RENAME(table, is_his, serial, is_held, list) \
	"UPDATE " table " SET owner = " ID("$5") " WHERE " is_his " " \
	"AND " serial " >= $2 AND " serial " <= $3 AND " serial " " list " " \
	"AND NOT " is_held

#define OF_THESE "AND d.serial " IN_SQLITE " "

#define STEPS 3
#define ERASE(list, of_these) { \
	[TRACES_SENT] = { FORGET("sender", RECIPIENTS, list, of_these), \
		REMOVE("sender", RECIPIENTS, list), \
		CHANGE("sender", HIS, list) }, \
	[TRACES_RECEIVED] = { FORGET("recipient", SENDERS, list, of_these), \
		REMOVE("recipient", SENDERS, list), \
		CHANGE("recipient", THEIRS, list) }, \
	[TRACES_SHOWN] = { \
		RENAME("archive_attendance AS t", IS_HIS_VISIT, "t.first", \
		       VISIT_IS_HELD, list), \
		RENAME("archive_delivery AS d", IS_HIS_ROW, "d.serial", \
		       ROW_IS_HELD, list), NULL }, \
}
static const char *const erase_pg[TRACES_SIDES][STEPS] = ERASE(IN_PG, "");
static const char *const erase_sqlite[TRACES_SIDES][STEPS] =
	ERASE(IN_SQLITE, OF_THESE);

#define EVENT(own) "e." own " = " ID("$1") " AND e.serial < " BOUND
/* By him, for him or about him, as the index has them, and not held. */
#define EVENTS(own) \
	"SELECT * FROM (SELECT e.serial FROM archive_event e " \
	"WHERE " EVENT(own) " AND NOT " ARCHIVE_HOLD_COVERS_EVENT " " \
	"ORDER BY e.serial LIMIT " NUMBER(TRACES_MAX) ") AS " own
#define NO_EVENT(own) \
	"AND NOT EXISTS (SELECT 1 FROM archive_event e WHERE " EVENT(own) ") "

static void
add_alias(struct store_batch *batch, const struct traces *traces)
{
	store_add(batch, "INSERT INTO archive_address (jid) "
		  "SELECT e.alias FROM archive_erasure e WHERE e.jid = $1 "
		  "AND NOT EXISTS (SELECT 1 FROM archive_address a "
		  "WHERE a.jid = e.alias)",
		  STORE_VALUES(store_text(traces->jid)));
	store_add(batch, "SELECT alias, who FROM archive_erasure "
		  "WHERE jid = $1",
		  STORE_VALUES(store_text(traces->jid)));
}

void
traces_begin(struct store *store, const struct traces *traces,
	     const char *who, store_fn *fn, void *ctx)
{
	struct store_batch *batch = store_begin(store);

	store_add(batch, "INSERT INTO archive_erasure (jid, alias, who, stamp) "
		  "VALUES ($1, $2, $3, $4) ON CONFLICT (jid) DO UPDATE "
		  "SET who = excluded.who, stamp = excluded.stamp",
		  STORE_VALUES(store_text(traces->jid),
			       store_text(traces->alias), store_text(who),
			       store_int(clock_now())));
	store_add(batch, "DELETE FROM archive_preference WHERE owner = $1",
		  STORE_VALUES(store_text(traces->jid)));
	add_alias(batch, traces);
	store_commit(&batch, fn, ctx);
}

void
traces_resume(struct store *store, const struct traces *traces, store_fn *fn,
	      void *ctx)
{
	struct store_batch *batch = store_begin(store);

	add_alias(batch, traces);
	store_commit(&batch, fn, ctx);
}

void
traces_find(struct store *store, const struct traces *traces, store_fn *fn,
	    void *ctx)
{
	store_read(store, find_sql[traces->side],
		   STORE_VALUES(store_text(traces->jid),
				store_int(traces->after)), fn, ctx);
}

void
traces_erase(struct store *store, const struct traces *traces,
	     const int64_t *serials, size_t count, store_fn *fn, void *ctx)
{
	bool pg = strcmp(store_dialect(store), "postgresql") == 0;
	const char *const *sql = pg ? erase_pg[traces->side] :
				 erase_sqlite[traces->side];
	struct store_batch *batch = store_begin(store);
	struct store_list list = { 0 };
	struct store_value values[] = {
		store_text(traces->jid), store_int(serials[0]),
		store_int(serials[count - 1]), store_text(NULL),
		store_text(traces->alias),
	};

	store_list_begin(&list, store_dialect(store));
	for (size_t i = 0; i < count; i++)
		store_list_add_int(&list, serials[i]);
	values[3] = store_text(store_list_end(&list));
	archive_hold_heed(store, batch);
	for (size_t i = 0; i < STEPS && sql[i] != NULL; i++) {
		bool renames = traces->side == TRACES_SHOWN || i == STEPS - 1;

		store_add(batch, sql[i], values, renames ? 5 : 4);
	}
	store_commit(&batch, fn, ctx);
	store_list_fini(&list);
}

void
traces_forget_events(struct store *store, const struct traces *traces,
		     store_fn *fn, void *ctx)
{
	static const char sql[] =
		"DELETE FROM archive_event WHERE serial IN "
		"(" EVENTS("sender") " UNION " EVENTS("recipient") " UNION "
		EVENTS("about") " ORDER BY serial LIMIT " NUMBER(TRACES_MAX)
		") RETURNING serial";
	struct store_batch *batch = store_begin(store);

	archive_hold_heed(store, batch);
	store_add(batch, sql, STORE_VALUES(store_text(traces->jid)));
	store_commit(&batch, fn, ctx);
}

/* The address is changed rather than removed, as others may know its id still,
   to write by it.  It stays where there are messages of later. */
void
traces_end(struct store *store, const struct traces *traces, store_fn *fn,
	   void *ctx)
{
	static const char address_sql[] =
		"UPDATE archive_address AS o SET jid = 'was-' || $2 "
		"WHERE o.jid = $1 AND NOT EXISTS (SELECT 1 FROM "
		"archive_message m WHERE m.sender = o.id) "
		"AND NOT EXISTS (SELECT 1 FROM archive_message m "
		"WHERE m.recipient = o.id) AND NOT EXISTS "
		"(SELECT 1 FROM archive_delivery d WHERE d.owner = o.id) "
		"AND NOT EXISTS (SELECT 1 FROM archive_event e "
		"WHERE o.id IN (e.sender, e.recipient, e.about)) "
		"AND NOT EXISTS (SELECT 1 FROM archive_attendance t "
		"WHERE t.owner = o.id)";
	static const char done_sql[] =
		"DELETE FROM archive_erasure WHERE jid = $1 AND NOT EXISTS "
		"(SELECT 1 FROM archive_message m WHERE "
		"m.sender = " ID("$1") " AND m.serial < " BOUND ") "
		"AND NOT EXISTS (SELECT 1 FROM archive_message m WHERE "
		"m.recipient = " ID("$1") " AND m.type <> 2 "
		"AND m.serial < " BOUND ") "
		"AND NOT EXISTS (SELECT 1 FROM archive_delivery d WHERE "
		"d.owner = " ID("$1") " AND d.serial < " BOUND ") "
		NO_EVENT("sender") NO_EVENT("recipient") NO_EVENT("about")
		"AND NOT EXISTS (SELECT 1 FROM archive_attendance t WHERE "
		"t.owner = " ID("$1") " AND t.first < " BOUND ") "
		"AND NOT EXISTS (SELECT 1 FROM archive_held x WHERE "
		PENDING_IS_OF("$1") " AND x.since * 256 < " BOUND ")";
	const struct store_value values[] = {
		store_text(traces->jid), store_text(traces->alias),
	};
	struct store_batch *batch = store_begin(store);

	archive_hold_heed(store, batch);
	store_add(batch, address_sql, values, 2);
	store_add(batch, done_sql, values, 1);
	store_commit(&batch, fn, ctx);
}

/* A row is a matter that holds one of his. */
#define HELD(table, is_held, is_his) \
	"SELECT k.matter FROM " table " " \
	"JOIN (SELECT DISTINCT matter FROM archive_hold) AS k " \
	"ON " is_held " WHERE " is_his
#define MATTER_HOLDS(from) \
	"EXISTS (SELECT 1 " from " AND h.matter = k.matter)"
#define MATTER_HOLDS_SHOWN(which) \
	"EXISTS (SELECT 1 FROM archive_message m WHERE " which " " \
	"AND " MATTER_HOLDS(ARCHIVE_HOLD_FROM) ")"

void
traces_count_held(struct store *store, const struct traces *traces,
		  store_fn *fn, void *ctx)
{
	static const char sql[] =
		"SELECT matter, count(*) FROM ("
		HELD("archive_message m", MATTER_HOLDS(ARCHIVE_HOLD_FROM),
		     "m.sender = " ID("$1") " OR m.recipient = " ID("$1"))
		" UNION ALL "
		HELD("archive_event e", MATTER_HOLDS(ARCHIVE_HOLD_EVENT_FROM),
		     "e.sender = " ID("$1") " OR e.recipient = " ID("$1") " "
		     "OR e.about = " ID("$1"))
		" UNION ALL "
		HELD("archive_attendance t", MATTER_HOLDS_SHOWN(VISIT_SHOWS),
		     "t.owner = " ID("$1"))
		" UNION ALL "
		HELD("archive_delivery d", MATTER_HOLDS_SHOWN(ROW_SHOWS),
		     "d.owner = " ID("$1"))
		" UNION ALL "
		HELD("archive_held x", MATTER_HOLDS(HELD_HOLD_FROM),
		     PENDING_IS_OF("$1")) ") AS held "
		"GROUP BY matter ORDER BY matter";

	store_read(store, sql, STORE_VALUES(store_text(traces->jid)), fn,
		   ctx);
}
