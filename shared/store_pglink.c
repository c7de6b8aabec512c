#include "shared/store_pglink.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/backoff.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/store-private.h"
#include "shared/store_pghost.h"

#define ATTEMPT_SECS 10

enum state {
	STATE_RESTING,		/* until the timer ends the pause */
	STATE_RESOLVING,	/* names are being looked up */
	STATE_CONNECTING,	/* until the timer ends the attempt */
	STATE_UP,
	STATE_CLOSED,
};

struct store_pglink {
	uv_loop_t *loop;
	const struct store_pglink_events *events;
	PQconninfoOption *options;
	struct store_pghost *hosts;
	enum state state;
	struct backoff backoff;
	unsigned silent;	/* attempts that ended in no answer */
	PGconn *conn;
	uv_poll_t *poll;	/* of conn's socket */
	bool writing;		/* waits until it can be written to */
	uv_timer_t timer;
};

/* Only a server that can be written to is of use.  A dead machine is noticed
   in half a minute. */
static const char *const defaults[] = {
	"fallback_application_name", "annex",
	"client_encoding", "UTF8",
	"target_session_attrs", "read-write",
	"keepalives_idle", "10",
	"keepalives_interval", "5",
	"keepalives_count", "3",
	"tcp_user_timeout", "25000",
	NULL
};

static void on_poll(uv_poll_t *poll, int status, int events);
static void on_timer(uv_timer_t *timer);

static void
free_handle(uv_handle_t *handle)
{
	free(handle);
}

/* Must precede whatever may close the socket: libuv would go on watching its
   number, under which the next socket comes. */
static void
unwatch(struct store_pglink *link)
{
	if (link->poll == NULL)
		return;
	uv_poll_stop(link->poll);
	uv_close((uv_handle_t *)link->poll, free_handle);
	link->poll = NULL;
}

static void
watch(struct store_pglink *link, int events)
{
	if (link->poll == NULL) {
		ensure((link->poll = malloc(sizeof(*link->poll))) != NULL);
		ensure(uv_poll_init(link->loop, link->poll,
				    PQsocket(link->conn)) == 0);
		link->poll->data = link;
	}
	uv_poll_start(link->poll, events, on_poll);
}

/* libpq's messages have several lines, one for each host. */
static void
one_line(char *text)
{
	size_t to = 0;

	for (size_t from = 0; text[from] != '\0'; from++) {
		bool blank = strchr(" \t\r\n", text[from]) != NULL;

		if (!blank)
			text[to++] = text[from];
		else if (to > 0 && text[to - 1] != ' ')
			text[to++] = ' ';
	}
	text[to - (to > 0 && text[to - 1] == ' ')] = '\0';
}

/* Nothing comes after the end. */
static void
set_state(struct store_pglink *link, enum state state)
{
	ensure(link->state != STATE_CLOSED || state == STATE_CLOSED);
	link->state = state;
}

static void
rest(struct store_pglink *link)
{
	set_state(link, STATE_RESTING);
	uv_timer_start(&link->timer, on_timer,
		       backoff_next_ms(&link->backoff), 0);
}

static void
disconnect(struct store_pglink *link)
{
	unwatch(link);
	PQfinish(link->conn);
	link->conn = NULL;
}

void
store_pglink_drop(struct store_pglink *link, const char *why)
{
	char *text = strdup(why);	/* may be the connection's own */

	ensure(text != NULL);
	one_line(text);
	disconnect(link);
	rest(link);
	link->events->down(link->events->ctx,
			   *text != '\0' ? text : "the connection was lost");
	free(text);
}

static void
on_notice(void *ctx, const char *text)
{
	(void)ctx;
	log_debug("store: the database says: %.*s", (int)strcspn(text, "\n"),
		  text);
}

static void
come_up(struct store_pglink *link)
{
	const char *encoding = PQparameterStatus(link->conn,
						 "server_encoding");

	if (encoding == NULL || strcmp(encoding, "UTF8") != 0) {
		store_pglink_drop(link, "the database's encoding is not UTF8, "
					"so it cannot hold all messages");
		return;
	}
	if (PQsetnonblocking(link->conn, 1) < 0 ||
	    PQenterPipelineMode(link->conn) != 1) {
		store_pglink_drop(link, PQerrorMessage(link->conn));
		return;
	}
	uv_timer_stop(&link->timer);
	set_state(link, STATE_UP);
	link->silent = 0;
	link->writing = false;
	watch(link, UV_READABLE);
	link->events->up(link->events->ctx, link->conn);
}

static void
connect_step(struct store_pglink *link)
{
	unwatch(link);
	switch (PQconnectPoll(link->conn)) {
	case PGRES_POLLING_READING:
		watch(link, UV_READABLE);
		break;
	case PGRES_POLLING_WRITING:
		watch(link, UV_WRITABLE);
		break;
	case PGRES_POLLING_OK:
		come_up(link);
		break;
	default:
		store_pglink_drop(link, PQerrorMessage(link->conn));
	}
}

static uint64_t
attempt_ms(const struct store_pglink *link)
{
	for (const PQconninfoOption *o = link->options; o->keyword; o++) {
		if (strcmp(o->keyword, "connect_timeout") == 0 &&
		    o->val != NULL && strtoul(o->val, NULL, 10) > 0)
			return strtoul(o->val, NULL, 10) * 1000;
	}
	return ATTEMPT_SECS * 1000;
}

static void
on_resolved(void *ctx, const char *why)
{
	struct store_pglink *link = ctx;
	const char *const *keywords, *const *values;

	if (link->state == STATE_CLOSED) {
		store_pglink_close(link);
		return;
	}
	if (why != NULL) {
		store_pglink_drop(link, why);
		return;
	}
	store_pghost_params(link->hosts, link->silent, defaults, &keywords,
			    &values);
	set_state(link, STATE_CONNECTING);
	ensure((link->conn = PQconnectStartParams(keywords, values, 0)) !=
	       NULL);
	PQsetNoticeProcessor(link->conn, on_notice, NULL);
	if (PQstatus(link->conn) == CONNECTION_BAD) {
		store_pglink_drop(link, PQerrorMessage(link->conn));
		return;
	}
	uv_timer_start(&link->timer, on_timer, attempt_ms(link), 0);
	watch(link, UV_WRITABLE);
}

static void
on_timer(uv_timer_t *timer)
{
	struct store_pglink *link = timer->data;
	char why[200];

	if (link->state == STATE_RESTING) {
		set_state(link, STATE_RESOLVING);
		store_pghost_resolve(link->hosts, on_resolved, link);
		return;
	}
	/* The next attempt begins with the host after this one. */
	link->silent++;
	snprintf(why, sizeof(why), "no answer from \"%s\"",
		 PQhost(link->conn));
	store_pglink_drop(link, why);
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	struct store_pglink *link = poll->data;
	bool alive;

	(void)status;
	(void)events;
	if (link->state == STATE_CONNECTING) {
		connect_step(link);
		return;
	}
	alive = PQconsumeInput(link->conn) != 0;
	/* Its socket is closed already.  What the server said before is still
	   to be had. */
	if (!alive)
		unwatch(link);
	link->events->ready(link->events->ctx);
	if (link->state == STATE_UP &&
	    (!alive || PQstatus(link->conn) == CONNECTION_BAD))
		store_pglink_drop(link, PQerrorMessage(link->conn));
}

void
store_pglink_flush(struct store_pglink *link)
{
	bool left;

	if (link->state != STATE_UP || link->poll == NULL)
		return;
	/* A failure shows when the answer is read. */
	left = PQflush(link->conn) == 1;
	if (left == link->writing)
		return;
	link->writing = left;
	watch(link, left ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

void
store_pglink_proven(struct store_pglink *link)
{
	backoff_reset(&link->backoff);
}

/* Some of libpq's messages end in what may hold the password. */
static void
hide_secret(char *why)
{
	static const char *const ends[] = {
		"URI: \"", "\"/\"): \"", "after \"", "token: \"",
		"value: \"",
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char *end = strstr(why, ends[i]);

		if (end != NULL)
			end[strlen(ends[i]) - 1] = '\0';
	}
}

int
store_pglink_open(uv_loop_t *loop, const char *url,
		  const struct store_pglink_events *events,
		  struct store_pglink **link_r, struct error *err)
{
	PQconninfoOption *options;
	struct store_pglink *link;
	char *why = NULL;

	if ((options = PQconninfoParse(url, &why)) == NULL) {
		ensure(why != NULL);
		one_line(why);
		hide_secret(why);
		error_set(err, ERROR_BAD_REQUEST, "the database's URL: %s",
			  why);
		PQfreemem(why);
		return -1;
	}
	ensure((link = calloc(1, sizeof(*link))) != NULL);
	link->loop = loop;
	link->events = events;
	link->options = options;
	link->backoff = (struct backoff){
		STORE_PAUSE_FIRST_MS, STORE_PAUSE_LAST_MS, 0
	};
	link->hosts = store_pghost_new(loop, options);
	uv_timer_init(loop, &link->timer);
	link->timer.data = link;
	set_state(link, STATE_RESTING);
	uv_timer_start(&link->timer, on_timer, 0, 0);
	*link_r = link;
	return 0;
}

static void
on_closed(uv_handle_t *timer)
{
	struct store_pglink *link = timer->data;
	const struct store_pglink_events *events = link->events;

	PQconninfoFree(link->options);
	store_pghost_free(&link->hosts);
	free(link);
	events->closed(events->ctx);
}

void
store_pglink_close(struct store_pglink *link)
{
	bool resolving = link->state == STATE_RESOLVING;

	set_state(link, STATE_CLOSED);
	/* The look-up cannot be called off; its end comes back here. */
	if (resolving)
		return;
	disconnect(link);
	uv_close((uv_handle_t *)&link->timer, on_closed);
}
