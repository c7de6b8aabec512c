#include "components/muc/roomstore.h"

#include <stdlib.h>
#include <string.h>

#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/store.h"

/* What stands before the options; $1 to $6 in the statements. */
#define FIXED "jid, domain, created, subject, subject_nick, subject_stamp"
#define FIXED_COLUMNS 6

/* How many stored messages may lie beyond those that are kept, before they
   are deleted together. */
#define TRIM_EVERY 16

static const char delete_room[] = "DELETE FROM muc_room WHERE jid = $1";
static const char delete_affiliate[] =
	"DELETE FROM muc_affiliation WHERE room = $1 AND jid = $2";
static const char upsert_affiliate[] =
	"INSERT INTO muc_affiliation (room, jid, affiliation, nick, reason) "
	"VALUES ($1, $2, $3, $4, $5) ON CONFLICT (room, jid) DO UPDATE SET "
	"affiliation = $3, nick = $4, reason = $5";
static const char select_affiliates[] =
	"SELECT jid, affiliation, nick, reason FROM muc_affiliation "
	"WHERE room = $1";
static const char insert_message[] =
	"INSERT INTO muc_history (room, serial, stamp, stanza) "
	"VALUES ($1, $2, $3, $4) ON CONFLICT (room, serial) DO NOTHING";
static const char trim_messages[] =
	"DELETE FROM muc_history WHERE room = $1 AND serial < $2";
static const char select_messages[] =
	"SELECT serial, stamp, stanza FROM muc_history WHERE room = $1 "
	"ORDER BY serial DESC LIMIT $2";

/* "$7, $8, ..." and "roomname = $7, ...", as the options' columns stand. */
static void
make_upsert(struct roomstore *roomstore, const char *columns)
{
	struct arena *arena = roomstore->arena;
	const char *values = "", *sets = "";
	char *rest = NULL, *copy = arena_strdup(arena, columns);
	unsigned n = FIXED_COLUMNS;

	for (char *name = strtok_r(copy, ", ", &rest); name != NULL;
	     name = strtok_r(NULL, ", ", &rest)) {
		n++;
		values = arena_printf(arena, "%s, $%u", values, n);
		sets = arena_printf(arena, "%s, %s = $%u", sets, name, n);
	}
	roomstore->upsert = arena_printf(arena,
		"INSERT INTO muc_room (" FIXED ", %s) "
		"VALUES ($1, $2, $3, $4, $5, $6%s) "
		"ON CONFLICT (jid) DO UPDATE SET subject = $4, "
		"subject_nick = $5, subject_stamp = $6%s",
		columns, values, sets);
}

void
roomstore_init(struct roomstore *roomstore)
{
	const char *columns;

	roomstore->arena = arena_new();
	columns = options_columns(roomstore->arena);
	roomstore->select = arena_printf(roomstore->arena,
		"SELECT " FIXED ", %s FROM muc_room WHERE jid = $1", columns);
	make_upsert(roomstore, columns);
}

void
roomstore_fini(struct roomstore *roomstore)
{
	arena_free(&roomstore->arena);
}

static struct store *
store_of(const struct room *room)
{
	return room->muc->runtime->store;
}

/* One load on its way through three reads. */
struct load {
	struct room *room;
	roomstore_fn *fn;
};

static void
end_load(struct load *load, bool found, const struct error *err)
{
	struct room *room = load->room;
	roomstore_fn *fn = load->fn;

	free(load);
	fn(room, found, err);
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
				store_get_text(result, i, 2));
	history_trim(&load->room->history,
		     load->room->muc->settings->history);
	end_load(load, true, err);
}

static void
load_affiliate(struct room *room, const struct store_result *result,
	       size_t row)
{
	const char *jid = store_get_text(result, row, 0);
	const char *nick = store_get_text(result, row, 2);
	enum affiliation affiliation;

	if (!affiliation_find(store_get_text(result, row, 1), &affiliation) ||
	    affiliation == AFFILIATION_NONE) {
		log_warning("muc: %s has an unknown affiliation to %s", jid,
			    room->jid);
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
		load_affiliate(room, result, i);
	store_read(store_of(room), select_messages,
		   STORE_VALUES(store_text(room->jid),
				store_int(read_max(room))),
		   on_messages, load);
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
	room_set_subject(room, store_get_text(result, 0, 3),
			 store_get_text(result, 0, 4),
			 store_get_int(result, 0, 5));
	options_load(&room->options, result, 0, FIXED_COLUMNS);
	store_read(store_of(room), select_affiliates,
		   STORE_VALUES(store_text(room->jid)), on_affiliates, load);
}

void
roomstore_load(struct room *room, roomstore_fn *fn)
{
	struct load *load = calloc(1, sizeof(*load));

	ensure(load != NULL);
	load->room = room;
	load->fn = fn;
	store_read(store_of(room), room->muc->roomstore.select,
		   STORE_VALUES(store_text(room->jid)), on_room, load);
}

static void
add_room(struct store_batch *batch, struct room *room)
{
	size_t count = FIXED_COLUMNS + options_count();
	struct arena *arena = arena_new();
	struct store_value *values = arena_alloc(arena,
						 count * sizeof(*values));

	values[0] = store_text(room->jid);
	values[1] = store_text(room->muc->runtime->domain);
	values[2] = store_int(clock_now());
	values[3] = store_text(room->subject.text);
	values[4] = store_text(room->subject.nick);
	values[5] = store_int(room->subject.stamp);
	options_values(&room->options, arena, values + FIXED_COLUMNS);
	store_add(batch, room->muc->roomstore.upsert, values, count);
	arena_free(&arena);
}

static void
add_affiliate(struct store_batch *batch, const struct room *room,
	      const struct affiliate *who)
{
	store_add(batch, upsert_affiliate,
		  STORE_VALUES(store_text(room->jid), store_text(who->jid),
			       store_text(affiliation_name(who->affiliation)),
			       store_text(who->nick),
			       store_text(who->reason)));
}

static void
add_message(struct store_batch *batch, const struct room *room,
	    const struct history_item *item)
{
	store_add(batch, insert_message,
		  STORE_VALUES(store_text(room->jid), store_int(item->serial),
			       store_int(item->stamp),
			       store_text(item->text)));
}

void
roomstore_save_all(struct room *room)
{
	struct store_batch *batch = store_begin(store_of(room));

	add_room(batch, room);
	for (struct affiliate *who = room->affiliates; who; who = who->hh.next)
		add_affiliate(batch, room, who);
	for (struct history_item *at = room->history.first; at; at = at->next)
		add_message(batch, room, at);
	store_commit(&batch, NULL, NULL);
}

void
roomstore_save(struct room *room)
{
	struct store_batch *batch = store_begin(store_of(room));

	add_room(batch, room);
	store_commit(&batch, NULL, NULL);
}

void
roomstore_save_affiliate(struct room *room, const char *jid)
{
	const struct affiliate *who = affiliate_find(room->affiliates, jid);
	struct store_batch *batch = store_begin(store_of(room));

	if (who != NULL)
		add_affiliate(batch, room, who);
	else
		store_add(batch, delete_affiliate,
			  STORE_VALUES(store_text(room->jid),
				       store_text(jid)));
	store_commit(&batch, NULL, NULL);
}

void
roomstore_save_message(struct room *room, const struct history_item *item)
{
	struct store_batch *batch = store_begin(store_of(room));
	int64_t oldest = room->history.first->serial;

	add_message(batch, room, item);
	if (item->serial % TRIM_EVERY == 0)
		store_add(batch, trim_messages,
			  STORE_VALUES(store_text(room->jid),
				       store_int(oldest)));
	store_commit(&batch, NULL, NULL);
}

void
roomstore_delete(struct room *room)
{
	store_write(store_of(room), delete_room,
		    STORE_VALUES(store_text(room->jid)), NULL, NULL);
}
