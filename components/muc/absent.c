#include "components/muc/absent.h"

#include <string.h>

#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/presence.h"
#include "components/muc/pseudonym.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/fanout.h"
#include "shared/ns.h"
#include "shared/router.h"
#include "shared/str.h"
#include "shared/xml.h"

/* How many are shown to one who enters, and to all together at once: without
   bounds ten thousand nicks and a thousand people would make gigabytes. */
#define SHOWN_MAX 1000
#define BROADCAST_MAX 100000

/* An account that is in the room, by whatever nick. */
struct account {
	const char *jid;
	UT_hash_handle hh;
};

static struct account *
find_account(struct account *accounts, const char *jid)
{
	struct account *account;

	HASH_FIND_STR(accounts, jid, account);
	return account;
}

static struct account *
list_accounts(struct arena *arena, const struct room *room)
{
	struct account *accounts = NULL;

	for (const struct occupant *who = room->occupants; who != NULL;
	     who = who->hh.next) {
		struct account *account;

		if (find_account(accounts, who->jid) != NULL)
			continue;
		account = arena_alloc(arena, sizeof(*account));
		account->jid = who->jid;
		HASH_ADD_KEYPTR(hh, accounts, account->jid,
				strlen(account->jid), account);
	}
	return accounts;
}

/* Found, and named, once, however many are told. */
struct absent {
	const struct affiliate *who;
	char pseudonym[PSEUDONYM_SIZE];
};

static struct absent
absent_of(const struct room *room, const struct affiliate *who)
{
	struct absent absent = { .who = who };

	pseudonym_make(room->key, who->jid, absent.pseudonym);
	return absent;
}

/* The first of those to be shown, ended by one that is nobody. */
static const struct absent *
list_absent(struct arena *arena, const struct room *room, size_t *count_r)
{
	size_t all = HASH_COUNT(room->affiliates), n = 0;
	size_t size = (all < SHOWN_MAX ? all : SHOWN_MAX) + 1;
	struct absent *absent = arena_alloc(arena, size * sizeof(*absent));
	struct account *here = list_accounts(arena, room);

	for (const struct affiliate *who = room->affiliates;
	     who != NULL && n < SHOWN_MAX; who = who->hh.next)
		if (who->affiliation >= AFFILIATION_MEMBER &&
		    who->nick != NULL && find_account(here, who->jid) == NULL)
			absent[n++] = absent_of(room, who);
	HASH_CLEAR(hh, here);
	*count_r = n;
	return absent;
}

/* Together with what else is gathered for that session. */
static void
send_presence(struct fanout *fanout, const struct xml *presence,
	      const struct session *to)
{
	struct str head = { 0 }, tail = { 0 };
	struct router_template stanza;

	xml_print_start(&head, presence, presence->ns);
	xml_print_rest(&tail, presence);
	stanza = (struct router_template){
		.head = head.data, .head_len = head.len,
		.tail = tail.data, .tail_len = tail.len,
	};
	fanout_send_to(fanout, &stanza, to->to, to->to_len);
	str_fini(&head);
	str_fini(&tail);
}

static void
send_one(struct arena *arena, const struct room *room,
	 const struct absent *absent, const struct session *to)
{
	const struct affiliate *who = absent->who;
	struct xml *presence, *x, *item;

	presence = stanza_new(arena, "presence",
			      room_address(room, arena, who->nick),
			      NULL, "unavailable");
	pseudonym_add(arena, presence, absent->pseudonym);
	x = xml_add(arena, presence, NS_MUC_USER, "x");
	item = xml_add(arena, x, NULL, "item");
	xml_set(arena, item, "affiliation",
		affiliation_name(who->affiliation));
	xml_set(arena, item, "role", role_name(ROLE_NONE));
	if (presence_shows_address(to))
		xml_set(arena, item, "jid", who->jid);
	send_presence(room->muc->fanout, presence, to);
}

static void
send_all(const struct room *room, const struct absent *absent,
	 const struct session *to)
{
	struct arena *arena = arena_new();

	for (; absent->who != NULL; absent++)
		send_one(arena, room, absent, to);
	arena_free(&arena);
}

static void
send_gathered(const struct room *room, const struct absent *absent,
	      const struct session *to)
{
	struct fanout *fanout = room->muc->fanout;

	fanout_gather(fanout, to->to, to->to_len);
	send_all(room, absent, to);
	fanout_end(fanout);
}

void
absent_send(const struct room *room, const struct session *to)
{
	struct arena *arena;
	size_t count;

	if (!room->options.showabsent)
		return;
	arena = arena_new();
	send_all(room, list_absent(arena, room, &count), to);
	arena_free(&arena);
}

void
absent_broadcast(const struct room *room)
{
	const struct absent *absent;
	struct arena *arena;
	size_t count;

	if (!room->options.showabsent)
		return;
	arena = arena_new();
	absent = list_absent(arena, room, &count);
	if (count * HASH_COUNT(room->sessions) <= BROADCAST_MAX)
		for (const struct session *to = room->sessions; to != NULL;
		     to = to->hh.next)
			send_gathered(room, absent, to);
	arena_free(&arena);
}
