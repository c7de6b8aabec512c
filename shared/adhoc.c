#include "shared/adhoc.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shared/adhoc_form.h"
#include "shared/adhoc_node.h"
#include "shared/adhoc_session.h"
#include "shared/arena.h"
#include "shared/command.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/request.h"
#include "shared/str.h"
#include "shared/xml.h"

struct adhoc {
	struct calls *calls;
	struct adhoc_sessions *sessions;
};

/* Answers. */

/* The answer that all begin with; what we say is English. */
static struct xml *
command_element(const struct adhoc_session *session, struct arena *arena,
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
ask(struct adhoc_session *session, struct request *req)
{
	struct xml *el = command_element(session, req->arena, "executing");

	add_action(req->arena, el, "complete");
	xml_append(el, adhoc_form_new(req->arena, session->command));
	request_reply(req, el);
}

static void
answer_running(struct adhoc_session *session)
{
	struct request *req = adhoc_session_let_go(session);
	struct arena *arena = req->arena;
	struct xml *el = command_element(session, arena, "executing");

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
add_outcome(const struct adhoc_session *session, struct arena *arena,
	    struct xml *el)
{
	const struct error *err = &session->err;

	if (err->cond != ERROR_NONE)
		add_note(arena, el, "error", error_reason(err));
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
answer_done(struct adhoc_session *session)
{
	struct request *req = session->req;
	struct xml *el = command_element(session, req->arena, "completed");

	add_outcome(session, req->arena, el);
	request_reply(req, el);
	adhoc_session_free(&session);
	request_finish(req, NULL);
}

static void
answer(struct adhoc_session *session)
{
	if (session->state == ADHOC_SESSION_DONE)
		answer_done(session);
	else
		answer_running(session);
}

/* Requests. */

static int
bad_request(struct error *err, const char *detail, const char *text)
{
	error_set(err, ERROR_BAD_REQUEST, "%s", text);
	return error_add_detail(err, NS_COMMANDS, detail);
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
run(struct adhoc_session *session, struct request *req, struct error *err)
{
	const struct form *form;

	if (read_form(req, xml_child(req->payload, NS_DATA, "x"), &form,
		      err) == 0 &&
	    adhoc_session_run(session, form, req, err) == 0)
		return REQUEST_PARKED;
	if (err->cond == ERROR_BAD_REQUEST ||
	    err->cond == ERROR_JID_MALFORMED) {
		err->cond = ERROR_BAD_REQUEST;
		error_add_detail(err, NS_COMMANDS, "bad-payload");
	}
	return -1;
}

static int
begin(struct adhoc *adhoc, const struct command *command, struct request *req,
      struct error *err)
{
	bool asks = command_field_count(command) > 0 &&
		    xml_child(req->payload, NS_DATA, "x") == NULL;
	struct adhoc_session *session;

	if (adhoc_session_new(adhoc->sessions, command, req->from, &session,
			      err) < 0)
		return -1;
	if (asks) {
		ask(session, req);
		return 0;
	}
	if (run(session, req, err) == REQUEST_PARKED)
		return REQUEST_PARKED;
	adhoc_session_free(&session);
	return -1;
}

/* Whoever still waits is told as well. */
static void
cancel(struct adhoc_session *session, struct request *req)
{
	struct request *waiting = session->req;

	request_reply(req, command_element(session, req->arena, "canceled"));
	if (waiting != NULL)
		request_reply(waiting,
			      command_element(session, waiting->arena,
					      "canceled"));
	adhoc_session_free(&session);
	if (waiting != NULL)
		request_finish(waiting, NULL);
}

static int
go_on(struct adhoc_session *session, const char *action, struct request *req,
      struct error *err)
{
	const char *allowed = session->state == ADHOC_SESSION_ASKING ?
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
	if (session->state == ADHOC_SESSION_ASKING)
		return run(session, req, err);
	adhoc_session_wait(session, req);
	return REQUEST_PARKED;
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
	     const struct request *req, struct adhoc_session **session_r,
	     struct error *err)
{
	const char *id = xml_attr(req->payload, "sessionid");
	struct adhoc_session *session = adhoc_session_find(adhoc->sessions,
							   id);

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
on_command(struct request *req, struct adhoc *adhoc, struct error *err)
{
	const char *node = xml_attr(req->payload, "node");
	const char *action = xml_attr(req->payload, "action");
	const struct command *command;
	struct adhoc_session *session = NULL;

	if (node == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "a command without node");
	if (adhoc_node_find(adhoc->calls, node, req->from, &command, err) < 0)
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

int
adhoc_on_iq(struct request *req, void *ctx, struct error *err)
{
	struct adhoc *adhoc = ctx;
	bool set = str_same(req->stanza.type, "set");

	if (set && xml_is(req->payload, NS_COMMANDS, "command"))
		return on_command(req, adhoc, err);
	if (!set && xml_is(req->payload, NS_DISCO_INFO, "query"))
		return adhoc_node_on_disco(req, adhoc->calls, false, err);
	if (!set && xml_is(req->payload, NS_DISCO_ITEMS, "query"))
		return adhoc_node_on_disco(req, adhoc->calls, true, err);
	return HANDLER_DECLINE;
}

struct adhoc *
adhoc_new(uv_loop_t *loop, struct calls *calls, size_t max_bytes)
{
	struct adhoc *adhoc = calloc(1, sizeof(*adhoc));

	ensure(adhoc != NULL);
	adhoc->calls = calls;
	adhoc->sessions = adhoc_sessions_new(loop, calls, max_bytes, answer);
	return adhoc;
}

void
adhoc_free(struct adhoc **adhoc)
{
	if (*adhoc == NULL)
		return;
	adhoc_sessions_free(&(*adhoc)->sessions);
	free(*adhoc);
	*adhoc = NULL;
}
