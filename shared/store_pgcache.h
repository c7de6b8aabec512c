/*
 * store_pgcache.h - the statements that a connection has prepared.
 */
#ifndef SHARED_STORE_PGCACHE_H
#define SHARED_STORE_PGCACHE_H

#include <stdbool.h>

struct store_pgcache;

struct store_pgcache *store_pgcache_new(void);
void store_pgcache_free(struct store_pgcache **cache);

/* The name of a statement; the text is known by its address.  With fresh set
   it has to be prepared first, by the flight of this number. */
const char *store_pgcache_name(struct store_pgcache *cache, const char *sql,
			       unsigned long flight, bool *fresh_r);

/* Those of a flight that could not prepare one of them: there will be a next
   time, under another name. */
void store_pgcache_forget(struct store_pgcache *cache, unsigned long flight);

/* The connection is another one. */
void store_pgcache_clear(struct store_pgcache *cache);

#endif
