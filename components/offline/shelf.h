/*
 * shelf.h - the messages in the database (schema/offline).
 *
 * All is done in the order it was asked for.  Messages that are put in, and
 * questions how many there are, may share a statement with others (pile.h);
 * those that shared one with what the database refused are put in after what
 * was asked meanwhile.  So it is given nothing that it would refuse for what
 * it is: shelf_fits(); and no text from XML has what a TEXT cannot have.
 */
#ifndef OFFLINE_SHELF_H
#define OFFLINE_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/store.h"

struct shelf;

struct shelf *shelf_new(struct store *store);
/* Once the store is closed. */
void shelf_free(struct shelf **shelf);

/* A message.  The strings of one that was read are those of the result. */
struct shelf_message {
	int64_t serial;		/* in the order of coming */
	const char *id;		/* the shim's */
	const char *sender;	/* bare address */
	const char *resource;	/* the sender's, "" without */
	int64_t stamp;		/* when it was sent: microseconds since 1970 */
	const char *stanza;	/* as text */
};

/* Whether the index has room for the user's one, whose key is made of the
   user, the sender and the id.  Where it has none PostgreSQL refuses it. */
#define SHELF_KEY_MAX 2670
bool shelf_fits(const char *jid, const struct shelf_message *message);

/* Puts one in, which fits, whatever its serial.  The strings must stay until
   fn was called. */
void shelf_put(struct shelf *shelf, const char *jid, int64_t arrived,
	       const struct shelf_message *message, store_fn *fn, void *ctx);
/* Whether fn's result says that the one of that id is in now, and was not
   before. */
bool shelf_was_put(const struct store_result *result, const char *jid,
		   const char *id);

/* Puts one in that comes from an import.  fn's result has a row, unless one of
   that id came from an import before, be it still here or not. */
void shelf_import(struct shelf *shelf, const char *jid, int64_t arrived,
		  const struct shelf_message *message, store_fn *fn,
		  void *ctx);
/* fn's result has a row if it came. */
void shelf_look_imported(struct shelf *shelf, const char *jid,
			 const char *id, store_fn *fn, void *ctx);

/* fn's result has a row if the user has one of that id. */
void shelf_look(struct shelf *shelf, const char *jid, const char *id,
		store_fn *fn, void *ctx);

/* How many the user has of whom; the same about others may be in the result.
   jid must stay until fn was called. */
void shelf_count(struct shelf *shelf, const char *jid, store_fn *fn,
		 void *ctx);
struct shelf_share {
	const char *jid, *sender;
	size_t count;
};
void shelf_get_share(const struct store_result *result, size_t row,
		     struct shelf_share *share_r);
/* How many of them are the user's. */
size_t shelf_total(const struct store_result *result, const char *jid);

/* The user's first ones above that serial, at most max of them. */
void shelf_read(struct shelf *shelf, const char *jid, int64_t above,
		unsigned max, store_fn *fn, void *ctx);
/* The one of that serial, if it is the user's. */
void shelf_find(struct shelf *shelf, const char *jid, int64_t serial,
		store_fn *fn, void *ctx);
/* Whether there is such a one: fn's result has a row then. */
void shelf_check(struct shelf *shelf, const char *jid, int64_t serial,
		 store_fn *fn, void *ctx);
void shelf_get(const struct store_result *result, size_t row,
	       struct shelf_message *message_r);

/* The user's first ones above that serial, at most max of them, without their
   stanzas. */
void shelf_read_headers(struct shelf *shelf, const char *jid, int64_t above,
			unsigned max, store_fn *fn, void *ctx);
/* The last ones below that serial, the last first. */
void shelf_read_headers_below(struct shelf *shelf, const char *jid,
			      int64_t below, unsigned max, store_fn *fn,
			      void *ctx);
void shelf_get_header(const struct store_result *result, size_t row,
		      struct shelf_message *message_r);

/* What the following ones remove, they name. */

/* Those from one serial to the other that are the user's. */
void shelf_remove(struct shelf *shelf, const char *jid, int64_t first,
		  int64_t last, store_fn *fn, void *ctx);
/* The one of that id, if it is the user's. */
void shelf_withdraw(struct shelf *shelf, const char *jid, const char *id,
		    store_fn *fn, void *ctx);
/* All but the newest keep of the user's, or of those of that sender. */
void shelf_trim(struct shelf *shelf, const char *jid, const char *sender,
		unsigned keep, store_fn *fn, void *ctx);
/* All of the user's; but where they are not NULL, only those of that sender,
   and of that id. */
void shelf_purge(struct shelf *shelf, const char *jid, const char *sender,
		 const char *id, store_fn *fn, void *ctx);
/* All that the user has, as his account was removed: id is that of the removal.
   Asked for again, it removes nothing that came later, for thirty days. */
void shelf_close(struct shelf *shelf, const char *jid, const char *id,
		 int64_t now, store_fn *fn, void *ctx);
/* Those of the max oldest of all that arrived before then. */
void shelf_expire(struct shelf *shelf, int64_t before, unsigned max,
		  store_fn *fn, void *ctx);
struct shelf_removed {
	const char *jid, *id, *sender;
};
void shelf_get_removed(const struct store_result *result, size_t row,
		       struct shelf_removed *removed_r);

#endif
