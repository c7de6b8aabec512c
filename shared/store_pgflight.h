/*
 * store_pgflight.h - requests on their way through PostgreSQL's pipeline.
 *
 * Those of one flight are one transaction: what stands before a sync in the
 * pipeline is.  A disk's time for making it durable is paid once for all.
 */
#ifndef SHARED_STORE_PGFLIGHT_H
#define SHARED_STORE_PGFLIGHT_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

struct store_pgcache;
struct store_request;
struct store_statement;

struct store_pgflight {
	struct store_pgflight *prev, *next;
	struct store_request *list;
	size_t count;
	unsigned long number;	/* of this flight, on its connection */
	unsigned preparing;	/* answers to come before the statements' */
	/* Whose answer is due; NULL after the last. */
	struct store_request *req;
	const struct store_statement *stmt;
	bool failed;
	bool blamed;		/* it is known who is at fault */
	bool again;		/* nobody is: it was in another's way */
	char why[400];		/* it failed, or the connection is to go */
};

enum store_pgflight_state {
	STORE_PGFLIGHT_FLYING,	/* more answers will come */
	STORE_PGFLIGHT_DONE,	/* all is durable */
	STORE_PGFLIGHT_FAILED,	/* nothing was done; the one that is blamed
				   is marked as refused */
	STORE_PGFLIGHT_BROKEN,	/* nobody knows; the connection must go */
	STORE_PGFLIGHT_PASSING,	/* the same, as the server is unwell */
};

struct store_pgflight *store_pgflight_new(unsigned long number);
void store_pgflight_add(struct store_pgflight *flight,
			struct store_request *req);
/* The requests must have been taken from it. */
void store_pgflight_free(struct store_pgflight **flight);

/* Sends all, except requests already marked as refused; a script goes
   outside the pipeline, and nothing is prepared for one that flies alone.
   Returns 0, or -1 when the connection is gone. */
int store_pgflight_send(struct store_pgflight *flight, PGconn *conn,
			struct store_pgcache *cache);

/* Takes the next answer, which is cleared or kept with its request.  A
   script's end is not an answer. */
enum store_pgflight_state
store_pgflight_take(struct store_pgflight *flight,
		    struct store_pgcache *cache, PGresult *res);

#endif
