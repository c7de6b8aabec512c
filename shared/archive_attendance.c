#include "shared/archive_attendance-private.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "shared/archive_attendance.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/serial.h"
#include "shared/store.h"
#include "shared/store_list.h"
#include "shared/str.h"

/* Of an address of a room's archive: more than any has (RFC 7622). */
#define ADDRESS_MAX 3200
#define MESSAGES_MAX 1000000

static const char *const names[ARCHIVE_ATTENDANCE_KINDS] = {
	[ARCHIVE_ATTENDANCE_CAME] = "came",
	[ARCHIVE_ATTENDANCE_LEFT] = "left",
	[ARCHIVE_ATTENDANCE_ENDED] = "ended",
	[ARCHIVE_ATTENDANCE_CAUGHT_UP] = "caught-up",
};

void
archive_attendance_print(struct str *out,
			 const struct archive_attendance *attendance)
{
	json_t *people = json_array(), *json;
	char *text;

	ensure(people != NULL);
	for (size_t i = 0; i < attendance->count; i++)
		json_array_append_new(people,
				      json_string(attendance->people[i]));
	json = json_pack("{s:s, s:I, s:s, s:I, s:I, s:I, s:o}",
			 "attendance", names[attendance->kind],
			 "serial", (json_int_t)attendance->serial,
			 "room", attendance->room,
			 "messages", (json_int_t)attendance->messages,
			 "since", (json_int_t)attendance->since,
			 "until", (json_int_t)attendance->until,
			 "people", people);
	ensure(json != NULL);
	text = json_dumps(json, JSON_COMPACT);
	ensure(text != NULL);
	str_addz(out, text);
	free(text);
	json_decref(json);
}

/* A message begins with a number. */
bool
archive_attendance_is(const char *text, size_t len)
{
	return len > 0 && *text == '{';
}

static bool
read_kind(const char *name, enum archive_attendance_kind *kind)
{
	for (size_t i = 0; i < ARCHIVE_ATTENDANCE_KINDS; i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		*kind = (enum archive_attendance_kind)i;
		return true;
	}
	return false;
}

static const char *
dup_address(struct arena *arena, const json_t *json)
{
	const char *text = json_string_value(json);

	return text == NULL || *text == '\0' || strlen(text) > ADDRESS_MAX ?
	       NULL : arena_strdup(arena, text);
}

static bool
read_people(struct arena *arena, const json_t *json,
	    struct archive_attendance *attendance)
{
	size_t count = json_array_size(json);
	const char **people;

	if (count > ARCHIVE_ATTENDANCE_PEOPLE)
		return false;
	people = arena_alloc(arena, (count + 1) * sizeof(*people));
	for (size_t i = 0; i < count; i++) {
		people[i] = dup_address(arena, json_array_get(json, i));
		if (people[i] == NULL)
			return false;
	}
	attendance->people = people;
	attendance->count = count;
	return true;
}

/* Only those of all rooms have no room. */
static bool
read_room(struct arena *arena, const char *room,
	  struct archive_attendance *attendance)
{
	attendance->room = arena_strdup(arena, room);
	return strlen(room) <= ADDRESS_MAX &&
	       (*room != '\0' ||
		attendance->kind == ARCHIVE_ATTENDANCE_ENDED);
}

static bool
read_json(struct arena *arena, json_t *json,
	  struct archive_attendance *attendance)
{
	json_int_t serial, messages, since, until;
	const char *kind, *room;
	json_t *people;

	if (json_unpack(json, "{s:s, s:I, s:s, s:I, s:I, s:I, s:o !}",
			"attendance", &kind, "serial", &serial,
			"room", &room, "messages", &messages,
			"since", &since, "until", &until,
			"people", &people) < 0 ||
	    serial <= 0 || messages < 0 || messages > MESSAGES_MAX ||
	    since < 0 || until < 0 || !read_kind(kind, &attendance->kind))
		return false;
	attendance->messages = (size_t)messages;
	attendance->since = since;
	attendance->until = until;
	attendance->serial = serial;
	return read_room(arena, room, attendance) &&
	       read_people(arena, people, attendance);
}

int
archive_attendance_parse(struct arena *arena, const char *text, size_t len,
			 struct archive_attendance *attendance_r,
			 struct error *err)
{
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	bool good;

	*attendance_r = (struct archive_attendance){ 0 };
	good = json != NULL && read_json(arena, json, attendance_r);
	json_decref(json);
	return good ? 0 : error_set(err, ERROR_BAD_REQUEST,
				    "it is no attendance for the archive");
}

#define ID_OF(param) \
	"(SELECT a.id FROM archive_address a WHERE a.jid = " param ")"
/* $3, as a table p of jid. */
#define PEOPLE_PG \
	"unnest(CAST($3 AS TEXT[])) AS p (jid) "
#define PEOPLE_SQLITE \
	"(SELECT value AS jid FROM json_each($3)) AS p "
#define SERIAL "CAST($1 AS BIGINT)"
#define IS_OPEN "last = " ARCHIVE_ATTENDANCE_OPEN
#define IS_RECENT(t) \
	t "first < " SERIAL " AND " t "first > " SERIAL " - " \
	ARCHIVE_ATTENDANCE_SPAN

/* Whoever is there already stays. */
#define CAME(people) \
	"INSERT INTO archive_attendance (room, first, owner, last) " \
	"SELECT DISTINCT r.id, " SERIAL ", o.id, " \
	"CAST(" ARCHIVE_ATTENDANCE_OPEN " AS BIGINT) " \
	"FROM archive_address r, " people \
	"JOIN archive_address o ON o.jid = p.jid WHERE r.jid = $2 " \
	"AND NOT EXISTS (SELECT 1 FROM archive_attendance t " \
	"WHERE t.room = r.id AND t.owner = o.id AND t." IS_OPEN " " \
	"AND " IS_RECENT("t.") ") ON CONFLICT DO NOTHING"
/* PostgreSQL would read the people for each who is there. */
#define ONE_OF_PG(list) "= ANY (ARRAY(" list "))"
#define ONE_OF_SQLITE(list) "IN (" list ")"
#define LEFT(people, one_of) \
	"UPDATE archive_attendance SET last = " SERIAL " " \
	"WHERE room = " ID_OF("$2") " AND " IS_OPEN " " \
	"AND " IS_RECENT("") " AND owner " one_of("SELECT o.id FROM " people \
	"JOIN archive_address o ON o.jid = p.jid")
static const char ended_sql[] =
	"UPDATE archive_attendance SET last = " SERIAL " "
	"WHERE room = " ID_OF("$2") " AND " IS_OPEN " AND first < " SERIAL;
/* 256 is SERIAL_WRITERS. */
static const char all_ended_sql[] =
	"UPDATE archive_attendance SET last = " SERIAL " "
	"WHERE " IS_OPEN " AND first < " SERIAL " "
	"AND first % 256 = " SERIAL " % 256";
/* Without the offset PostgreSQL would rather read all rooms that these people
   were ever in than look for each of them in this one.
   One that is shown as removed has nothing to show (64: ARCHIVE_CONCEALED),
   and one for auditors alone was in no history: 7 is all ways but
   ARCHIVE_UNSEEN().  As in archive_page-private.h, the CASE makes the planner
   go by the index. */
#define CAUGHT_UP(people) \
	"INSERT INTO archive_delivery (owner, serial, stamp, room) " \
	"SELECT DISTINCT o.id, m.serial, " SERIAL " / 256, m.recipient FROM (" \
	"SELECT m.serial, m.recipient FROM archive_message m " \
	"WHERE m.recipient = " ID_OF("$2") " " \
	"AND m.serial < " SERIAL " AND m.serial >= CAST($4 AS BIGINT) " \
	"AND m.serial < CAST($5 AS BIGINT) AND CASE WHEN m.type = 2 " \
	"AND m.body IS NOT NULL AND (m.flags & 128) = 0 " \
	"AND (m.ways & 7) <> 0 AND (m.ways & 64) = 0 " \
	"THEN true ELSE false END " \
	"ORDER BY m.serial DESC LIMIT $6) AS m, " people \
	"JOIN archive_address o ON o.jid = p.jid " \
	"WHERE NOT EXISTS (SELECT 1 FROM archive_attendance t " \
	"WHERE t.owner = o.id AND " ARCHIVE_ATTENDANCE_HAS " " \
	"LIMIT 1 OFFSET 0) ON CONFLICT DO NOTHING"

const struct archive_attendance_sql archive_attendance_pg = {
	CAME(PEOPLE_PG), LEFT(PEOPLE_PG, ONE_OF_PG), CAUGHT_UP(PEOPLE_PG),
};
const struct archive_attendance_sql archive_attendance_sqlite = {
	CAME(PEOPLE_SQLITE), LEFT(PEOPLE_SQLITE, ONE_OF_SQLITE),
	CAUGHT_UP(PEOPLE_SQLITE),
};

static void
add_people(struct store_batch *batch, const struct archive_attendance_sql *sql,
	   const struct archive_attendance *attendance,
	   const struct store_value values[3])
{
	const struct store_value all[] = {
		values[0], values[1], values[2],
		store_int(serial_first_of(attendance->since)),
		store_int(serial_first_of(attendance->until)),
		store_int((int64_t)attendance->messages),
	};

	switch (attendance->kind) {
	case ARCHIVE_ATTENDANCE_CAME:
		store_add(batch, sql->came, all, 3);
		break;
	case ARCHIVE_ATTENDANCE_LEFT:
		store_add(batch, sql->left, all, 3);
		break;
	default:
		store_add(batch, sql->caught_up, all, 6);
	}
}

void
archive_attendance_add(struct store *store, struct store_batch *batch,
		       int64_t serial,
		       const struct archive_attendance *attendance)
{
	bool is_sqlite = strcmp(store_dialect(store), "sqlite") == 0;
	struct store_list people = { 0 };
	struct store_value values[3] = {
		store_int(serial), store_text(attendance->room),
	};

	if (attendance->kind == ARCHIVE_ATTENDANCE_ENDED) {
		bool all = *attendance->room == '\0';

		store_add(batch, all ? all_ended_sql : ended_sql, values,
			  all ? 1 : 2);
		return;
	}
	store_list_begin(&people, store_dialect(store));
	for (size_t i = 0; i < attendance->count; i++)
		store_list_add_text(&people, attendance->people[i]);
	values[2] = store_text(store_list_end(&people));
	add_people(batch, is_sqlite ? &archive_attendance_sqlite :
				      &archive_attendance_pg,
		   attendance, values);
	store_list_fini(&people);
}
