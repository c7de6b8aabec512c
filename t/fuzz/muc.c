#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "components/muc/caretaker.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/fake_router.h"
#include "t/lib/fake_store.h"
#include "t/lib/mucbed.h"
#include "t/lib/script.h"

/* The input is a script.  Addresses may be shortened to one letter of these;
   where there is none, the first stands. */
static const char *const from[] = {
	"ann@a.example/1", "ann@a.example/2", "bob@b.example/1",
	"cid@b.example/1", "eve@a.example/<&'>", "admin@example/1",
	"b.example",
};
static const char *const to[] = {
	"r@muc.example/Ann", "r@muc.example/Bob", "r@muc.example/Cid",
	"r@muc.example", "s@muc.example/Ann", "s@muc.example",
	"muc.example", "r@muc.example/<&'>",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
lengthen(struct arena *arena, struct xml *el, const char *name,
	 const char *const *list, size_t count)
{
	const char *text = xml_attr(el, name);

	if (text[0] >= 'A' && text[0] < 'A' + (int)count && !text[1])
		xml_set(arena, el, name, list[text[0] - 'A']);
}

static void
take(struct mucbed *bed, const char *line, size_t len)
{
	struct arena *arena = arena_new();
	struct xml *el = script_stanza(arena, line, len, from[0], to[0]);

	if (el != NULL) {
		lengthen(arena, el, "from", from, 7);
		lengthen(arena, el, "to", to, 8);
	}
	if (el != NULL && script_is_for("muc.example", el))
		mucbed_take(bed, arena, el);
	else
		arena_free(&arena);
}

/* The order of rooms and people does not count (FNV-1a of each). */
static uint64_t
sum_session(const struct session *session)
{
	const struct occupant *who = session->occupant;
	const struct room *room = who->room;
	uint64_t sum = UINT64_C(0xcbf29ce484222325);
	struct str line = { 0 };

	str_addf(&line, "%s %d %s %s %zu ", room->jid, (int)room->state,
		 room->subject.text, room->subject.nick, room->history.count);
	str_addf(&line, "%s %s %d %d %d %s", session->jid, who->nick,
		 (int)who->role, (int)who->affiliation,
		 who->sessions == session, session->presence);
	for (size_t i = 0; i < line.len; i++)
		sum = (sum ^ (unsigned char)line.data[i]) *
		      UINT64_C(0x100000001b3);
	str_fini(&line);
	return sum;
}

static uint64_t
sum_all(const struct mucbed *bed)
{
	uint64_t sum = 0;

	for (struct room *room = bed->muc->rooms; room; room = room->hh.next)
		for (struct session *at = room->sessions; at; at = at->hh.next)
			sum += sum_session(at);
	return sum;
}

/* Where the database is well, and all are here, nobody notices. */
static void
crash(struct mucbed *bed)
{
	bool well = !bed->held && fake_store_is_well(bed->runtime.store) &&
		    !bed->muc->loading.people_missing;
	uint64_t before;

	/* What came last would be lost. */
	if (well)
		mucbed_save(bed);
	before = sum_all(bed);
	mucbed_crash(bed);
	ensure(!well || sum_all(bed) == before);
}

static bool
happens(struct mucbed *bed, const char *word)
{
	if (strcmp(word, "restart") == 0)
		mucbed_restart(bed);
	else if (strcmp(word, "crash") == 0)
		crash(bed);
	else if (strcmp(word, "full") == 0)
		fake_store_set_full(bed->runtime.store, true);
	else if (strcmp(word, "empty") == 0)
		fake_store_set_full(bed->runtime.store, false);
	else if (strcmp(word, "timeout") == 0)
		fake_router_time_out(bed->runtime.router);
	else if (strcmp(word, "link") == 0)
		caretaker_link(bed->muc, true);
	else if (strcmp(word, "lock") == 0)
		bed->settings.lock_new_rooms ^= true;
	else if (strcmp(word, "nicks") == 0)
		bed->settings.lock_nicks ^= true;
	else if (strcmp(word, "hold") == 0)
		bed->held ^= true;
	else if (strcmp(word, "away") == 0)
		fake_store_set_away(bed->runtime.store, true);
	else if (strcmp(word, "back") == 0)
		fake_store_set_away(bed->runtime.store, false);
	else
		return false;
	return true;
}

/* Everybody is inside by right. */
static void
check_occupant(const struct room *room, const struct occupant *who)
{
	struct arena *arena = arena_new();
	const struct jid *jid;
	struct error err;

	ensure(who->room == room && who->sessions != NULL);
	ensure(jid_parsez(arena, who->jid, &jid, &err) == 0);
	ensure(who->affiliation == room_affiliation(room, jid));
	ensure(who->affiliation != AFFILIATION_OUTCAST);
	ensure(!room->options.membersonly ||
	       who->affiliation >= AFFILIATION_MEMBER);
	ensure(who->role != ROLE_NONE);
	arena_free(&arena);
}

static void
check_room(const struct room *room)
{
	size_t sessions = 0;

	if (room->state == ROOM_LOADING)
		return;
	for (const struct occupant *who = room->occupants; who != NULL;
	     who = who->hh.next) {
		check_occupant(room, who);
		for (struct session *at = who->sessions; at; at = at->next) {
			ensure(at->occupant == who);
			ensure(session_find(room, at->jid) == at);
			sessions++;
		}
	}
	ensure(sessions == HASH_COUNT(room->sessions));
	ensure(sessions > 0 || room->options.persistentroom);
	ensure(affiliation_count(room->affiliates, AFFILIATION_OWNER) > 0);
}

static void
read_line(void *ctx, const char *line, size_t len)
{
	struct mucbed *bed = ctx;

	if (!happens(bed, line))
		take(bed, line, len);
	if (!bed->held)
		mucbed_save(bed);
	for (struct room *room = bed->muc->rooms; room; room = room->hh.next)
		check_room(room);
	fake_router_forget(bed->runtime.router);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct store *store;
	struct mucbed *bed;
	int ret;

	/* Of commands there is a line each. */
	log_configure("fuzz", LOG_LEVEL_ERROR, false);
	if (store == NULL)
		store = fake_store_new("muc");
	bed = mucbed_new_on(store);
	ret = script_play(data, size, read_line, bed);
	mucbed_free(&bed);
	fake_store_clear(store);
	return ret;
}
