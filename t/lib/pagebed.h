/*
 * pagebed.h - an archive that pages are asked of, in a database.
 */
#ifndef T_LIB_PAGEBED_H
#define T_LIB_PAGEBED_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/archive_owner.h"
#include "shared/error.h"
#include "shared/mam_query.h"
#include "shared/str.h"

struct database;

/* What the last query found. */
struct pagebed {
	struct database *db;
	struct archive_owner owner;	/* of what kind is the test's to say */
	bool done;
	struct error err;
	struct str uids;	/* each with a blank behind it */
	struct str rows;	/* as they are printed */
	char first[32], last[32];
	size_t count;
	bool complete;
	long total, index;
};

/* For archivebed_run(). */
int pagebed_setup(void **state);
int pagebed_teardown(void **state);

struct mam_query pagebed_everything(size_t max);

/* Asks, and waits for the answer. */
void pagebed_ask(struct pagebed *bed, const char *owner,
		 const struct mam_query *query);
/* Fails if it is refused; or if its uids are not these, with a blank behind
   each; or if it is not refused so. */
void pagebed_find(struct pagebed *bed, const char *owner,
		  const struct mam_query *query);
void pagebed_expect(struct pagebed *bed, const char *owner,
		    const struct mam_query *query, const char *uids);
void pagebed_refuse(struct pagebed *bed, const char *owner,
		    const struct mam_query *query, enum error_cond cond);
/* How many there are, or -1. */
long pagebed_count(struct pagebed *bed, const char *owner,
		   struct mam_query query);

#endif
