#include "shared/adhoc.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <uv.h>

#include "shared/adhoc_form.h"
#include "shared/arena.h"
#include "shared/calls.h"
#include "shared/command.h"
#include "shared/disco.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/query.h"
#include "shared/request.h"
#include "shared/str.h"
#include "shared/xml.h"

#define TICK_MS 1000

enum session_state {
	SESSION_ASKING,		/* the form was sent */
	SESSION_RUNNING,
	SESSION_DONE,		/* nobody has come for the answer yet */
};

/* One use of a command by one client. */
struct session {
	struct adhoc *adhoc;
	const struct command *command;
	enum session_state state;
	struct arena *arena;	/* the session itself, and its answer */
	const char *jid;	/* full */
	const char *bare;
	char id[QUERY_ID_SIZE];
	struct call *call;	/* while it is running */
	struct request *req;	/* waits for its end; or NULL */
	uint64_t due_ms;	/* when the request is answered, or without
				   one the session ends */

	struct xml *form;	/* the rows; NULL while there are none */
	size_t bytes, rows;
	bool cut;		/* there were more rows */
	const char *message;
	struct error err;	/* how it has failed */
	uint64_t done, total;	/* progress */
	UT_hash_handle hh;	/* in adhoc->sessions, by id, the oldest
				   first */
};

struct adhoc {
	const struct runtime *runtime;
	struct calls *calls;
	size_t max_bytes;
	struct session *sessions;
	uv_timer_t timer;
};

static void on_tick(uv_timer_t *timer);

struct adhoc *
adhoc_new(const struct runtime *runtime, struct calls *calls,
	  size_t max_bytes)
{
	struct adhoc *adhoc = calloc(1, sizeof(*adhoc));

	ensure(adhoc != NULL);
	adhoc->runtime = runtime;
	adhoc->calls = calls;
	adhoc->max_bytes = max_bytes;
	uv_timer_init(runtime->loop, &adhoc->timer);
	adhoc->timer.data = adhoc;
	return adhoc;
}

static void
session_free(struct session *session)
{
	struct arena *arena = session->arena;

	if (session->call != NULL)
		call_cancel(session->call);
	HASH_DEL(session->adhoc->sessions, session);
	arena_free(&arena);
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void
adhoc_free(struct adhoc **adhoc_)
{
	struct adhoc *adhoc = *adhoc_;

	if (adhoc == NULL)
		return;
	*adhoc_ = NULL;
	while (adhoc->sessions != NULL)
		session_free(adhoc->sessions);
	uv_close((uv_handle_t *)&adhoc->timer, on_closed);
}

static uint64_t
now_ms(const struct adhoc *adhoc)
{
	return uv_now(adhoc->runtime->loop);
}

/* Answers. */

/* The answer that all begin with; what we say is English. */
static struct xml *
command_element(const struct session *session, struct arena *arena,
		const char *status)
{
	struct xml *el = xml_new(arena, NS_COMMANDS, "command");

	xml_set(arena, el, "node", session->command->name);
	xml_set(arena, el, "sessionid", arena_strdup(arena, session->id));
	xml_set(arena, el, "status", status);
	return xml_set_lang(arena, el, "en");
}

static void
add_note(struct arena *arena, struct xml *el, const char *type,
	 const char *text)
{
	xml_set(arena, xml_add_text(arena, el, NULL, "note",
				    arena_strdup(arena, text)), "type", type);
}

/* The only action there is, which execute stands for. */
static void
add_action(struct arena *arena, struct xml *el, const char *action)
{
	struct xml *actions = xml_add(arena, el, NULL, "actions");

	xml_set(arena, actions, "execute", action);
	xml_add(arena, actions, NULL, action);
}

static void
ask(struct session *session, struct request *req)
{
	struct xml *el = command_element(session, req->arena, "executing");

	add_action(req->arena, el, "complete");
	xml_append(el, adhoc_form_new(req->arena, session->command));
	request_reply(req, el);
}

static void
answer_running(struct session *session)
{
	struct request *req = session->req;
	struct arena *arena = req->arena;
	struct xml *el = command_element(session, arena, "executing");

	session->req = NULL;
	session->due_ms = now_ms(session->adhoc) + ADHOC_IDLE_SECS * 1000;
	add_action(arena, el, "next");
	add_note(arena, el, "info", session->total > 0 ?
		 arena_printf(arena, "Not yet done: %" PRIu64 " of %" PRIu64
			      ".", session->done, session->total) :
		 "Not yet done.");
	request_reply(req, el);
	request_finish(req, NULL);
}

/* A command that fails has ended as well (section 3.7). */
static void
add_outcome(struct session *session, struct arena *arena, struct xml *el)
{
	const struct error *err = &session->err;

	if (err->cond != ERROR_NONE)
		add_note(arena, el, "error", err->text[0] != '\0' ?
			 err->text : error_cond_name(err->cond));
	else if (session->message != NULL)
		add_note(arena, el, "info", session->message);
	else if (session->form == NULL)
		add_note(arena, el, "info", "Done.");
	if (session->cut)
		add_note(arena, el, "warn",
			 arena_printf(arena, "There are more: these are the "
				      "first %zu.", session->rows));
	if (session->form != NULL)
		xml_append(el, session->form);
}

static void
answer_done(struct session *session)
{
	struct request *req = session->req;
	struct xml *el = command_element(session, req->arena, "completed");

	add_outcome(session, req->arena, el);
	request_reply(req, el);
	session_free(session);
	request_finish(req, NULL);
}

/* What the call says. */

static void
on_row(void *ctx, const char *const *cells)
{
	struct session *session = ctx;

	if (session->bytes > session->adhoc->max_bytes) {
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
	struct session *session = ctx;

	session->message = arena_strdup(session->arena, text);
}

static void
on_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct session *session = ctx;

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
	struct session *session = ctx;

	session->call = NULL;
	session->state = SESSION_DONE;
	if (err != NULL)
		session->err = *err;
	if (session->req != NULL)
		answer_done(session);
}

/* Sessions. */

static void
on_tick(uv_timer_t *timer)
{
	struct adhoc *adhoc = timer->data;
	struct session *session, *next;

	HASH_ITER(hh, adhoc->sessions, session, next) {
		if (now_ms(adhoc) < session->due_ms)
			continue;
		if (session->req != NULL)
			answer_running(session);
		else
			session_free(session);
	}
	if (adhoc->sessions == NULL)
		uv_timer_stop(timer);
}

/* A form that was closed without a word is forgotten when its owner opens too
   many others. */
static int
make_room(struct adhoc *adhoc, const struct jid *who, struct error *err)
{
	struct session *oldest = NULL, *session, *next;
	unsigned count = 0;

	HASH_ITER(hh, adhoc->sessions, session, next) {
		if (strcmp(session->bare, who->bare) != 0)
			continue;
		count++;
		if (oldest == NULL && session->state != SESSION_RUNNING)
			oldest = session;
	}
	if (count >= ADHOC_PERSON_MAX && oldest != NULL) {
		session_free(oldest);
		return 0;
	}
	if (count < ADHOC_PERSON_MAX &&
	    HASH_COUNT(adhoc->sessions) < ADHOC_MAX)
		return 0;
	return error_set_type(err, ERROR_RESOURCE_CONSTRAINT, ERROR_TYPE_WAIT,
			      "too many commands are being executed");
}

static struct session *
session_new(struct adhoc *adhoc, const struct command *command,
	    const struct jid *who)
{
	struct arena *arena = arena_new();
	struct session *session = arena_alloc(arena, sizeof(*session));

	session->adhoc = adhoc;
	session->command = command;
	session->arena = arena;
	session->jid = arena_strdup(arena, who->full);
	session->bare = arena_strdup(arena, who->bare);
	session->due_ms = now_ms(adhoc) + ADHOC_IDLE_SECS * 1000;
	query_make_id(session->id);
	HASH_ADD_STR(adhoc->sessions, id, session);
	if (!uv_is_active((uv_handle_t *)&adhoc->timer))
		uv_timer_start(&adhoc->timer, on_tick, TICK_MS, TICK_MS);
	return session;
}

static int
bad_request(struct error *err, const char *detail, const char *text)
{
	error_set(err, ERROR_BAD_REQUEST, "%s", text);
	return error_add_detail(err, NS_COMMANDS, detail);
}

/* The request is answered when the call ends, which may be at once. */
static int
wait_for_end(struct session *session, struct request *req)
{
	session->req = req;
	session->due_ms = now_ms(session->adhoc) + ADHOC_WAIT_SECS * 1000;
	if (session->state == SESSION_DONE)
		answer_done(session);
	return REQUEST_PARKED;
}

/* el is the form, or NULL: nothing was given. */
static int
read_form(struct request *req, const struct xml *el, const struct form **form_r,
	  struct error *err)
{
	static const struct form none = { .type = "submit" };

	*form_r = &none;
	return el == NULL ? 0 : form_parse(req->arena, el, form_r, err);
}

static int
run(struct session *session, struct request *req, struct error *err)
{
	static const struct call_output output = {
		.row = on_row, .say = on_say, .progress = on_progress,
		.is_full = is_full, .end = on_end,
	};
	struct call_plan plan = {
		.command = session->command, .by = req->from,
		.who = req->from->full, .output = &output, .ctx = session,
	};

	if (read_form(req, xml_child(req->payload, NS_DATA, "x"), &plan.form,
		      err) < 0 ||
	    call_new(session->adhoc->calls, &plan, &session->call, err) < 0) {
		if (err->cond == ERROR_BAD_REQUEST ||
		    err->cond == ERROR_JID_MALFORMED) {
			err->cond = ERROR_BAD_REQUEST;
			error_add_detail(err, NS_COMMANDS, "bad-payload");
		}
		return -1;
	}
	session->state = SESSION_RUNNING;
	wait_for_end(session, req);
	call_run(session->call);
	return REQUEST_PARKED;
}

static int
begin(struct adhoc *adhoc, const struct command *command, struct request *req,
      struct error *err)
{
	bool asks = command_field_count(command) > 0 &&
		    xml_child(req->payload, NS_DATA, "x") == NULL;
	struct session *session;

	if (make_room(adhoc, req->from, err) < 0)
		return -1;
	session = session_new(adhoc, command, req->from);
	if (asks) {
		ask(session, req);
		return 0;
	}
	if (run(session, req, err) == REQUEST_PARKED)
		return REQUEST_PARKED;
	session_free(session);
	return -1;
}

/* Whoever still waits is told as well. */
static void
cancel(struct session *session, struct request *req)
{
	struct request *waiting = session->req;

	request_reply(req, command_element(session, req->arena, "canceled"));
	if (waiting != NULL)
		request_reply(waiting,
			      command_element(session, waiting->arena,
					      "canceled"));
	session_free(session);
	if (waiting != NULL)
		request_finish(waiting, NULL);
}

static int
go_on(struct session *session, const char *action, struct request *req,
      struct error *err)
{
	const char *allowed = session->state == SESSION_ASKING ?
			      "complete" : "next";

	if (strcmp(action, "cancel") == 0) {
		cancel(session, req);
		return 0;
	}
	if (strcmp(action, "execute") != 0 && strcmp(action, allowed) != 0)
		return bad_request(err, "bad-action",
				   "that action is not possible now");
	if (session->req != NULL)
		return bad_request(err, "bad-action",
				   "somebody waits for that already");
	if (session->state == SESSION_ASKING)
		return run(session, req, err);
	return wait_for_end(session, req);
}

/* An id that looks like ours was ours, once. */
static int
no_session(const char *id, struct error *err)
{
	if (strlen(id) != QUERY_ID_SIZE - 1 ||
	    strspn(id, "0123456789abcdef") != QUERY_ID_SIZE - 1)
		return bad_request(err, "bad-sessionid",
				   "there is no such session");
	error_set(err, ERROR_NOT_ALLOWED, "the session has ended");
	return error_add_detail(err, NS_COMMANDS, "session-expired");
}

static int
find_session(const struct adhoc *adhoc, const struct command *command,
	     const struct request *req, struct session **session_r,
	     struct error *err)
{
	const char *id = xml_attr(req->payload, "sessionid");
	struct session *session;

	HASH_FIND_STR(adhoc->sessions, id, session);
	if (session == NULL)
		return no_session(id, err);
	if (strcmp(session->jid, req->from->full) != 0 ||
	    session->command != command)
		return bad_request(err, "bad-sessionid",
				   "that is the session of another");
	*session_r = session;
	return 0;
}

static bool
is_action(const char *action)
{
	static const char *const actions[] = {
		"execute", "cancel", "prev", "next", "complete",
	};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(actions[i], action) == 0)
			return true;
	return false;
}

static int
find_command(const struct adhoc *adhoc, const struct request *req,
	     const char *node, const struct command **command_r,
	     struct error *err)
{
	*command_r = calls_find(adhoc->calls, node);
	if (*command_r == NULL)
		return error_set(err, ERROR_ITEM_NOT_FOUND,
				 "there is no such command");
	if (!calls_allows(adhoc->calls, *command_r, req->from))
		return error_set_type(err, ERROR_FORBIDDEN, ERROR_TYPE_CANCEL,
				      "you may not use that command");
	return 0;
}

static int
on_command(struct request *req, struct adhoc *adhoc, struct error *err)
{
	const char *node = xml_attr(req->payload, "node");
	const char *action = xml_attr(req->payload, "action");
	const struct command *command;
	struct session *session = NULL;

	if (node == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "a command without node");
	if (find_command(adhoc, req, node, &command, err) < 0)
		return -1;
	if (action == NULL)
		action = "execute";
	if (!is_action(action))
		return bad_request(err, "malformed-action",
				   "there is no such action");
	if (xml_attr(req->payload, "sessionid") != NULL) {
		if (find_session(adhoc, command, req, &session, err) < 0)
			return -1;
		return go_on(session, action, req, err);
	}
	if (strcmp(action, "execute") != 0)
		return bad_request(err, "bad-action",
				   "a command begins with execute");
	return begin(adhoc, command, req, err);
}

/* What there is. */

static void
answer_list_info(struct request *req)
{
	struct xml *query = disco_query(req->arena, NS_DISCO_INFO,
					NS_COMMANDS);

	disco_add_identity(req->arena, query, "automation", "command-list",
			   "Commands");
	disco_add_feature(req->arena, query, NS_COMMANDS);
	disco_add_feature(req->arena, query, NS_DISCO_INFO);
	disco_add_feature(req->arena, query, NS_DISCO_ITEMS);
	request_reply(req, query);
}

static void
answer_list(struct request *req, const struct adhoc *adhoc)
{
	struct xml *query = disco_query(req->arena, NS_DISCO_ITEMS,
					NS_COMMANDS);
	const struct command *command;

	for (size_t n = 0; (command = calls_command(adhoc->calls, n)); n++)
		if (calls_allows(adhoc->calls, command, req->from))
			disco_add_item(req->arena, query,
				       adhoc->runtime->domain, command->title,
				       command->name);
	request_reply(req, query);
}

static void
answer_info(struct request *req, const struct command *command)
{
	struct xml *query = disco_query(req->arena, NS_DISCO_INFO,
					command->name);

	disco_add_identity(req->arena, query, "automation", "command-node",
			   command->title);
	disco_add_feature(req->arena, query, NS_COMMANDS);
	disco_add_feature(req->arena, query, NS_DATA);
	request_reply(req, query);
}

static int
on_disco(struct request *req, struct adhoc *adhoc, bool items,
	 struct error *err)
{
	const char *node = xml_attr(req->payload, "node");
	const struct command *command;

	if (node == NULL)
		return HANDLER_DECLINE;
	if (strcmp(node, NS_COMMANDS) == 0) {
		if (items)
			answer_list(req, adhoc);
		else
			answer_list_info(req);
		return 0;
	}
	if (calls_find(adhoc->calls, node) == NULL)
		return HANDLER_DECLINE;
	if (find_command(adhoc, req, node, &command, err) < 0)
		return -1;
	if (items)
		request_reply(req, disco_query(req->arena, NS_DISCO_ITEMS,
					       command->name));
	else
		answer_info(req, command);
	return 0;
}

int
adhoc_on_iq(struct request *req, void *ctx, struct error *err)
{
	bool set = str_same(req->stanza.type, "set");

	if (set && xml_is(req->payload, NS_COMMANDS, "command"))
		return on_command(req, ctx, err);
	if (!set && xml_is(req->payload, NS_DISCO_INFO, "query"))
		return on_disco(req, ctx, false, err);
	if (!set && xml_is(req->payload, NS_DISCO_ITEMS, "query"))
		return on_disco(req, ctx, true, err);
	return HANDLER_DECLINE;
}
