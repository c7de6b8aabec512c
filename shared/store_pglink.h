/*
 * store_pglink.h - a connection to PostgreSQL that is made again when lost.
 */
#ifndef SHARED_STORE_PGLINK_H
#define SHARED_STORE_PGLINK_H

#include <libpq-fe.h>
#include <uv.h>

struct error;
struct store_pglink;

/* None is called from inside open or close. */
struct store_pglink_events {
	void *ctx;
	/* Ready for use: non-blocking, in pipeline mode. */
	void (*up)(void *ctx, PGconn *conn);
	/* There was input, or the socket can be written to. */
	void (*ready)(void *ctx);
	/* An attempt failed, or conn is gone; the next attempt follows. */
	void (*down)(void *ctx, const char *why);
	void (*closed)(void *ctx);
};

/* Returns 0, or -1 with err set: the fault is in the URL. */
int store_pglink_open(uv_loop_t *loop, const char *url,
		      const struct store_pglink_events *events,
		      struct store_pglink **link_r, struct error *err);

/* Sends what libpq holds; ready follows when it could not all go. */
void store_pglink_flush(struct store_pglink *link);

/* Gives the connection up: down follows from inside this call. */
void store_pglink_drop(struct store_pglink *link, const char *why);

/* It did useful work, so the next pause will be a short one. */
void store_pglink_proven(struct store_pglink *link);

/* Ends in events->closed; the link is freed then. */
void store_pglink_close(struct store_pglink *link);

#endif
