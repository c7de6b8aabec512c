#include "shared/store-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <utlist.h>

#include "shared/error.h"
#include "shared/store_pgcache.h"
#include "shared/store_pgflight.h"
#include "shared/store_pglink.h"

/* The most that one transaction takes: all of it waits for its end. */
#define MAX_GROUP 500
#define MAX_GROUP_BYTES (1 << 20)
/* Transactions of one request each that are under way at once. */
#define MAX_FLIGHTS 1000

/* All that waits goes in one flight, which must land before the next starts.
   So one that is refused cannot be overtaken, and what was with it is done
   again without it.  Where it is not known whose fault it was, each flies
   alone. */
struct store_pg {
	const struct store_events *events;
	struct store_pglink_events link_events;
	struct store_pglink *link;
	PGconn *conn;			/* NULL while away */
	struct store_pgcache *cache;
	bool doubtful;			/* it was linked, but refused to work */
	bool announced;
	struct store_request *waiting;
	struct store_pgflight *flying;
	size_t flights;
	unsigned long number;		/* of the latest flight */
	uv_idle_t idle;			/* gathers what one turn asks for */
};

static void fill(struct store_pg *pg);

static struct store_pgflight *
land(struct store_pg *pg)
{
	struct store_pgflight *flight = pg->flying;

	DL_DELETE(pg->flying, flight);
	pg->flights--;
	return flight;
}

static void
tell_done(struct store_pg *pg, struct store_pgflight *flight)
{
	struct store_request *req, *next;

	DL_FOREACH_SAFE(flight->list, req, next) {
		DL_DELETE(flight->list, req);
		if (req->outcome != STORE_REFUSED)
			req->outcome = STORE_DONE;
		pg->events->done(pg->events->ctx, req);
	}
	store_pgflight_free(&flight);
}

/* To be done again, which passes over what was refused; a script is not sent
   with others.  Nobody waits for a read that was told to have failed. */
static struct store_request *
recall(struct store_pg *pg, struct store_pgflight *flight)
{
	struct store_request *req, *next, *back = NULL;

	DL_FOREACH_SAFE(flight->list, req, next) {
		bool refused = req->outcome == STORE_REFUSED;

		DL_DELETE(flight->list, req);
		req->taken = false;
		if (!refused)
			store_request_reset(req);
		if (req->told || (refused && req->kind == STORE_SCRIPT))
			pg->events->done(pg->events->ctx, req);
		else
			DL_APPEND(back, req);
	}
	store_pgflight_free(&flight);
	return back;
}

static void
recall_all(struct store_pg *pg)
{
	struct store_request *back = NULL, *some, *req;

	while (pg->flying != NULL) {
		DL_FOREACH(pg->flying->list, req)
			req->repeated = true;
		some = recall(pg, land(pg));
		DL_CONCAT(back, some);
	}
	DL_CONCAT(back, pg->waiting);
	pg->waiting = back;
}

static void
announce(struct store_pg *pg)
{
	char text[400];
	const char *host = PQhost(pg->conn), *port = PQport(pg->conn);
	int version = PQserverVersion(pg->conn);

	if (pg->announced)
		return;
	pg->announced = true;
	pg->doubtful = false;
	snprintf(text, sizeof(text),
		 "PostgreSQL %d.%d, database \"%s\" at %s:%s", version / 10000,
		 version % 10000, PQdb(pg->conn), host, port);
	pg->events->state(pg->events->ctx, true, text);
}

static void
on_up(void *ctx, PGconn *conn)
{
	struct store_pg *pg = ctx;

	pg->conn = conn;
	/* A server whose disk is full takes connections all the same: only
	   work done proves that it is back. */
	if (!pg->doubtful || pg->waiting == NULL)
		announce(pg);
	fill(pg);
}

static void
on_down(void *ctx, const char *why)
{
	struct store_pg *pg = ctx;

	pg->conn = NULL;
	pg->announced = false;
	store_pgcache_clear(pg->cache);
	recall_all(pg);
	pg->events->state(pg->events->ctx, false, why);
}

/* Nothing of it was done.  All but the one at fault go again at once. */
static void
take_failure(struct store_pg *pg, struct store_pgflight *flight)
{
	bool alone = !flight->blamed && !flight->again;
	struct store_request *req, *back;

	if (flight->count == 1 && flight->blamed) {
		tell_done(pg, flight);
		return;
	}
	back = recall(pg, flight);
	DL_FOREACH(back, req)
		req->alone = req->alone || alone;
	DL_CONCAT(back, pg->waiting);
	pg->waiting = back;
}

/* Returns -1 when the connection is gone. */
static int
take_state(struct store_pg *pg, enum store_pgflight_state state)
{
	switch (state) {
	case STORE_PGFLIGHT_FLYING:
		return 0;
	case STORE_PGFLIGHT_PASSING:
		pg->doubtful = true;
		/* fall through */
	case STORE_PGFLIGHT_BROKEN:
		store_pglink_drop(pg->link, pg->flying->why);
		return -1;
	case STORE_PGFLIGHT_DONE:
	case STORE_PGFLIGHT_FAILED:
		store_pglink_proven(pg->link);
		announce(pg);
		if (state == STORE_PGFLIGHT_DONE)
			tell_done(pg, land(pg));
		else
			take_failure(pg, land(pg));
	}
	return 0;
}

static int
end_script(struct store_pg *pg)
{
	bool open = PQtransactionStatus(pg->conn) != PQTRANS_IDLE;

	if (open) {
		pg->flying->blamed = true;
		store_request_refuse(pg->flying->list, NULL,
				     "it leaves a transaction open");
	}
	/* It may have changed what statements mean. */
	store_pgcache_clear(pg->cache);
	take_state(pg, open || pg->flying->failed ? STORE_PGFLIGHT_FAILED :
		   STORE_PGFLIGHT_DONE);
	if (!open && PQenterPipelineMode(pg->conn) == 1)
		return 0;
	store_pglink_drop(pg->link, open ? "a script failed" :
			  PQerrorMessage(pg->conn));
	return -1;
}

static void
on_ready(void *ctx)
{
	struct store_pg *pg = ctx;
	bool pause = false;	/* NULL ends a statement's results */

	while (pg->flying != NULL && !PQisBusy(pg->conn)) {
		PGresult *res = PQgetResult(pg->conn);
		bool script = pg->flying->list->kind == STORE_SCRIPT;
		int ret = 0;

		if (res != NULL)
			ret = take_state(pg, store_pgflight_take(pg->flying,
							pg->cache, res));
		else if (script)
			ret = end_script(pg);
		else if (pause)
			break;
		pause = res == NULL;
		if (ret < 0)
			return;
	}
	fill(pg);
}

static struct store_pgflight *
take_off(struct store_pg *pg)
{
	struct store_pgflight *flight = store_pgflight_new(++pg->number);
	struct store_request *req = pg->waiting;
	size_t bytes = 0;

	do {
		bytes += req->bytes;
		req->taken = true;
		DL_DELETE(pg->waiting, req);
		store_pgflight_add(flight, req);
		if (req->alone || req->kind == STORE_SCRIPT)
			break;
		req = pg->waiting;
	} while (req != NULL && !req->alone && req->kind != STORE_SCRIPT &&
		 flight->count < MAX_GROUP && bytes < MAX_GROUP_BYTES);
	DL_APPEND(pg->flying, flight);
	pg->flights++;
	return flight;
}

/* Those that fly alone may follow each other. */
static bool
may_start(const struct store_pg *pg)
{
	if (pg->conn == NULL || pg->waiting == NULL)
		return false;
	return pg->flying == NULL ||
	       (pg->waiting->alone && pg->flying->list->alone &&
		pg->flights < MAX_FLIGHTS);
}

static void
fill(struct store_pg *pg)
{
	while (may_start(pg)) {
		if (store_pgflight_send(take_off(pg), pg->conn,
					pg->cache) < 0) {
			store_pglink_drop(pg->link, PQerrorMessage(pg->conn));
			return;
		}
	}
	if (pg->conn != NULL)
		store_pglink_flush(pg->link);
}

static void
on_idle(uv_idle_t *idle)
{
	uv_idle_stop(idle);
	fill(idle->data);
}

static void
push(void *driver, struct store_request *req)
{
	struct store_pg *pg = driver;

	DL_APPEND(pg->waiting, req);
	if (pg->conn != NULL)
		uv_idle_start(&pg->idle, on_idle);
}

static bool
drop(void *driver, struct store_request *req)
{
	struct store_pg *pg = driver;

	if (req->taken)
		return false;
	DL_DELETE(pg->waiting, req);
	return true;
}

static void
on_idle_closed(uv_handle_t *idle)
{
	struct store_pg *pg = idle->data;
	const struct store_events *events = pg->events;

	store_pgcache_free(&pg->cache);
	free(pg);
	events->closed(events->ctx);
}

static void
on_link_closed(void *ctx)
{
	struct store_pg *pg = ctx;
	struct store_request *req, *next;

	recall_all(pg);
	DL_FOREACH_SAFE(pg->waiting, req, next) {
		DL_DELETE(pg->waiting, req);
		pg->events->done(pg->events->ctx, req);
	}
	uv_close((uv_handle_t *)&pg->idle, on_idle_closed);
}

static void
close_pg(void *driver)
{
	struct store_pg *pg = driver;

	pg->conn = NULL;
	uv_idle_stop(&pg->idle);
	store_pglink_close(pg->link);
}

static int
open_pg(uv_loop_t *loop, const struct store_settings *settings,
	const struct store_events *events, void **driver_r, struct error *err)
{
	struct store_pg *pg = calloc(1, sizeof(*pg));

	ensure(pg != NULL);
	pg->events = events;
	pg->link_events = (struct store_pglink_events){
		pg, on_up, on_ready, on_down, on_link_closed
	};
	if (store_pglink_open(loop, settings->url, &pg->link_events,
			      &pg->link, err) < 0) {
		free(pg);
		return -1;
	}
	pg->cache = store_pgcache_new();
	uv_idle_init(loop, &pg->idle);
	pg->idle.data = pg;
	*driver_r = pg;
	return 0;
}

const struct store_driver store_pg_driver = {
	.dialect = "postgresql",
	.open = open_pg,
	.push = push,
	.drop = drop,
	.close = close_pg,
};
