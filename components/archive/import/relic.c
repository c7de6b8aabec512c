#include "components/archive/import/relic.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/serial.h"
#include "shared/spool.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

/* A record on its way to become a row. */
struct reading {
	struct arena *arena;
	const struct spool_record *record;
	const struct relic_scope *scope;
	struct stanza stanza;
	const char *host;	/* of the owner, as the router has it */
	const struct jid *owner;
	struct error *err;
};

/* Whether it is the address of a component of one of them. */
static bool
is_below_host(const char *const *hosts, const char *domain)
{
	const char *dot;

	while ((dot = strchr(domain, '.')) != NULL) {
		domain = dot + 1;
		if (str_is_one_of(domain, hosts))
			return true;
	}
	return false;
}

static bool
is_peer(const struct reading *reading, const struct jid *jid)
{
	return jid != NULL && reading->record->peer != NULL &&
	       str_same(jid->bare, reading->record->peer);
}

/* Where the record does not say, it is that of whoever is not the other. */
static const char *
find_host(const struct reading *reading)
{
	const struct spool_record *record = reading->record;
	const struct stanza *stanza = &reading->stanza;

	if (record->host != NULL && *record->host != '\0')
		return record->host;
	if (stanza->to != NULL && is_peer(reading, stanza->from))
		return stanza->to->domain;
	return stanza->from == NULL ? "" : stanza->from->domain;
}

/* One of that host becomes one of the new host's. */
static int
move(const struct reading *reading, const struct jid **jid)
{
	const char *host = reading->scope->host, *at;

	if (*jid == NULL || host == NULL ||
	    !str_same((*jid)->domain, reading->host))
		return 0;
	at = *(*jid)->local == '\0' ? "" : "@";
	return jid_parsez(reading->arena, arena_printf(
			reading->arena, "%s%s%s%s%s", (*jid)->local, at, host,
			*(*jid)->resource == '\0' ? "" : "/",
			(*jid)->resource), jid, reading->err);
}

/* Returns as relic_read(). */
static int
find_owner(struct reading *reading)
{
	const struct relic_scope *scope = reading->scope;
	const struct spool_record *record = reading->record;
	struct stanza *stanza = &reading->stanza;
	const char *host;

	reading->host = find_host(reading);
	if (scope->from != NULL && !str_same(reading->host, scope->from))
		return ARCHIVE_IMPORT_ELSEWHERE;
	host = scope->host != NULL ? scope->host : reading->host;
	if (spool_read_user(reading->arena, record->user == NULL ? "" :
			    record->user, host, &reading->owner,
			    reading->err) < 0)
		return -1;
	if (!str_is_one_of(host, scope->hosts))
		return error_set(reading->err, ERROR_NOT_ALLOWED,
				 "messages of %s are not kept here", host);
	return move(reading, &stanza->from) < 0 ||
	       move(reading, &stanza->to) < 0 ? -1 : 0;
}

/* Which side's copy it is.  0 with err when it is neither's. */
static unsigned
find_ways(const struct reading *reading)
{
	const struct stanza *stanza = &reading->stanza;
	bool sent = jid_equal_bare(stanza->from, reading->owner);
	bool received = stanza->to == NULL ||
			jid_equal_bare(stanza->to, reading->owner);

	if (!sent && !received)
		error_set(reading->err, ERROR_BAD_REQUEST,
			  "it is neither from nor to its owner");
	return (sent ? ARCHIVE_SENT : 0) | (received ? ARCHIVE_RECEIVED : 0);
}

/* Flags are as those of tap.c, as far as addresses tell. */
static unsigned
find_flags(const struct reading *reading)
{
	const char *const *hosts = reading->scope->hosts;
	const char *domain = reading->stanza.from->domain;

	return str_is_one_of(domain, hosts) ||
	       is_below_host(hosts, domain) ? 0 : ARCHIVE_REMOTE;
}

static int
fill(const struct reading *reading, struct archive_row *row_r)
{
	const struct spool_record *record = reading->record;
	struct stanza stanza = reading->stanza;
	const struct archive_mark mark = {
		.serial = serial_first_of(record->stamp),
		.stamp = record->stamp, .uid = record->key,
		.ways = find_ways(reading), .flags = find_flags(reading),
	};

	if (mark.ways == 0)
		return -1;
	/* Without one it would be taken for the sender's own. */
	if (stanza.to == NULL)
		stanza.to = reading->owner;
	return archive_row_of(reading->arena, &stanza, &mark, row_r,
			      reading->err);
}

/* What can be told before the message is read. */
static int
check_record(const struct spool_record *record,
	     const struct relic_scope *scope, struct error *err)
{
	if (scope->from != NULL && record->host != NULL &&
	    !str_same(record->host, scope->from))
		return ARCHIVE_IMPORT_ELSEWHERE;
	if (record->fault != NULL)
		return error_set(err, ERROR_BAD_REQUEST, "%s", record->fault);
	if (archive_import_check(record, scope->now, err) < 0)
		return -1;
	return record->stamp < scope->period.since ||
	       record->stamp >= scope->period.until ?
	       ARCHIVE_IMPORT_ELSEWHERE : 0;
}

int
relic_read(struct arena *arena, const struct spool_record *record,
	   const struct relic_scope *scope,
	   struct archive_shelving_item *item_r, struct error *err)
{
	struct reading reading = {
		.arena = arena, .record = record, .scope = scope, .err = err,
	};
	int ret = check_record(record, scope, err);

	memset(item_r, 0, sizeof(*item_r));
	if (ret == 0)
		ret = spool_read_message(arena, record->stanza,
					 &reading.stanza, err);
	if (ret == 0)
		ret = find_owner(&reading);
	if (reading.owner != NULL)
		item_r->owner = reading.owner->bare;
	if (ret != 0)
		return ret;
	if (reading.stanza.from == NULL)
		return error_set(err, ERROR_BAD_REQUEST, "it has no sender");
	return fill(&reading, &item_r->row);
}
