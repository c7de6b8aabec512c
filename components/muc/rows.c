#include "components/muc/rows.h"

#include <string.h>

#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/component.h"
#include "shared/store.h"

/* In the order of enum rows_column; $1 to $8 in the statements. */
#define FIXED "jid, domain, created, subject, subject_nick, " \
	"subject_stamp, locked, occupant_key"

static const char delete_room[] = "DELETE FROM muc_room WHERE jid = $1";
/* What roomload.c could not read is not replaced. */
static const char delete_affiliates[] =
	"DELETE FROM muc_affiliation WHERE room = $1 AND "
	"affiliation IN ('outcast', 'member', 'admin', 'owner')";
static const char delete_affiliate[] =
	"DELETE FROM muc_affiliation WHERE room = $1 AND jid = $2";
static const char upsert_affiliate[] =
	"INSERT INTO muc_affiliation (room, jid, affiliation, nick, reason) "
	"VALUES ($1, $2, $3, $4, $5) ON CONFLICT (room, jid) DO UPDATE SET "
	"affiliation = $3, nick = $4, reason = $5";
static const char insert_message[] =
	"INSERT INTO muc_history (room, serial, stamp, stanza, original) "
	"VALUES ($1, $2, $3, $4, $5) ON CONFLICT (room, serial) "
	"DO UPDATE SET stamp = excluded.stamp, stanza = excluded.stanza, "
	"original = excluded.original";
static const char trim_messages[] =
	"DELETE FROM muc_history WHERE room = $1 AND serial < $2";
static const char delete_messages[] =
	"DELETE FROM muc_history WHERE room = $1";
static const char delete_sessions[] =
	"DELETE FROM muc_occupant WHERE room = $1";
static const char delete_session[] =
	"DELETE FROM muc_occupant WHERE room = $1 AND serial = $2";
static const char upsert_session[] =
	"INSERT INTO muc_occupant (room, serial, jid, nick, role, presence, "
	"changed) VALUES ($1, $2, $3, $4, $5, $6, $7) "
	"ON CONFLICT (room, serial) DO UPDATE SET nick = $4, role = $5, "
	"presence = $6, changed = $7";

/* "$9, $10, ..." and "roomname = $9, ...", as the options' columns stand. */
static void
make_upsert(struct rows *rows, const char *columns)
{
	struct arena *arena = rows->arena;
	const char *values = "", *sets = "";
	char *rest = NULL, *copy = arena_strdup(arena, columns);
	unsigned n = ROWS_OPTIONS;

	for (char *name = strtok_r(copy, ", ", &rest); name != NULL;
	     name = strtok_r(NULL, ", ", &rest)) {
		n++;
		values = arena_printf(arena, "%s, $%u", values, n);
		sets = arena_printf(arena, "%s, %s = $%u", sets, name, n);
	}
	rows->upsert_room = arena_printf(arena,
		"INSERT INTO muc_room (" FIXED ", %s) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8%s) "
		"ON CONFLICT (jid) DO UPDATE SET created = $3, subject = $4, "
		"subject_nick = $5, subject_stamp = $6, locked = $7, "
		"occupant_key = $8%s",
		columns, values, sets);
}

void
rows_init(struct rows *rows)
{
	const char *columns;

	rows->arena = arena_new();
	columns = options_columns(rows->arena);
	rows->select_room = arena_printf(rows->arena,
		"SELECT " FIXED ", %s FROM muc_room WHERE jid = $1", columns);
	make_upsert(rows, columns);
}

void
rows_fini(struct rows *rows)
{
	arena_free(&rows->arena);
}

bool
rows_keep_people(const struct room *room)
{
	return store_is_lasting(room->muc->runtime->store);
}

void
rows_add_room(struct store_batch *batch, struct room *room)
{
	size_t count = ROWS_OPTIONS + options_count();
	struct arena *arena = arena_new();
	struct store_value *values = arena_alloc(arena,
						 count * sizeof(*values));

	values[ROWS_JID] = store_text(room->jid);
	values[ROWS_DOMAIN] = store_text(room->muc->runtime->domain);
	values[ROWS_CREATED] = store_int(room->created);
	values[ROWS_SUBJECT] = store_text(room->subject.text);
	values[ROWS_SUBJECT_NICK] = store_text(room->subject.nick);
	values[ROWS_SUBJECT_STAMP] = store_int(room->subject.stamp);
	values[ROWS_LOCKED] = store_int(room->state == ROOM_LOCKED);
	values[ROWS_KEY] = store_text(room->key);
	options_values(&room->options, arena, values + ROWS_OPTIONS);
	store_add(batch, room->muc->roomstore.rows.upsert_room, values, count);
	arena_free(&arena);
}

static void
upsert(struct store_batch *batch, const struct room *room,
       const struct affiliate *who)
{
	store_add(batch, upsert_affiliate,
		  STORE_VALUES(store_text(room->jid), store_text(who->jid),
			       store_text(affiliation_name(who->affiliation)),
			       store_text(who->nick),
			       store_text(who->reason)));
}

void
rows_add_affiliate(struct store_batch *batch, const struct room *room,
		   const char *jid)
{
	const struct affiliate *who = affiliate_find(room->affiliates, jid);

	if (who != NULL)
		upsert(batch, room, who);
	else
		store_add(batch, delete_affiliate,
			  STORE_VALUES(store_text(room->jid),
				       store_text(jid)));
}

void
rows_add_messages(struct store_batch *batch, const struct room *room,
		  int64_t after)
{
	for (const struct history_item *at = room->history.first; at != NULL;
	     at = at->next)
		if (at->serial > after)
			store_add(batch, insert_message,
				  STORE_VALUES(store_text(room->jid),
					       store_int(at->serial),
					       store_int(at->stamp),
					       store_text(at->text),
					       store_text(at->original)));
}

void
rows_trim_messages(struct store_batch *batch, const struct room *room)
{
	if (room->history.first != NULL)
		store_add(batch, trim_messages,
			  STORE_VALUES(store_text(room->jid),
				       store_int(room->history.first->serial)
				       ));
}

void
rows_add_session(struct store_batch *batch, const struct session *session)
{
	const struct occupant *occupant = session->occupant;

	store_add(batch, upsert_session,
		  STORE_VALUES(store_text(occupant->room->jid),
			       store_int(session->serial),
			       store_text(session->jid),
			       store_text(occupant->nick),
			       store_text(role_name(occupant->role)),
			       store_text(session->presence),
			       store_int(session->changed)));
}

void
rows_delete_session(struct store_batch *batch, const struct room *room,
		    int64_t serial)
{
	store_add(batch, delete_session,
		  STORE_VALUES(store_text(room->jid), store_int(serial)));
}

void
rows_delete_sessions(struct store_batch *batch, const struct room *room)
{
	store_add(batch, delete_sessions, STORE_VALUES(store_text(room->jid)));
}

void
rows_delete_room(struct store_batch *batch, const char *jid)
{
	store_add(batch, delete_room, STORE_VALUES(store_text(jid)));
}

/* Nothing may be left of what was there: another room of that name, or what a
   write that failed should have deleted. */
void
rows_add_all(struct store_batch *batch, struct room *room)
{
	const struct store_value jid = store_text(room->jid);

	rows_add_room(batch, room);
	store_add(batch, delete_affiliates, &jid, 1);
	store_add(batch, delete_messages, &jid, 1);
	for (struct affiliate *who = room->affiliates; who; who = who->hh.next)
		upsert(batch, room, who);
	rows_add_messages(batch, room, 0);
	if (!rows_keep_people(room))
		return;
	rows_delete_sessions(batch, room);
	for (struct session *at = room->sessions; at; at = at->hh.next)
		rows_add_session(batch, at);
}
