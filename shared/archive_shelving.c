#include "shared/archive_shelving.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "shared/archive_cells.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/digest.h"
#include "shared/error.h"
#include "shared/serial.h"
#include "shared/store.h"
#include "shared/store_list.h"
#include "shared/str.h"

/* Columns of the answer: a message of a uid; or, without a uid, a serial that
   was asked about. */
enum { UID, SERIAL, WAYS_OR_TAKEN, LAST, SENDER, RECIPIENT };

/* Each uid and each serial is looked up by itself, the latter in an index of
   what was imported, as the planner cannot know how few there are. */
#define FIND(uids, serials) \
	"SELECT u.uid, m.serial, m.ways, CAST(NULL AS BIGINT), " \
	ARCHIVE_CELLS_JID("m.sender") ", " \
	ARCHIVE_CELLS_JID("m.recipient") " FROM " uids " " \
	"UNION ALL " \
	"SELECT CAST(NULL AS TEXT), p.serial, " \
	"CASE WHEN EXISTS (SELECT 1 FROM archive_message t " \
	"WHERE t.serial = p.serial AND t.serial % 256 = 0) " \
	"THEN 1 ELSE 0 END, " \
	"(SELECT t.serial FROM archive_message t WHERE t.serial >= p.serial " \
	"AND t.serial < p.serial + p.room AND t.serial % 256 = 0 " \
	"ORDER BY t.serial DESC LIMIT 1), " \
	"CAST(NULL AS TEXT), CAST(NULL AS TEXT) FROM " serials

static const char find_pg[] = FIND(
	"unnest(CAST($1 AS TEXT[])) AS u (uid) CROSS JOIN LATERAL "
	"(SELECT t.serial, CAST(t.ways AS INTEGER) AS ways, t.sender, "
	"t.recipient FROM archive_message t WHERE t.uid = u.uid OFFSET 0) "
	"AS m",
	"unnest(CAST($2 AS BIGINT[]), CAST($3 AS BIGINT[])) "
	"AS p (serial, room)");

static const char find_sqlite[] = FIND(
	"(SELECT value AS uid FROM json_each($1)) AS u "
	"JOIN archive_message m ON m.uid = u.uid",
	"(SELECT s.value AS serial, r.value AS room FROM json_each($2) s "
	"JOIN json_each($3) r ON r.key = s.key) AS p");

/* A message that is here, or will be. */
struct known {
	const char *uid, *sender, *recipient;
	unsigned ways;
	UT_hash_handle hh;
};

/* A serial that was asked about, or given. */
struct place {
	int64_t serial;
	bool taken;
	int64_t last;	/* of those that may follow it, the last one that is
			   taken; 0: none is */
	UT_hash_handle hh;
};

/* A search, in an arena. */
struct search {
	struct arena *arena;
	struct archive_shelving *shelving;
	struct known *known;	/* by uid */
	struct place *places;	/* by serial */
	archive_shelving_fn *fn;
	void *ctx;
};

/* How far behind its time one may be: where that is a whole second, which may
   be all that is known, within this; else by little. */
static int64_t
room_at(int64_t stamp)
{
	return stamp % CLOCK_SECOND == 0 ? CLOCK_SECOND : CLOCK_SECOND / 1000;
}

static void
digest_name(struct digest *digest, const char *name)
{
	digest_add(digest, name, strlen(name) + 1);
}

/* A uid that is its owner's alone, and of those two: he may have it in more
   than one conversation. */
static const char *
mark_owner(struct arena *arena, const struct archive_shelving_item *item)
{
	struct digest *digest = digest_new();
	char text[DIGEST_TEXT_SIZE];

	digest_name(digest, item->owner);
	digest_name(digest, item->row.sender);
	digest_name(digest, item->row.recipient);
	return arena_printf(arena, "%s %.*s", item->row.mark.uid,
			    ARCHIVE_SHELVING_MARK, digest_end(&digest, text));
}

static struct place *
use_place(struct search *search, int64_t serial)
{
	struct place *place;

	HASH_FIND(hh, search->places, &serial, sizeof(serial), place);
	if (place != NULL)
		return place;
	place = arena_alloc(search->arena, sizeof(*place));
	place->serial = serial;
	HASH_ADD(hh, search->places, serial, sizeof(place->serial), place);
	return place;
}

static bool
is_taken(const struct search *search, int64_t serial)
{
	struct place *place;

	HASH_FIND(hh, search->places, &serial, sizeof(serial), place);
	return place != NULL && place->taken;
}

static struct known *
find_known(const struct search *search, const char *uid)
{
	struct known *known;

	HASH_FIND_STR(search->known, uid, known);
	return known;
}

static void
add_known(struct search *search, const struct known *one)
{
	struct known *known = arena_alloc(search->arena, sizeof(*known));

	*known = *one;
	HASH_ADD_KEYPTR(hh, search->known, known->uid, strlen(known->uid),
			known);
}

/* Who was erased has another address now. */
static bool
is_erased(const char *jid)
{
	const char *at = strchr(jid, '@');

	return at != NULL && str_same(at, "@erased.invalid");
}

static bool
is_message(const struct known *known, const struct archive_row *row)
{
	return (str_same(known->sender, row->sender) ||
		is_erased(known->sender)) &&
	       (str_same(known->recipient, row->recipient) ||
		is_erased(known->recipient));
}

bool
archive_shelving_takes(const char *id)
{
	size_t len = id == NULL ? 0 : strlen(id);

	for (size_t i = 0; i < len; i++)
		if (id[i] <= ' ' || id[i] > '~')
			return false;
	return len > 0 && len <= ARCHIVE_SHELVING_UID_MAX;
}

static int64_t
follow(int64_t serial)
{
	return serial_first_of(serial_time(serial) + 1);
}

/* Gives it a serial.  Returns false when none is free. */
static bool
place(struct search *search, struct archive_mark *mark)
{
	struct place *first = use_place(search, mark->serial);
	int64_t serial = mark->serial;
	int64_t end = serial + serial_first_of(room_at(mark->stamp));

	if (first->taken)
		serial = follow(first->last > serial ? first->last : serial);
	while (serial < end && is_taken(search, serial))
		serial = follow(serial);
	if (serial >= end)
		return false;
	use_place(search, serial)->taken = true;
	if (first->last < serial)
		first->last = serial;
	mark->serial = serial;
	return true;
}

/* The copy of one side is there, or the other's. */
static void
join(struct search *search, struct archive_shelving_item *item,
     struct known *known)
{
	struct archive_mark *mark = &item->row.mark;

	if ((known->ways & mark->ways) == mark->ways ||
	    is_erased(known->sender) || is_erased(known->recipient)) {
		item->state = ARCHIVE_SHELVING_KNOWN;
	} else if (!place(search, mark)) {
		item->state = ARCHIVE_SHELVING_CROWDED;
	} else {
		known->ways |= mark->ways;
		item->state = ARCHIVE_SHELVING_NEW;
	}
}

static void
judge(struct search *search, struct archive_shelving_item *item)
{
	struct archive_row *row = &item->row;
	struct known *known = find_known(search, row->mark.uid);

	if (known != NULL && !is_message(known, row)) {
		row->mark.uid = mark_owner(search->arena, item);
		known = find_known(search, row->mark.uid);
	}
	if (known != NULL) {
		join(search, item, known);
	} else if (!place(search, &row->mark)) {
		item->state = ARCHIVE_SHELVING_CROWDED;
	} else {
		item->state = ARCHIVE_SHELVING_NEW;
		add_known(search, &(struct known){
			.uid = row->mark.uid, .sender = row->sender,
			.recipient = row->recipient, .ways = row->mark.ways });
	}
}

/* Of several messages of one uid, which several writers may have stored, one
   stands for all. */
static void
take_row(struct search *search, const struct store_result *result, size_t i)
{
	struct arena *arena = search->arena;
	const char *uid = store_get_text(result, i, UID);
	const char *sender = store_get_text(result, i, SENDER);
	const char *recipient = store_get_text(result, i, RECIPIENT);
	struct place *asked;

	if (uid == NULL) {
		asked = use_place(search, store_get_int(result, i, SERIAL));
		asked->taken = store_get_int(result, i, WAYS_OR_TAKEN) != 0;
		asked->last = store_get_int(result, i, LAST);
	} else if (find_known(search, uid) == NULL) {
		add_known(search, &(struct known){
			.uid = arena_strdup(arena, uid),
			.sender = sender == NULL ? "" :
				  arena_strdup(arena, sender),
			.recipient = recipient == NULL ? "" :
				     arena_strdup(arena, recipient),
			.ways = (unsigned)store_get_int(result, i,
							WAYS_OR_TAKEN) });
	}
}

static void
on_found(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct search *search = ctx;

	for (size_t i = 0; err == NULL && i < store_rows(result); i++)
		take_row(search, result, i);
	for (size_t i = 0; err == NULL && i < search->shelving->count; i++)
		judge(search, &search->shelving->items[i]);
	HASH_CLEAR(hh, search->known);
	HASH_CLEAR(hh, search->places);
	search->fn(search->ctx, err);
}

enum { UIDS, SERIALS, ROOMS, LISTS };

static void
list(struct store_list *lists, struct search *search)
{
	for (size_t i = 0; i < search->shelving->count; i++) {
		const struct archive_shelving_item *item =
			&search->shelving->items[i];
		const struct archive_mark *mark = &item->row.mark;

		store_list_add_text(&lists[UIDS], mark->uid);
		store_list_add_text(&lists[UIDS],
				    mark_owner(search->arena, item));
		store_list_add_int(&lists[SERIALS], mark->serial);
		store_list_add_int(&lists[ROOMS],
				   serial_first_of(room_at(mark->stamp)));
	}
}

void
archive_shelving_find(struct store *store, struct arena *arena,
		      struct archive_shelving *shelving,
		      archive_shelving_fn *fn, void *ctx)
{
	const char *dialect = store_dialect(store);
	struct search *search = arena_alloc(arena, sizeof(*search));
	struct store_list lists[LISTS] = { 0 };
	struct store_value values[LISTS];

	*search = (struct search){
		.arena = arena, .shelving = shelving, .fn = fn, .ctx = ctx,
	};
	for (size_t i = 0; i < LISTS; i++)
		store_list_begin(&lists[i], dialect);
	list(lists, search);
	for (size_t i = 0; i < LISTS; i++)
		values[i] = store_text(store_list_end(&lists[i]));
	store_read(store, strcmp(dialect, "sqlite") == 0 ? find_sqlite :
		   find_pg, values, LISTS, on_found, search);
	for (size_t i = 0; i < LISTS; i++)
		store_list_fini(&lists[i]);
}
