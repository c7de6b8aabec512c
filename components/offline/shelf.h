/*
 * shelf.h - the messages in the database (schema/offline).
 */
#ifndef OFFLINE_SHELF_H
#define OFFLINE_SHELF_H

#include <stddef.h>
#include <stdint.h>

#include "shared/store.h"

/* A message.  The strings of one that was read are those of the result. */
struct shelf_message {
	int64_t serial;		/* in the order of coming */
	const char *id;		/* the shim's */
	const char *sender;	/* bare address */
	const char *resource;	/* the sender's, "" without */
	int64_t stamp;		/* when it was sent: microseconds since 1970 */
	const char *stanza;	/* as text */
};

/* Puts one in, whatever its serial.  fn's result has a row, unless the user
   has one of that id. */
void shelf_put(struct store *store, const char *jid, int64_t arrived,
	       const struct shelf_message *message, store_fn *fn, void *ctx);

/* The same of one that comes from an import: fn's result has a row, unless one
   of that id came from an import before, be it still here or not. */
void shelf_import(struct store *store, const char *jid, int64_t arrived,
		  const struct shelf_message *message, store_fn *fn,
		  void *ctx);
/* fn's result has a row if it came. */
void shelf_look_imported(struct store *store, const char *jid,
			 const char *id, store_fn *fn, void *ctx);

/* fn's result has a row if the user has one of that id. */
void shelf_look(struct store *store, const char *jid, const char *id,
		store_fn *fn, void *ctx);

/* How many the user has of whom. */
void shelf_count(struct store *store, const char *jid, store_fn *fn,
		 void *ctx);
struct shelf_share {
	const char *sender;
	size_t count;
};
void shelf_get_share(const struct store_result *result, size_t row,
		     struct shelf_share *share_r);
/* How many these are. */
size_t shelf_total(const struct store_result *result);

/* The user's first ones above that serial, at most max of them. */
void shelf_read(struct store *store, const char *jid, int64_t above,
		unsigned max, store_fn *fn, void *ctx);
/* The one of that serial, if it is the user's. */
void shelf_find(struct store *store, const char *jid, int64_t serial,
		store_fn *fn, void *ctx);
/* Whether there is such a one: fn's result has a row then. */
void shelf_check(struct store *store, const char *jid, int64_t serial,
		 store_fn *fn, void *ctx);
void shelf_get(const struct store_result *result, size_t row,
	       struct shelf_message *message_r);

/* The user's first ones above that serial, at most max of them, without their
   stanzas. */
void shelf_read_headers(struct store *store, const char *jid, int64_t above,
			unsigned max, store_fn *fn, void *ctx);
/* The last ones below that serial, the last first. */
void shelf_read_headers_below(struct store *store, const char *jid,
			      int64_t below, unsigned max, store_fn *fn,
			      void *ctx);
void shelf_get_header(const struct store_result *result, size_t row,
		      struct shelf_message *message_r);

/* What the following ones remove, they name. */

/* Those from one serial to the other that are the user's. */
void shelf_remove(struct store *store, const char *jid, int64_t first,
		  int64_t last, store_fn *fn, void *ctx);
/* The one of that id, if it is the user's. */
void shelf_withdraw(struct store *store, const char *jid, const char *id,
		    store_fn *fn, void *ctx);
/* All but the newest keep of the user's, or of those of that sender. */
void shelf_trim(struct store *store, const char *jid, const char *sender,
		unsigned keep, store_fn *fn, void *ctx);
/* All of the user's, or those of that sender. */
void shelf_purge(struct store *store, const char *jid, const char *sender,
		 store_fn *fn, void *ctx);
/* Those of the max oldest of all that arrived before then. */
void shelf_expire(struct store *store, int64_t before, unsigned max,
		  store_fn *fn, void *ctx);
struct shelf_removed {
	const char *jid, *id, *sender;
};
void shelf_get_removed(const struct store_result *result, size_t row,
		       struct shelf_removed *removed_r);

#endif
