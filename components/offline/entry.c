#include "components/offline/entry.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <strophe.h>

#include "components/offline/letter.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/spool.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Of a digest by SHA-1. */
#define DIGEST_BYTES 20

/* Where it was is not part of it: a copy of the spool has the same. */
static const char *
make_id(struct arena *arena, const struct spool_record *record)
{
	unsigned char digest[DIGEST_BYTES];
	struct str text = { 0 }, id = { 0 };
	const char *copy;

	str_addf(&text, "%s\n%" PRId64 "\n%s",
		 record->key == NULL ? "" : record->key, record->stamp,
		 record->stanza);
	xmpp_sha1_digest((const unsigned char *)text.data, text.len, digest);
	str_addz(&id, "import-");
	for (size_t i = 0; i < sizeof(digest); i++)
		str_addf(&id, "%02x", digest[i]);
	copy = arena_dup(arena, id.data, id.len);
	str_fini(&text);
	str_fini(&id);
	return copy;
}

/* The host as the spool has it: where the record does not say, the address
   does. */
static const char *
host_of(const struct spool_record *record, const struct stanza *stanza)
{
	if (record->host != NULL && *record->host != '\0')
		return record->host;
	return stanza->to == NULL ? "" : stanza->to->domain;
}

static int
find_owner(struct arena *arena, const struct spool_record *record,
	   const struct entry_scope *scope, const struct stanza *stanza,
	   const struct jid **owner_r, struct error *err)
{
	const char *user = record->user, *host = host_of(record, stanza);

	if (user == NULL)
		user = stanza->to == NULL ? "" : stanza->to->local;
	if (scope->from != NULL && strcmp(host, scope->from) != 0)
		return ENTRY_ELSEWHERE;
	return spool_read_user(arena, user, scope->host != NULL ?
			       scope->host : host, owner_r, err);
}

/* Who sent it, and when; what the router added is taken away. */
static int
fill(struct arena *arena, const struct spool_record *record,
     const struct stanza *stanza, int64_t now, struct entry *entry,
     struct error *err)
{
	const struct jid *from = stanza->from;
	int64_t stamp = record->stamp != 0 ? record->stamp : now;

	if (record->from != NULL &&
	    jid_parsez(arena, record->from, &from, err) < 0)
		return -1;
	if (from == NULL)
		return error_set(err, ERROR_BAD_REQUEST, "it has no sender");
	if (record->from != NULL)
		xml_set(arena, stanza->el, "from", from->full);
	entry->message = (struct shelf_message){
		.id = make_id(arena, record), .sender = from->bare,
		.resource = from->resource,
		.stamp = letter_take_stamp(stanza->el,
					   host_of(record, stanza), stamp),
		.stanza = letter_print(arena, stanza->el),
	};
	return 0;
}

int
entry_read(struct arena *arena, const struct spool_record *record,
	   const struct entry_scope *scope, int64_t now,
	   struct entry *entry_r, struct error *err)
{
	struct stanza stanza = { 0 };
	const struct jid *owner;
	int ret;

	memset(entry_r, 0, sizeof(*entry_r));
	if (scope->from != NULL && record->host != NULL &&
	    strcmp(record->host, scope->from) != 0)
		return ENTRY_ELSEWHERE;
	if (record->fault != NULL)
		return error_set(err, ERROR_BAD_REQUEST, "%s", record->fault);
	if (spool_read_message(arena, record->stanza, &stanza, err) < 0)
		return -1;
	ret = find_owner(arena, record, scope, &stanza, &owner, err);
	if (ret != 0)
		return ret;
	entry_r->jid = owner->bare;
	if (record->expires != 0 && record->expires <= now)
		return error_set(err, ERROR_GONE, "it has expired");
	/* Under another name it is addressed to the new one. */
	if (scope->host != NULL || stanza.to == NULL)
		xml_set(arena, stanza.el, "to", owner->bare);
	return fill(arena, record, &stanza, now, entry_r, err);
}
