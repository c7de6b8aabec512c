#include "shared/store_pgcache.h"

#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

#include "shared/error.h"

struct entry {
	const char *sql;
	char name[24];
	unsigned long flight;
	UT_hash_handle hh;
};

struct store_pgcache {
	struct entry *entries;
	unsigned long names;
};

struct store_pgcache *
store_pgcache_new(void)
{
	struct store_pgcache *cache = calloc(1, sizeof(*cache));

	ensure(cache != NULL);
	return cache;
}

const char *
store_pgcache_name(struct store_pgcache *cache, const char *sql,
		   unsigned long flight, bool *fresh_r)
{
	struct entry *entry;

	HASH_FIND_PTR(cache->entries, &sql, entry);
	*fresh_r = entry == NULL;
	if (entry != NULL)
		return entry->name;
	ensure((entry = calloc(1, sizeof(*entry))) != NULL);
	entry->sql = sql;
	entry->flight = flight;
	snprintf(entry->name, sizeof(entry->name), "s%lu", cache->names++);
	HASH_ADD_PTR(cache->entries, sql, entry);
	return entry->name;
}

void
store_pgcache_forget(struct store_pgcache *cache, unsigned long flight)
{
	struct entry *entry, *next;

	HASH_ITER(hh, cache->entries, entry, next) {
		if (entry->flight != flight)
			continue;
		HASH_DEL(cache->entries, entry);
		free(entry);
	}
}

void
store_pgcache_clear(struct store_pgcache *cache)
{
	struct entry *entry, *next;

	HASH_ITER(hh, cache->entries, entry, next) {
		HASH_DEL(cache->entries, entry);
		free(entry);
	}
}

void
store_pgcache_free(struct store_pgcache **cache)
{
	if (*cache == NULL)
		return;
	store_pgcache_clear(*cache);
	free(*cache);
	*cache = NULL;
}
