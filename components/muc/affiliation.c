#include "components/muc/affiliation.h"

#include <stdlib.h>
#include <string.h>

#include "shared/error.h"
#include "shared/jid.h"
#include "shared/str.h"

static void
drop(struct affiliate **table, struct affiliate *who)
{
	HASH_DEL(*table, who);
	free(who->nick);
	free(who->reason);
	free(who);
}

struct affiliate *
affiliate_find(struct affiliate *table, const char *jid)
{
	struct affiliate *who;

	HASH_FIND_STR(table, jid, who);
	return who;
}

struct affiliate *
affiliate_find_nick(struct affiliate *table, const char *nick)
{
	for (struct affiliate *who = table; who != NULL; who = who->hh.next)
		if (who->nick != NULL && strcmp(who->nick, nick) == 0)
			return who;
	return NULL;
}

enum affiliation
affiliation_of(struct affiliate *table, const struct jid *jid)
{
	const struct affiliate *who = affiliate_find(table, jid->bare);

	if (who != NULL)
		return who->affiliation;
	who = affiliate_find(table, jid->domain);
	return who != NULL && who->affiliation == AFFILIATION_OUTCAST ?
	       AFFILIATION_OUTCAST : AFFILIATION_NONE;
}

unsigned
affiliation_count(struct affiliate *table, enum affiliation affiliation)
{
	unsigned n = 0;

	for (struct affiliate *who = table; who != NULL; who = who->hh.next)
		n += who->affiliation == affiliation;
	return n;
}

static struct affiliate *
make(struct affiliate **table, const char *jid)
{
	size_t len = strlen(jid);
	struct affiliate *who = calloc(1, sizeof(*who) + len + 1);

	ensure(who != NULL);
	memcpy(who->jid, jid, len);
	HASH_ADD_KEYPTR(hh, *table, who->jid, len, who);
	return who;
}

void
affiliation_set(struct affiliate **table, const char *jid,
		enum affiliation affiliation, const char *reason)
{
	struct affiliate *who = affiliate_find(*table, jid);

	if (affiliation == AFFILIATION_NONE) {
		if (who != NULL)
			drop(table, who);
		return;
	}
	if (who == NULL)
		who = make(table, jid);
	who->affiliation = affiliation;
	free(who->reason);
	who->reason = str_dup(reason);
	if (affiliation == AFFILIATION_OUTCAST) {
		free(who->nick);
		who->nick = NULL;
	}
}

void
affiliation_reserve(struct affiliate *table, const char *jid, const char *nick)
{
	struct affiliate *who = affiliate_find(table, jid);

	ensure(who != NULL);
	free(who->nick);
	who->nick = str_dup(nick);
}

void
affiliation_clear(struct affiliate **table)
{
	struct affiliate *who, *next;

	HASH_ITER(hh, *table, who, next)
		drop(table, who);
}
