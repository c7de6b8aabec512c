#include "shared/store-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "shared/backoff.h"
#include "shared/error.h"
#include "shared/store_sqlitedb.h"
#include "shared/store_sqlitegroup.h"

/* The most that one transaction takes: all of it waits for its end. */
#define MAX_GROUP 500

/* Requests go to one thread of our own and come back in their order. */
struct store_sqlite {
	const struct store_events *events;
	char *path;		/* NULL: in memory */
	uv_thread_t thread;
	uv_async_t async;	/* something came back */
	bool closing;

	/* The thread's. */
	struct store_sqlitedb *db;
	struct backoff backoff;

	uv_mutex_t mutex;	/* for what follows */
	uv_cond_t cond;
	struct store_request *todo, *done;
	bool stop, stopped;
	bool known, up;		/* whether its state is, and which it is */
	char why[400];
};

/* Also moves what was not done back to where it came from. */
static void
give_back(struct store_sqlite *sqlite, struct store_request *list,
	  struct store_request *done, bool up)
{
	struct store_request *req;

	DL_FOREACH(list, req)
		req->taken = false;
	DL_CONCAT(sqlite->done, done);
	DL_CONCAT(list, sqlite->todo);
	sqlite->todo = list;
	sqlite->known = true;
	sqlite->up = up;
	snprintf(sqlite->why, sizeof(sqlite->why), "%s",
		 store_sqlitedb_why(sqlite->db));
	uv_async_send(&sqlite->async);
}

static struct store_request *
take_group(struct store_sqlite *sqlite)
{
	struct store_request *list = NULL, *req;

	for (int i = 0; i < MAX_GROUP && sqlite->todo != NULL; i++) {
		req = sqlite->todo;
		DL_DELETE(sqlite->todo, req);
		DL_APPEND(list, req);
		req->taken = true;
	}
	return list;
}

/* Until something is to be done, or the pause after a failure is over. */
static void
rest(struct store_sqlite *sqlite, bool up)
{
	uint64_t end;

	while (up && !sqlite->stop && sqlite->todo == NULL)
		uv_cond_wait(&sqlite->cond, &sqlite->mutex);
	if (up)
		return;
	end = uv_hrtime() + backoff_next_ms(&sqlite->backoff) * 1000000ull;
	while (!sqlite->stop && uv_hrtime() < end)
		uv_cond_timedwait(&sqlite->cond, &sqlite->mutex,
				  end - uv_hrtime());
}

static void
work(void *arg)
{
	struct store_sqlite *sqlite = arg;

	uv_mutex_lock(&sqlite->mutex);
	while (!sqlite->stop) {
		struct store_request *list = take_group(sqlite), *done = NULL;
		bool up;

		uv_mutex_unlock(&sqlite->mutex);
		up = store_sqlitegroup_run(sqlite->db, &list, &done) == 0;
		if (up || done != NULL)
			backoff_reset(&sqlite->backoff);
		uv_mutex_lock(&sqlite->mutex);
		give_back(sqlite, list, done, up);
		rest(sqlite, up);
	}
	sqlite->stopped = true;
	uv_async_send(&sqlite->async);
	uv_mutex_unlock(&sqlite->mutex);
}

static void
on_closed(uv_handle_t *async)
{
	struct store_sqlite *sqlite = async->data;
	const struct store_events *events = sqlite->events;

	uv_cond_destroy(&sqlite->cond);
	uv_mutex_destroy(&sqlite->mutex);
	free(sqlite->path);
	free(sqlite);
	events->closed(events->ctx);
}

static void
tell_done(struct store_sqlite *sqlite, struct store_request *list)
{
	struct store_request *req, *next;

	DL_FOREACH_SAFE(list, req, next) {
		DL_DELETE(list, req);
		sqlite->events->done(sqlite->events->ctx, req);
	}
}

/* The thread has ended, or is about to. */
static void
end(struct store_sqlite *sqlite)
{
	uv_thread_join(&sqlite->thread);
	store_sqlitedb_free(&sqlite->db);
	tell_done(sqlite, sqlite->todo);
	uv_close((uv_handle_t *)&sqlite->async, on_closed);
}

static void
on_async(uv_async_t *async)
{
	struct store_sqlite *sqlite = async->data;
	struct store_request *done;
	bool known, up, stopped;
	char why[sizeof(sqlite->why)];

	uv_mutex_lock(&sqlite->mutex);
	done = sqlite->done;
	sqlite->done = NULL;
	known = sqlite->known;
	up = sqlite->up;
	stopped = sqlite->stopped;
	memcpy(why, sqlite->why, sizeof(why));
	uv_mutex_unlock(&sqlite->mutex);

	if (known && !sqlite->closing)
		sqlite->events->state(sqlite->events->ctx, up, up ?
				      sqlite->path != NULL ? sqlite->path :
				      "a database in memory" : why);
	tell_done(sqlite, done);
	if (stopped)
		end(sqlite);
}

static void
push(void *driver, struct store_request *req)
{
	struct store_sqlite *sqlite = driver;

	uv_mutex_lock(&sqlite->mutex);
	DL_APPEND(sqlite->todo, req);
	uv_cond_signal(&sqlite->cond);
	uv_mutex_unlock(&sqlite->mutex);
}

static bool
drop(void *driver, struct store_request *req)
{
	struct store_sqlite *sqlite = driver;
	bool waiting;

	uv_mutex_lock(&sqlite->mutex);
	waiting = !req->taken;
	if (waiting)
		DL_DELETE(sqlite->todo, req);
	uv_mutex_unlock(&sqlite->mutex);
	return waiting;
}

static void
close_sqlite(void *driver)
{
	struct store_sqlite *sqlite = driver;

	sqlite->closing = true;
	uv_mutex_lock(&sqlite->mutex);
	sqlite->stop = true;
	uv_cond_signal(&sqlite->cond);
	uv_mutex_unlock(&sqlite->mutex);
	store_sqlitedb_interrupt(sqlite->db);
}

static int
open_sqlite(uv_loop_t *loop, const struct store_settings *settings,
	    const struct store_events *events, void **driver_r,
	    struct error *err)
{
	struct store_sqlite *sqlite;
	const char *url = settings->url;
	const char *path = strcmp(url, "none") == 0 ? NULL : url + 7;

	if (path != NULL && *path == '\0')
		return error_set(err, ERROR_BAD_REQUEST,
				 "\"sqlite:\" lacks the path of a file");
	ensure((sqlite = calloc(1, sizeof(*sqlite))) != NULL);
	sqlite->events = events;
	sqlite->backoff = (struct backoff){
		STORE_PAUSE_FIRST_MS, STORE_PAUSE_LAST_MS, 0
	};
	if (path != NULL && strcmp(path, ":memory:") != 0)
		ensure((sqlite->path = strdup(path)) != NULL);
	sqlite->db = store_sqlitedb_new(sqlite->path, settings->read_only);
	uv_async_init(loop, &sqlite->async, on_async);
	sqlite->async.data = sqlite;
	ensure(uv_mutex_init(&sqlite->mutex) == 0);
	ensure(uv_cond_init(&sqlite->cond) == 0);
	ensure(uv_thread_create(&sqlite->thread, work, sqlite) == 0);
	*driver_r = sqlite;
	return 0;
}

const struct store_driver store_sqlite_driver = {
	.dialect = "sqlite",
	.open = open_sqlite,
	.push = push,
	.drop = drop,
	.close = close_sqlite,
};
