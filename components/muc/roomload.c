#include "components/muc/roomload.h"

#include <stdlib.h>

#include "components/muc/memo.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/rows.h"
#include "shared/arena.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/store.h"
#include "shared/str.h"

static const char select_affiliates[] =
	"SELECT jid, affiliation, nick, reason FROM muc_affiliation "
	"WHERE room = $1";
static const char select_messages[] =
	"SELECT serial, stamp, stanza, original FROM muc_history "
	"WHERE room = $1 ORDER BY serial DESC LIMIT $2";
/* Others see the client whose presence changed last. */
static const char select_people[] =
	"SELECT jid, nick, role, presence, serial, changed FROM muc_occupant "
	"WHERE room = $1 ORDER BY changed, serial";

/* Of so many rooms it is told once in a process that they have rows that make
   no sense, not whenever they are loaded. */
#define FAULTY_MAX 1000

/* One load on its way through its reads. */
struct load {
	struct room *room;
	bool locked;
	bool keyless;		/* it was stored before rooms had keys */
	bool faulty;		/* some row made no sense */
	bool told;		/* the same when it was loaded before */
	roomload_fn *fn;
};

static struct store *
store_of(const struct load *load)
{
	return load->room->muc->runtime->store;
}

/* Who put them right may get them wrong again. */
static void
remember_faults(const struct load *load)
{
	struct memo **faulty = &load->room->muc->faulty;
	const char *jid = load->room->jid;
	struct memo *memo = memo_find(*faulty, jid);

	if (load->faulty && memo == NULL)
		memo_add(faulty, jid, sizeof(*memo), FAULTY_MAX);
	else if (!load->faulty && memo != NULL)
		memo_drop(faulty, memo);
}

static void
end_load(struct load *load, bool found, const struct error *err)
{
	struct room *room = load->room;
	roomload_fn *fn = load->fn;

	if (found && err == NULL) {
		unsaved_mark_saved(room);
		room_set_state(room, load->locked ? ROOM_LOCKED : ROOM_OPEN);
		remember_faults(load);
		if (load->keyless)
			roomstore_save(room);
	}
	free(load);
	fn(room, found, err);
}

static void
leave_out(struct load *load, const char *what, const char *jid)
{
	load->faulty = true;
	if (!load->told)
		log_warning("muc: %s: %s in the database makes no sense and "
			    "is left out: %s", load->room->jid, what, jid);
}

static bool
restore_person(struct room *room, struct session_past *past)
{
	past->affiliation = room_affiliation(room, past->jid);
	return past->role != ROLE_NONE && session_restore(room, past) != NULL;
}

static void
load_person(struct load *load, const struct store_result *result, size_t row)
{
	struct arena *arena = arena_new();
	struct session_past past = {
		.nick = store_get_text(result, row, 1),
		.presence = store_get_text(result, row, 3),
		.serial = store_get_int(result, row, 4),
		.changed = store_get_int(result, row, 5),
	};
	struct room *room = load->room;
	struct error err;

	if (jid_parsez(arena, store_get_text(result, row, 0), &past.jid,
		       &err) < 0 ||
	    !role_find(store_get_text(result, row, 2), &past.role) ||
	    !restore_person(room, &past))
		leave_out(load, "an occupant",
			  store_get_text(result, row, 0));
	/* Whatever it is, no newcomer may write over it. */
	if (past.serial > room->serial)
		room->serial = past.serial;
	arena_free(&arena);
}

static void
on_people(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	struct load *load = ctx;

	for (size_t i = 0; err == NULL && i < store_rows(result); i++)
		load_person(load, result, i);
	end_load(load, true, err);
}

static void
on_messages(void *ctx, const struct store_result *result,
	    const struct error *err)
{
	struct load *load = ctx;

	for (size_t i = err == NULL ? store_rows(result) : 0; i-- > 0;)
		history_restore(&load->room->history,
				store_get_int(result, i, 0),
				store_get_int(result, i, 1),
				store_get_text(result, i, 2),
				store_get_text(result, i, 3));
	history_trim(&load->room->history,
		     load->room->muc->settings->history);
	if (err != NULL || !rows_keep_people(load->room))
		end_load(load, true, err);
	else
		store_read(store_of(load), select_people,
			   STORE_VALUES(store_text(load->room->jid)),
			   on_people, load);
}

static void
load_affiliate(struct load *load, const struct store_result *result,
	       size_t row)
{
	struct room *room = load->room;
	const char *jid = store_get_text(result, row, 0);
	const char *nick = store_get_text(result, row, 2);
	enum affiliation affiliation;

	if (!affiliation_find(store_get_text(result, row, 1), &affiliation) ||
	    affiliation == AFFILIATION_NONE) {
		leave_out(load, "an affiliation", jid);
		return;
	}
	affiliation_set(&room->affiliates, jid, affiliation,
			store_get_text(result, row, 3));
	if (nick != NULL)
		affiliation_reserve(room->affiliates, jid, nick);
}

/* The newest is read even when none is kept: the setting may be raised later,
   and what is said then be stored after it. */
static int64_t
read_max(const struct room *room)
{
	unsigned max = room->muc->settings->history;

	return max > 0 ? max : 1;
}

static void
on_affiliates(void *ctx, const struct store_result *result,
	      const struct error *err)
{
	struct load *load = ctx;
	struct room *room = load->room;

	if (err != NULL) {
		end_load(load, true, err);
		return;
	}
	for (size_t i = 0; i < store_rows(result); i++)
		load_affiliate(load, result, i);
	store_read(store_of(load), select_messages,
		   STORE_VALUES(store_text(room->jid),
				store_int(read_max(room))),
		   on_messages, load);
}

/* Without one it keeps that of a new room. */
static void
load_key(struct load *load, const char *key)
{
	struct room *room = load->room;

	load->keyless = *key == '\0';
	if (load->keyless)
		return;
	free(room->key);
	room->key = str_dup(key);
}

static void
on_room(void *ctx, const struct store_result *result, const struct error *err)
{
	struct load *load = ctx;
	struct room *room = load->room;

	if (err != NULL || store_rows(result) == 0) {
		end_load(load, false, err);
		return;
	}
	room_set_subject(room, store_get_text(result, 0, ROWS_SUBJECT),
			 store_get_text(result, 0, ROWS_SUBJECT_NICK),
			 store_get_int(result, 0, ROWS_SUBJECT_STAMP));
	load->locked = store_get_int(result, 0, ROWS_LOCKED) != 0;
	load_key(load, store_get_text(result, 0, ROWS_KEY));
	room->created = store_get_int(result, 0, ROWS_CREATED);
	options_load(&room->options, result, 0, ROWS_OPTIONS);
	store_read(store_of(load), select_affiliates,
		   STORE_VALUES(store_text(room->jid)), on_affiliates, load);
}

void
roomload(struct room *room, roomload_fn *fn)
{
	struct load *load = calloc(1, sizeof(*load));

	ensure(load != NULL);
	load->room = room;
	load->told = memo_find(room->muc->faulty, room->jid) != NULL;
	load->fn = fn;
	store_read(store_of(load), room->muc->roomstore.rows.select_room,
		   STORE_VALUES(store_text(room->jid)), on_room, load);
}
