#include "components/archive/retention/copies-private.h"

#include <assert.h>
#include <string.h>

#include "shared/archive_attendance.h"
#include "shared/archive_hold.h"
#include "shared/archive_row.h"
#include "shared/store_list.h"

#define TEXT(x) #x
#define NUMBER(x) TEXT(x)

static_assert(TENURE_ENCRYPTED == (int)ARCHIVE_ENCRYPTED &&
	      TENURE_REMOTE == (int)ARCHIVE_REMOTE, "as the flags");
#define KIND "(m.flags & 3) + CASE WHEN m.type = 2 THEN 4 ELSE 0 END"

/* Copies of each, with those that are unseen. */
#define SENDERS "9"
#define RECIPIENTS "54"

#define WHEN(kind, param) \
	"WHEN " kind " THEN CAST($" param " AS BIGINT) "

#define FIND(own, ways) \
	"SELECT m.serial, CAST(" KIND " AS BIGINT), " \
	"CAST(CASE WHEN " ARCHIVE_HOLD_COVERS " THEN 1 ELSE 0 END " \
	"AS BIGINT) FROM archive_message m WHERE m." own " = $1 " \
	"AND m.serial > $2 AND m.serial < $3 AND (m.ways & " ways ") <> 0 " \
	"AND m.serial < CASE " KIND " " WHEN("0", "4") WHEN("1", "5") \
	WHEN("2", "6") WHEN("3", "7") WHEN("4", "8") WHEN("5", "9") \
	WHEN("6", "10") WHEN("7", "11") "END " \
	"ORDER BY m.serial LIMIT " NUMBER(COPIES_MAX)

/* $2 and $3 are the first and the last, so that no other month is looked
   through; $4 is the list. */
#define THESE(own, list) \
	"m." own " = $1 AND m.serial >= $2 AND m.serial <= $3 " \
	"AND m.serial " list " AND NOT " ARCHIVE_HOLD_COVERS

/* SQLite would read what all people were shown meanwhile, PostgreSQL goes by
   the messages and is best told nothing else. */
#define FORGET(own, theirs, list, of_these) \
	"DELETE FROM archive_delivery AS d WHERE d.serial >= $2 " \
	"AND d.serial <= $3 " of_these \
	"AND EXISTS (SELECT 1 FROM archive_message m " \
	"WHERE " THESE(own, list) " AND m.serial = d.serial " \
	"AND (m.ways & " theirs ") = 0)"
/* Those who were in a room while nothing was said that stays.  All of the
   room's messages may be read at once, so that their bounds are said. */
#define FROM_SPAN "> CAST($2 AS BIGINT) - " ARCHIVE_ATTENDANCE_SPAN
#define TO_SPAN "< CAST($3 AS BIGINT) + " ARCHIVE_ATTENDANCE_SPAN
#define FORGET_VISITS(own, theirs, list) \
	"DELETE FROM archive_attendance AS t WHERE t.room = $1 " \
	"AND t.first " FROM_SPAN " AND t.first < $3 " \
	"AND t.last < " ARCHIVE_ATTENDANCE_OPEN " " \
	"AND NOT EXISTS (SELECT 1 FROM archive_message m " \
	"WHERE m.recipient = t.room AND m.serial > t.first " \
	"AND m.serial < t.last " \
	"AND m.serial " FROM_SPAN " AND m.serial " TO_SPAN " " \
	"AND NOT (" THESE(own, list) " AND (m.ways & " theirs ") = 0))"
/* 64 is ARCHIVE_CONCEALED. */
#define LEAVE(own, theirs, list) \
	"UPDATE archive_message AS m SET ways = m.ways & (64 | " theirs ") " \
	"WHERE " THESE(own, list) " AND (m.ways & " theirs ") <> 0"
#define REMOVE(own, theirs, list) \
	"DELETE FROM archive_message AS m WHERE " THESE(own, list) " " \
	"AND (m.ways & " theirs ") = 0 RETURNING serial"

#define IN_PG "= ANY (CAST($4 AS BIGINT[]))"
#define IN_SQLITE "IN (SELECT value FROM json_each($4))"

#define OF_THESE "AND d.serial " IN_SQLITE " "

#define SQL(own, ways, theirs) { \
	FIND(own, ways), \
	{ FORGET(own, theirs, IN_PG, ""), FORGET_VISITS(own, theirs, IN_PG), \
	  LEAVE(own, theirs, IN_PG), REMOVE(own, theirs, IN_PG) }, \
	{ FORGET(own, theirs, IN_SQLITE, OF_THESE), \
	  FORGET_VISITS(own, theirs, IN_SQLITE), \
	  LEAVE(own, theirs, IN_SQLITE), REMOVE(own, theirs, IN_SQLITE) }, \
}

const struct copies_sql copies_sqls[COPIES_SIDES] = {
	[COPIES_SENT] = SQL("sender", SENDERS, RECIPIENTS),
	[COPIES_RECEIVED] = SQL("recipient", RECIPIENTS, SENDERS),
};

void
copies_find(struct store *store, const struct copies_place *place,
	    store_fn *fn, void *ctx)
{
	enum { FIXED = 3 };
	struct store_value values[FIXED + TENURE_KINDS] = {
		store_int(place->owner), store_int(place->after),
	};
	int64_t last = 0;

	for (size_t i = 0; i < TENURE_KINDS; i++) {
		int64_t before = place->before[i];

		/* No sender's archive has what was said in a room. */
		if (place->side == COPIES_SENT && (i & TENURE_GROUPCHAT) != 0)
			before = 0;
		values[FIXED + i] = store_int(before);
		if (before > last)
			last = before;
	}
	values[2] = store_int(last);
	store_read(store, copies_sqls[place->side].find, values,
		   FIXED + TENURE_KINDS, fn, ctx);
}

void
copies_remove(struct store *store, const struct copies_place *place,
	      const int64_t *serials, size_t count, store_fn *fn, void *ctx)
{
	const struct copies_sql *sql = &copies_sqls[place->side];
	bool pg = strcmp(store_dialect(store), "postgresql") == 0;
	struct store_batch *batch = store_begin(store);
	struct store_list list = { 0 };
	struct store_value values[] = {
		store_int(place->owner), store_int(serials[0]),
		store_int(serials[count - 1]), store_text(NULL),
	};

	store_list_begin(&list, store_dialect(store));
	for (size_t i = 0; i < count; i++)
		store_list_add_int(&list, serials[i]);
	values[3] = store_text(store_list_end(&list));
	archive_hold_heed(store, batch);
	for (size_t i = 0; i < COPIES_STEPS; i++)
		store_add(batch, pg ? sql->pg[i] : sql->sqlite[i], values, 4);
	store_commit(&batch, fn, ctx);
	store_list_fini(&list);
}
