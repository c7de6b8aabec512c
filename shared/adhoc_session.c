#include "shared/adhoc_session.h"

#include <stdlib.h>
#include <string.h>

#include "shared/adhoc_form.h"
#include "shared/arena.h"
#include "shared/calls.h"
#include "shared/jid.h"
#include "shared/request.h"

#define TICK_MS 1000

struct adhoc_sessions {
	uv_loop_t *loop;
	struct calls *calls;
	size_t max_bytes;
	adhoc_session_fn *answer;
	struct adhoc_session *all;
	uv_timer_t timer;
};

struct adhoc_sessions *
adhoc_sessions_new(uv_loop_t *loop, struct calls *calls, size_t max_bytes,
		   adhoc_session_fn *answer)
{
	struct adhoc_sessions *sessions = calloc(1, sizeof(*sessions));

	ensure(sessions != NULL);
	sessions->loop = loop;
	sessions->calls = calls;
	sessions->max_bytes = max_bytes;
	sessions->answer = answer;
	uv_timer_init(loop, &sessions->timer);
	sessions->timer.data = sessions;
	return sessions;
}

void
adhoc_session_free(struct adhoc_session **session_)
{
	struct adhoc_session *session = *session_;
	struct arena *arena = session->arena;

	*session_ = NULL;
	if (session->call != NULL)
		call_cancel(session->call);
	HASH_DEL(session->sessions->all, session);
	arena_free(&arena);
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void
adhoc_sessions_free(struct adhoc_sessions **sessions_)
{
	struct adhoc_sessions *sessions = *sessions_;
	struct adhoc_session *session;

	*sessions_ = NULL;
	while ((session = sessions->all) != NULL)
		adhoc_session_free(&session);
	uv_close((uv_handle_t *)&sessions->timer, on_closed);
}

static uint64_t
secs_from_now(const struct adhoc_sessions *sessions, unsigned secs)
{
	return uv_now(sessions->loop) + secs * UINT64_C(1000);
}

/* What the call says. */

static void
on_row(void *ctx, const char *const *cells)
{
	struct adhoc_session *session = ctx;

	if (session->bytes > session->sessions->max_bytes) {
		session->cut = true;
		return;
	}
	if (session->form == NULL)
		session->form = adhoc_form_result(session->arena,
						  session->command);
	session->bytes += adhoc_form_add_row(session->arena, session->command,
					     session->form, cells);
	session->rows++;
}

static void
on_say(void *ctx, const char *text)
{
	struct adhoc_session *session = ctx;

	session->message = arena_strdup(session->arena, text);
}

static void
on_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct adhoc_session *session = ctx;

	session->done = done;
	session->total = total;
}

static bool
is_full(void *ctx)
{
	(void)ctx;
	return false;
}

static void
on_end(void *ctx, const struct error *err)
{
	struct adhoc_session *session = ctx;

	session->call = NULL;
	session->state = ADHOC_SESSION_DONE;
	if (err != NULL)
		session->err = *err;
	if (session->req != NULL)
		session->sessions->answer(session);
}

/* From the first to the last. */

static void
on_tick(uv_timer_t *timer)
{
	struct adhoc_sessions *sessions = timer->data;
	struct adhoc_session *session, *next;

	HASH_ITER(hh, sessions->all, session, next) {
		if (uv_now(sessions->loop) < session->due_ms)
			continue;
		if (session->req != NULL)
			sessions->answer(session);
		else
			adhoc_session_free(&session);
	}
	if (sessions->all == NULL)
		uv_timer_stop(timer);
}

/* A form that was closed without a word is forgotten when its owner opens too
   many others. */
static int
make_room(struct adhoc_sessions *sessions, const struct jid *who,
	  struct error *err)
{
	struct adhoc_session *oldest = NULL, *session, *next;
	unsigned count = 0;

	HASH_ITER(hh, sessions->all, session, next) {
		if (strcmp(session->bare, who->bare) != 0)
			continue;
		count++;
		if (oldest == NULL && session->state != ADHOC_SESSION_RUNNING)
			oldest = session;
	}
	if (count >= ADHOC_PERSON_MAX && oldest != NULL) {
		adhoc_session_free(&oldest);
		return 0;
	}
	if (count < ADHOC_PERSON_MAX && HASH_COUNT(sessions->all) < ADHOC_MAX)
		return 0;
	return error_set_type(err, ERROR_RESOURCE_CONSTRAINT, ERROR_TYPE_WAIT,
			      "too many commands are being executed");
}

int
adhoc_session_new(struct adhoc_sessions *sessions,
		  const struct command *command, const struct jid *who,
		  struct adhoc_session **session_r, struct error *err)
{
	struct adhoc_session *session;
	struct arena *arena;

	if (make_room(sessions, who, err) < 0)
		return -1;
	arena = arena_new();
	session = arena_alloc(arena, sizeof(*session));
	session->sessions = sessions;
	session->command = command;
	session->arena = arena;
	session->jid = arena_strdup(arena, who->full);
	session->bare = arena_strdup(arena, who->bare);
	session->due_ms = secs_from_now(sessions, ADHOC_IDLE_SECS);
	query_make_id(session->id);
	HASH_ADD_STR(sessions->all, id, session);
	if (!uv_is_active((uv_handle_t *)&sessions->timer))
		uv_timer_start(&sessions->timer, on_tick, TICK_MS, TICK_MS);
	*session_r = session;
	return 0;
}

struct adhoc_session *
adhoc_session_find(const struct adhoc_sessions *sessions, const char *id)
{
	struct adhoc_session *session;

	HASH_FIND_STR(sessions->all, id, session);
	return session;
}

void
adhoc_session_wait(struct adhoc_session *session, struct request *req)
{
	ensure(session->req == NULL);
	session->req = req;
	session->due_ms = secs_from_now(session->sessions, ADHOC_WAIT_SECS);
	if (session->state == ADHOC_SESSION_DONE)
		session->sessions->answer(session);
}

struct request *
adhoc_session_let_go(struct adhoc_session *session)
{
	struct request *req = session->req;

	session->req = NULL;
	session->due_ms = secs_from_now(session->sessions, ADHOC_IDLE_SECS);
	return req;
}

int
adhoc_session_run(struct adhoc_session *session, const struct form *form,
		  struct request *req, struct error *err)
{
	static const struct call_output output = {
		.row = on_row, .say = on_say, .progress = on_progress,
		.is_full = is_full, .end = on_end,
	};
	const struct call_plan plan = {
		.command = session->command, .form = form, .by = req->from,
		.who = req->from->full, .output = &output, .ctx = session,
	};

	if (call_new(session->sessions->calls, &plan, &session->call, err) < 0)
		return -1;
	session->state = ADHOC_SESSION_RUNNING;
	adhoc_session_wait(session, req);
	call_run(session->call);
	return 0;
}
