#include "shared/archive_address.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "shared/error.h"

struct entry {
	int64_t id;
	struct entry *prev, *next;
	UT_hash_handle hh;	/* by jid */
	char jid[];
};

struct archive_address {
	size_t limit;
	struct entry *by_jid;
	struct entry *oldest;	/* and the later ones, as they were wanted */
};

struct archive_address *
archive_address_new(size_t limit)
{
	struct archive_address *addresses = calloc(1, sizeof(*addresses));

	ensure(addresses != NULL && limit > 0);
	addresses->limit = limit;
	return addresses;
}

static void
drop(struct archive_address *addresses, struct entry *entry)
{
	HASH_DEL(addresses->by_jid, entry);
	DL_DELETE(addresses->oldest, entry);
	free(entry);
}

void
archive_address_free(struct archive_address **addresses)
{
	if (*addresses == NULL)
		return;
	while ((*addresses)->oldest != NULL)
		drop(*addresses, (*addresses)->oldest);
	free(*addresses);
	*addresses = NULL;
}

static struct entry *
find(struct archive_address *addresses, const char *jid)
{
	struct entry *entry;

	HASH_FIND_STR(addresses->by_jid, jid, entry);
	return entry;
}

int64_t
archive_address_find(struct archive_address *addresses, const char *jid)
{
	struct entry *entry = find(addresses, jid);

	if (entry == NULL)
		return 0;
	DL_DELETE(addresses->oldest, entry);
	DL_APPEND(addresses->oldest, entry);
	return entry->id;
}

void
archive_address_add(struct archive_address *addresses, const char *jid,
		    int64_t id)
{
	size_t size = strlen(jid) + 1;
	struct entry *entry = find(addresses, jid);

	if (entry != NULL) {
		entry->id = id;
		return;
	}
	if (HASH_COUNT(addresses->by_jid) >= addresses->limit)
		drop(addresses, addresses->oldest);
	ensure((entry = calloc(1, sizeof(*entry) + size)) != NULL);
	entry->id = id;
	memcpy(entry->jid, jid, size);
	HASH_ADD_STR(addresses->by_jid, jid, entry);
	DL_APPEND(addresses->oldest, entry);
}

size_t
archive_address_count(const struct archive_address *addresses)
{
	return HASH_COUNT(addresses->by_jid);
}
