/*
 * store_pghost.h - the hosts of a PostgreSQL connection string.
 *
 * libpq looks names up while everybody waits, and in non-blocking use tries
 * no other host while one is silent.  So names are looked up here, and each
 * attempt can begin with another host.
 */
#ifndef SHARED_STORE_PGHOST_H
#define SHARED_STORE_PGHOST_H

#include <libpq-fe.h>
#include <uv.h>

struct store_pghost;

/* options are those of PQconninfoParse() and outlive the result. */
struct store_pghost *store_pghost_new(uv_loop_t *loop,
				      const PQconninfoOption *options);

/* Looks all names up, then calls fn, at once when there are none.  why is
   NULL when at least one host can be tried. */
void store_pghost_resolve(struct store_pghost *hosts,
			  void (*fn)(void *ctx, const char *why), void *ctx);

/* The parameters for an attempt that begins with the host first (modulo
   their number).  Both arrays end in NULL and are valid until the next call;
   what the options leave open and defaults (in pairs, ended by NULL) sets is
   added. */
void store_pghost_params(struct store_pghost *hosts, unsigned first,
			 const char *const *defaults,
			 const char *const **keywords_r,
			 const char *const **values_r);

/* Not while names are being looked up. */
void store_pghost_free(struct store_pghost **hosts);

#endif
