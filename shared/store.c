#include "shared/store.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "shared/error.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/store-private.h"
#include "shared/store_metrics.h"

enum store_phase {
	STORE_PHASE_OPEN,
	STORE_PHASE_DRAINING,	/* closing, writes are still being done */
	STORE_PHASE_CLOSING,	/* the driver ends */
};

struct store {
	uv_loop_t *loop;
	const struct store_driver *driver;
	void *handle;
	const char *name;	/* in the log */
	struct store_events events;
	enum store_phase phase;
	unsigned read_timeout_secs;
	size_t queue_bytes;
	bool lasting;
	bool up;
	char reason[sizeof(((struct error *)0)->text)];	/* of its state */

	/* All that the driver has and that may still be told. */
	struct store_request *reads, *writes;	/* the oldest first */
	size_t write_count, write_bytes;
	/* Never given to the driver: they fail in the loop's next turn. */
	struct store_request *failing;
	size_t overflowed;		/* since the queue was last empty */

	uv_idle_t idle;
	uv_timer_t read_timer, close_timer;
	unsigned handles;		/* of ours, not closed yet */
	bool driver_closed;

	void (*state_fn)(void *ctx, bool up, const char *why);
	void *state_ctx;
	void (*closed_fn)(void *ctx, size_t lost);
	void *closed_ctx;
	size_t lost;

	struct store_metrics metrics;
};

struct store_batch {
	struct store *store;
	struct store_request *req;
};

static void on_idle(uv_idle_t *idle);
static void on_close_timer(uv_timer_t *timer);

static void
show_writes(struct store *store)
{
	metric_set(store->metrics.waiting_writes, store->write_count);
	metric_set(store->metrics.waiting_bytes, store->write_bytes);
}

static void
unlist(struct store *store, struct store_request *req)
{
	if (req->kind == STORE_READ) {
		if (!req->told)
			DL_DELETE2(store->reads, req, older, newer);
		return;
	}
	DL_DELETE2(store->writes, req, older, newer);
	store->write_count--;
	store->write_bytes -= req->bytes;
	show_writes(store);
	if (store->write_count > 0 || store->overflowed == 0)
		return;
	log_warning("%s: %zu writes were lost while too many waited",
		    store->name, store->overflowed);
	store->overflowed = 0;
}

static void
count_outcome(struct store *store, const struct store_request *req)
{
	if (req->outcome == STORE_REFUSED)
		metric_add(store->metrics.refused, 1);
	if (req->outcome != STORE_UNDONE || req->kind == STORE_READ)
		return;
	metric_add(store->metrics.lost, 1);
	store->lost++;
}

static void
on_done(void *ctx, struct store_request *req)
{
	struct store *store = ctx;

	unlist(store, req);
	count_outcome(store, req);
	store_request_tell(req);
	store_request_free(&req);
	/* The driver may be in the middle of its work. */
	if (store->phase == STORE_PHASE_DRAINING && store->writes == NULL)
		uv_timer_start(&store->close_timer, on_close_timer, 0, 0);
}

static void
on_state(void *ctx, bool up, const char *text)
{
	struct store *store = ctx;
	struct error why;

	error_set(&why, ERROR_NONE, "%s", text);
	if (up == store->up && (up || strcmp(why.text, store->reason) == 0))
		return;
	if (up)
		log_info("%s: linked to %s", store->name, text);
	else
		log_warning("%s: away: %s", store->name, text);
	store->up = up;
	memcpy(store->reason, why.text, sizeof(store->reason));
	metric_set(store->metrics.up, up);
	if (store->state_fn != NULL)
		store->state_fn(store->state_ctx, up, why.text);
}

static void
free_store(struct store *store)
{
	void (*fn)(void *ctx, size_t lost) = store->closed_fn;
	void *ctx = store->closed_ctx;
	size_t lost = store->lost;

	free(store);
	if (fn != NULL)
		fn(ctx, lost);
}

static void
on_handle_closed(uv_handle_t *handle)
{
	struct store *store = handle->data;

	if (--store->handles == 0)
		free_store(store);
}

/* Told in a turn of its own, so that nobody hears of a failure before the
   call that caused it has returned. */
static void
tell_failing(struct store *store)
{
	struct store_request *req, *next, *failing = store->failing;

	store->failing = NULL;
	for (req = failing; req != NULL; req = next) {
		next = req->newer;
		store_request_tell(req);
		store_request_free(&req);
	}
}

static void
on_driver_closed(void *ctx)
{
	struct store *store = ctx;

	store->driver_closed = true;
	uv_idle_start(&store->idle, on_idle);
}

static void
on_idle(uv_idle_t *idle)
{
	struct store *store = idle->data;

	uv_idle_stop(idle);
	tell_failing(store);
	if (!store->driver_closed || store->failing != NULL)
		return;
	uv_close((uv_handle_t *)&store->idle, on_handle_closed);
	uv_close((uv_handle_t *)&store->read_timer, on_handle_closed);
	uv_close((uv_handle_t *)&store->close_timer, on_handle_closed);
}

static void
fail_later(struct store *store, struct store_request *req)
{
	DL_APPEND2(store->failing, req, older, newer);
	uv_idle_start(&store->idle, on_idle);
}

/* The driver may have to keep a read whose answer is under way. */
static void
fail_read(struct store *store, struct store_request *req)
{
	bool dropped;

	DL_DELETE2(store->reads, req, older, newer);
	dropped = store->driver->drop(store->handle, req);
	store_request_tell(req);
	if (dropped)
		store_request_free(&req);
}

/* All reads have the same time, so the oldest is the first to run out. */
static void
on_read_timer(uv_timer_t *timer)
{
	struct store *store = timer->data;
	uint64_t now = uv_now(store->loop);

	while (store->reads != NULL && store->reads->deadline <= now) {
		metric_add(store->metrics.timeouts, 1);
		fail_read(store, store->reads);
	}
	if (store->reads != NULL)
		uv_timer_start(timer, on_read_timer,
			       store->reads->deadline - now, 0);
}

static void
push_read(struct store *store, struct store_request *req)
{
	uint64_t wait = (uint64_t)store->read_timeout_secs * 1000;

	metric_add(store->metrics.reads, 1);
	req->deadline = uv_now(store->loop) + wait;
	if (store->reads == NULL)
		uv_timer_start(&store->read_timer, on_read_timer, wait, 0);
	DL_APPEND2(store->reads, req, older, newer);
	store->driver->push(store->handle, req);
}

/* One write is always taken, however large it is. */
static bool
is_full(const struct store *store, const struct store_request *req)
{
	return store->writes != NULL &&
	       (req->bytes > store->queue_bytes ||
		store->write_bytes > store->queue_bytes - req->bytes);
}

static void
lose_write(struct store *store, struct store_request *req)
{
	if (store->overflowed++ == 0)
		log_error("%s: %zu bytes of writes are waiting, from now on "
			  "new ones are lost", store->name,
			  store->write_bytes);
	metric_add(store->metrics.lost, 1);
	fail_later(store, req);
}

static void
push_write(struct store *store, struct store_request *req)
{
	metric_add(store->metrics.writes, 1);
	if (req->kind == STORE_WRITE && is_full(store, req)) {
		lose_write(store, req);
		return;
	}
	DL_APPEND2(store->writes, req, older, newer);
	store->write_count++;
	store->write_bytes += req->bytes;
	show_writes(store);
	store->driver->push(store->handle, req);
}

static void
push(struct store *store, struct store_request *req, store_fn *fn, void *ctx)
{
	req->fn = fn;
	req->ctx = ctx;
	if (store->phase != STORE_PHASE_OPEN)
		fail_later(store, req);
	else if (req->kind == STORE_READ)
		push_read(store, req);
	else
		push_write(store, req);
}

static const struct store_driver *
find_driver(const char *url)
{
	if (strcmp(url, "none") == 0 || strncmp(url, "sqlite:", 7) == 0)
		return &store_sqlite_driver;
	if (strncmp(url, "postgresql://", 13) == 0 ||
	    strncmp(url, "postgres://", 11) == 0 || strchr(url, '=') != NULL)
		return &store_pg_driver;
	return NULL;
}

static void
init_handles(struct store *store)
{
	uv_idle_init(store->loop, &store->idle);
	uv_timer_init(store->loop, &store->read_timer);
	uv_timer_init(store->loop, &store->close_timer);
	store->idle.data = store;
	store->read_timer.data = store;
	store->close_timer.data = store;
	store->handles = 3;
}

int
store_new(uv_loop_t *loop, const struct store_settings *settings,
	  struct metrics *metrics, struct store **store_r, struct error *err)
{
	const struct store_driver *driver = find_driver(settings->url);
	struct store *store;

	/* The URL may hold a password, so it is not shown. */
	if (driver == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "the database's URL begins with none of "
				 "\"postgresql://\", \"sqlite:\", \"none\"");
	ensure((store = calloc(1, sizeof(*store))) != NULL);
	store->loop = loop;
	store->driver = driver;
	store->name = settings->name != NULL ? settings->name : "store";
	store->read_timeout_secs =
		settings->read_timeout_secs ? settings->read_timeout_secs : 1;
	store->queue_bytes = settings->queue_bytes;
	store->lasting = strcmp(settings->url, "none") != 0 &&
			 strcmp(settings->url, "sqlite::memory:") != 0;
	store->events = (struct store_events){
		store, on_done, on_state, on_driver_closed
	};
	if (driver->open(loop, settings, &store->events, &store->handle,
			 err) < 0) {
		free(store);
		return -1;
	}
	store_metrics_init(&store->metrics, metrics);
	init_handles(store);
	*store_r = store;
	return 0;
}

void
store_on_state(struct store *store,
	       void (*fn)(void *ctx, bool up, const char *why), void *ctx)
{
	store->state_fn = fn;
	store->state_ctx = ctx;
}

bool
store_is_up(const struct store *store)
{
	return store->up;
}

bool
store_is_lasting(const struct store *store)
{
	return store->lasting;
}

bool
store_is_closing(const struct store *store)
{
	return store->phase != STORE_PHASE_OPEN;
}

const char *
store_dialect(const struct store *store)
{
	return store->driver->dialect;
}

void
store_read(struct store *store, const char *sql,
	   const struct store_value *values, size_t count, store_fn *fn,
	   void *ctx)
{
	struct store_request *req = store_request_new(STORE_READ);

	store_request_add(req, sql, values, count);
	push(store, req, fn, ctx);
}

void
store_write(struct store *store, const char *sql,
	    const struct store_value *values, size_t count, store_fn *fn,
	    void *ctx)
{
	struct store_request *req = store_request_new(STORE_WRITE);

	store_request_add(req, sql, values, count);
	push(store, req, fn, ctx);
}

void
store_script(struct store *store, const char *text, store_fn *fn, void *ctx)
{
	struct store_request *req = store_request_new(STORE_SCRIPT);

	ensure((req->script = strdup(text)) != NULL);
	req->bytes += strlen(text);
	push(store, req, fn, ctx);
}

struct store_batch *
store_begin(struct store *store)
{
	struct store_batch *batch = calloc(1, sizeof(*batch));

	ensure(batch != NULL);
	batch->store = store;
	batch->req = store_request_new(STORE_WRITE);
	return batch;
}

void
store_add(struct store_batch *batch, const char *sql,
	  const struct store_value *values, size_t count)
{
	store_request_add(batch->req, sql, values, count);
}

size_t
store_batch_bytes(const struct store_batch *batch)
{
	return batch->req->bytes;
}

void
store_commit(struct store_batch **batch, store_fn *fn, void *ctx)
{
	push((*batch)->store, (*batch)->req, fn, ctx);
	free(*batch);
	*batch = NULL;
}

static void
on_close_timer(uv_timer_t *timer)
{
	struct store *store = timer->data;

	if (store->phase == STORE_PHASE_CLOSING)
		return;
	store->phase = STORE_PHASE_CLOSING;
	uv_timer_stop(&store->read_timer);
	store->driver->close(store->handle);
}

void
store_close(struct store **store_p, unsigned secs,
	    void (*fn)(void *ctx, size_t lost), void *ctx)
{
	struct store *store = *store_p;
	uint64_t wait = (uint64_t)secs * 1000;

	*store_p = NULL;
	store->phase = STORE_PHASE_DRAINING;
	store->state_fn = NULL;
	store->closed_fn = fn;
	store->closed_ctx = ctx;
	/* In the loop's next turn, the reads first. */
	for (struct store_request *req = store->reads; req; req = req->newer)
		req->deadline = 0;
	if (store->reads != NULL)
		uv_timer_start(&store->read_timer, on_read_timer, 0, 0);
	uv_timer_start(&store->close_timer, on_close_timer,
		       store->writes == NULL ? 0 : wait, 0);
}
