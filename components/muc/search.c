#include <stdlib.h>
#include <string.h>

#include "components/muc/commands.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/roomstore.h"
#include "components/muc/target.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/error.h"
#include "shared/fold.h"
#include "shared/jid.h"
#include "shared/store.h"
#include "shared/str.h"

#define LOCAL "substr(jid, 1, length(jid) - length(domain) - 1)"
#define LIKE " LIKE lower(CAST($3 AS TEXT)) ESCAPE '!' "

/* Those that stay; the others are in memory.  $3 is a pattern, $4 whether
   descriptions count, $5 what publicroom is not. */
static const char select_rooms[] =
	"SELECT jid, roomname, roomdesc, publicroom FROM muc_room "
	"WHERE domain = $1 AND persistentroom = 1 AND locked = 0 "
	"AND jid > $2 AND publicroom <> CAST($5 AS BIGINT) "
	"AND (lower(" LOCAL ")" LIKE "OR lower(roomname)" LIKE
	"OR (CAST($4 AS BIGINT) = 1 AND lower(roomdesc)" LIKE ")) "
	"ORDER BY jid LIMIT $6";

enum { JID, NAME, DESCRIPTION, PUBLIC };

struct found {
	const char *jid, *name, *description;
	bool public, persistent;
};

/* A page being made of both. */
struct search {
	const char *text;	/* "": all */
	const char *folded;	/* the same */
	bool describes;		/* descriptions are searched, and shown */
	const char *kind;
	const char *after;
	size_t limit;
	struct found *rooms;
	size_t count, size;
};

static void
add(struct call *call, const struct found *room)
{
	struct search *search = call->state;

	if (search->count == search->size) {
		size_t size = search->size ? 2 * search->size : 64;
		struct found *more = arena_alloc(call->arena,
						 size * sizeof(*more));

		if (search->count > 0)
			memcpy(more, search->rooms,
			       search->count * sizeof(*more));
		search->rooms = more;
		search->size = size;
	}
	search->rooms[search->count++] = *room;
}

static const char *
fold(struct arena *arena, const char *text)
{
	struct str folded = { 0 };
	const char *copy;

	fold_add(&folded, text, strlen(text));
	copy = arena_dup(arena, folded.data != NULL ? folded.data : "",
			 folded.len);
	str_fini(&folded);
	return copy;
}

/* As the database does it. */
static bool
has(const struct search *search, struct arena *arena, const char *text)
{
	return *search->folded == '\0' ||
	       strstr(fold(arena, text), search->folded) != NULL;
}

static bool
is_meant(const struct search *search, const struct room *room,
	 struct arena *arena)
{
	const char *local = arena_dup(arena, room->jid,
				      strcspn(room->jid, "@"));

	if (roomstore_keeps(room) || room->state == ROOM_LOADING ||
	    strcmp(room->jid, search->after) <= 0 ||
	    strcmp(search->kind, "persistent") == 0 ||
	    (strcmp(search->kind, "public") == 0 &&
	     !room->options.publicroom) ||
	    (strcmp(search->kind, "hidden") == 0 && room->options.publicroom))
		return false;
	return has(search, arena, local) ||
	       has(search, arena, room->options.roomname) ||
	       (search->describes &&
		has(search, arena, room->options.roomdesc));
}

static void
add_from_memory(struct call *call)
{
	const struct search *search = call->state;
	const struct muc *muc = call->ctx;
	struct arena *arena = call->arena;

	for (const struct room *room = muc->rooms; room; room = room->hh.next) {
		const struct options *options = &room->options;

		if (is_meant(search, room, arena))
			add(call, &(struct found){
				arena_strdup(arena, room->jid),
				arena_strdup(arena, options->roomname),
				arena_strdup(arena, options->roomdesc),
				options->publicroom, options->persistentroom,
			});
	}
}

static void
add_from_store(struct call *call, const struct store_result *result)
{
	struct arena *arena = call->arena;

	for (size_t i = 0; i < store_rows(result); i++)
		add(call, &(struct found){
			arena_strdup(arena, store_get_text(result, i, JID)),
			arena_strdup(arena, store_get_text(result, i, NAME)),
			arena_strdup(arena,
				     store_get_text(result, i, DESCRIPTION)),
			store_get_int(result, i, PUBLIC) != 0, true,
		});
}

static int
compare(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	return strcmp(x->jid, y->jid);
}

static void
say_row(struct call *call, const struct found *found)
{
	const struct search *search = call->state;
	const struct room *room = room_find(call->ctx, found->jid);
	const char *occupants = arena_printf(call->arena, "%u", room ?
					     HASH_COUNT(room->occupants) : 0);
	const char *const brief[] = {
		found->jid, found->name, occupants,
		found->public ? "1" : "0", found->persistent ? "1" : "0",
	};
	const char *const described[] = {
		found->jid, found->name, occupants, found->description,
	};

	call_row(call, search->describes ? described : brief);
}

static void
finish(struct call *call)
{
	const struct search *search = call->state;
	size_t n = search->count < search->limit ? search->count :
		   search->limit;

	if (search->count > 1)
		qsort(search->rooms, search->count, sizeof(*search->rooms),
		      compare);
	for (size_t i = 0; i < n; i++)
		say_row(call, &search->rooms[i]);
	if (search->count > n)
		call_say(call, "There are more: go on after %s.",
			 search->rooms[n - 1].jid);
	else
		call_say(call, n == 1 ? "1 room." : "%zu rooms.", n);
	call_end(call, NULL);
}

static void
on_rooms(struct call *call, const struct store_result *result)
{
	const struct search *search = call->state;

	if (strcmp(search->kind, "temporary") != 0)
		add_from_store(call, result);
	add_from_memory(call);
	finish(call);
}

/* What LIKE would take for more than a letter is escaped. */
static const char *
pattern(struct arena *arena, const char *text)
{
	char *made = arena_alloc(arena, 2 * strlen(text) + 3), *at = made;

	*at++ = '%';
	for (; *text != '\0'; text++) {
		if (strchr("!%_", *text) != NULL)
			*at++ = '!';
		*at++ = *text;
	}
	*at++ = '%';
	return made;
}

static int64_t
unwanted_public(const char *kind)
{
	if (strcmp(kind, "public") == 0)
		return 0;
	return strcmp(kind, "hidden") == 0 ? 1 : -1;
}

static int
begin(struct call *call, struct search *search, struct error *err)
{
	struct muc *muc = call->ctx;
	const char *after = call_text(call, "after");
	const struct jid *jid;

	search->after = "";
	if (after != NULL) {
		if (target_read(call, after, &jid, err) < 0)
			return -1;
		search->after = jid->bare;
	}
	search->folded = fold(call->arena, search->text);
	search->limit = call_uint(call, "limit");
	call->state = search;
	roomstore_flush(&muc->roomstore);
	call_read(call, select_rooms,
		  STORE_VALUES(store_text(call->runtime->domain),
			       store_text(search->after),
			       store_text(pattern(call->arena, search->text)),
			       store_int(search->describes),
			       store_int(unwanted_public(search->kind)),
			       store_int((int64_t)search->limit + 1)),
		  on_rooms);
	return CALL_PARKED;
}

int
muc_command_list(struct call *call, void *ctx, struct error *err)
{
	struct search *search = arena_alloc(call->arena, sizeof(*search));
	const char *filter = call_text(call, "filter");

	(void)ctx;
	search->text = filter != NULL ? filter : "";
	search->kind = call_text(call, "kind");
	return begin(call, search, err);
}

int
muc_command_search(struct call *call, void *ctx, struct error *err)
{
	struct search *search = arena_alloc(call->arena, sizeof(*search));

	(void)ctx;
	search->text = call_text(call, "text");
	search->describes = true;
	search->kind = "all";
	return begin(call, search, err);
}
