#include "shared/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include <uv.h>

#include "shared/arena.h"
#include "shared/calls.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/request.h"
#include "shared/status.h"
#include "shared/store.h"
#include "shared/str.h"

/* Of what was given, in the log. */
#define LOGGED_BYTES 200

/* A call and what only this file needs of it; all of it is in its arena. */
struct running {
	struct call call;	/* first: see running_of() */
	struct calls *calls;
	const struct command_argument *args;
	const struct call_output *output;
	void *ctx;		/* of output */
	bool cancelled;
	call_fn *then;		/* to go on with in a later turn */
	call_result_fn *read;	/* to go on with when the store has answered */
	struct running *prev, *next;
};

enum calls_state {
	CALLS_WAITING,		/* the component has not begun */
	CALLS_OPEN,
	CALLS_STOPPED,
};

struct calls {
	struct runtime *runtime;
	const struct component *component;
	void *ctx;
	enum calls_state state;
	struct running *running;
	uv_idle_t idle;		/* runs while a call is to go on */
};

static const struct command *const usual[] = { &status_command };

#define USUAL (sizeof(usual) / sizeof(usual[0]))

static struct running *
running_of(const struct call *call)
{
	return (struct running *)call;
}

struct calls *
calls_new(struct runtime *runtime, const struct component *component)
{
	struct calls *calls = calloc(1, sizeof(*calls));

	ensure(calls != NULL);
	calls->runtime = runtime;
	calls->component = component;
	uv_idle_init(runtime->loop, &calls->idle);
	calls->idle.data = calls;
	return calls;
}

static void
free_running(struct running *running)
{
	struct arena *arena = running->call.arena;

	DL_DELETE(running->calls->running, running);
	if (running->call.fini != NULL)
		running->call.fini(&running->call);
	arena_free(&arena);
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void
calls_free(struct calls **calls_)
{
	struct calls *calls = *calls_;

	if (calls == NULL)
		return;
	*calls_ = NULL;
	while (calls->running != NULL)
		free_running(calls->running);
	uv_close((uv_handle_t *)&calls->idle, on_closed);
}

void
calls_open(struct calls *calls, void *ctx)
{
	calls->ctx = ctx;
	calls->state = CALLS_OPEN;
}

static bool
is_usual(const struct command *command)
{
	for (size_t i = 0; i < USUAL; i++)
		if (usual[i] == command)
			return true;
	return false;
}

/* Whether the command can be run now. */
static int
check_state(const struct calls *calls, const struct command *command,
	    struct error *err)
{
	if (calls->state == CALLS_OPEN ||
	    (calls->state == CALLS_WAITING && is_usual(command)))
		return 0;
	return error_set(err, ERROR_SERVICE_UNAVAILABLE,
			 calls->state == CALLS_WAITING ?
			 "the component waits for its database" :
			 "the component is stopping");
}

void
calls_stop(struct calls *calls)
{
	struct running *running, *next;
	struct error err;

	calls->state = CALLS_STOPPED;
	error_set(&err, ERROR_SERVICE_UNAVAILABLE,
		  "the component is stopping");
	DL_FOREACH_SAFE(calls->running, running, next) {
		if (running->cancelled)
			continue;
		call_cancel(&running->call);
		running->output->end(running->ctx, &err);
	}
}

const struct component *
calls_component(const struct calls *calls)
{
	return calls->component;
}

const struct command *
calls_command(const struct calls *calls, size_t n)
{
	const struct command *own = calls->component->commands;

	if (n < USUAL)
		return usual[n];
	for (n -= USUAL; own != NULL && own->name != NULL && n > 0; n--)
		own++;
	return own != NULL && own->name != NULL ? own : NULL;
}

const struct command *
calls_find(const struct calls *calls, const char *name)
{
	const struct command *command;

	for (size_t n = 0; (command = calls_command(calls, n)) != NULL; n++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

static bool
is_admin(const struct calls *calls, const struct jid *who)
{
	const char *const *admin = calls->runtime->admins;

	for (; admin != NULL && *admin != NULL; admin++)
		if (strcmp(*admin, who->bare) == 0)
			return true;
	return false;
}

bool
calls_allows(const struct calls *calls, const struct command *command,
	     const struct jid *who)
{
	if (command->local)
		return false;
	if (command->allows != NULL)
		return calls->state == CALLS_OPEN &&
		       command->allows(calls->ctx, who);
	return is_admin(calls, who);
}

int
call_new(struct calls *calls, const struct call_plan *plan,
	 struct call **call_r, struct error *err)
{
	struct arena *arena = arena_new();
	struct running *running = arena_alloc(arena, sizeof(*running));

	if (check_state(calls, plan->command, err) < 0 ||
	    command_read(plan->command, plan->form, arena, &running->args,
			 err) < 0 ||
	    (plan->by != NULL &&
	     jid_parsez(arena, plan->by->full, &running->call.by, err) < 0)) {
		arena_free(&arena);
		return -1;
	}
	running->calls = calls;
	running->call.who = arena_strdup(arena, plan->who);
	running->output = plan->output;
	running->ctx = plan->ctx;
	running->call.runtime = calls->runtime;
	running->call.component = calls->component;
	running->call.ctx = calls->ctx;
	running->call.command = plan->command;
	running->call.arena = arena;
	DL_APPEND(calls->running, running);
	*call_r = &running->call;
	return 0;
}

static void
add_given(struct str *line, const struct command_field *field,
	  const struct command_argument *arg)
{
	for (size_t i = 0; arg->texts[i] != NULL; i++) {
		const char *text = arg->texts[i];
		size_t len = strnlen(text, LOGGED_BYTES);
		size_t open = command_shown(field, text);

		if (field->def != NULL && strcmp(text, field->def) == 0)
			continue;
		if (open > len)
			open = len;
		str_addf(line, " %s=%.*s%s", field->name, (int)open, text,
			 open < len ? "***" : "");
		if (line->len > LOGGED_BYTES)
			return;
	}
}

/* Who has done what to whom is for those who ask later. */
static void
log_call(const struct running *running)
{
	const struct command *command = running->call.command;
	struct str line = { 0 };

	str_addz(&line, command->name);
	for (size_t i = 0; i < command_field_count(command); i++)
		if (line.len <= LOGGED_BYTES)
			add_given(&line, &command->fields[i],
				  &running->args[i]);
	log_info("command: %s by %s", line.data, running->call.who);
	str_fini(&line);
}

void
call_run(struct call *call)
{
	struct error err = { 0 };
	int ret;

	log_call(running_of(call));
	ret = call->command->run(call, call->ctx, &err);
	if (ret != CALL_PARKED)
		call_end(call, ret < 0 ? &err : NULL);
}

void
call_cancel(struct call *call)
{
	running_of(call)->cancelled = true;
	if (call->cancel != NULL)
		call->cancel(call);
	call_resume(call);
}

bool
call_is_cancelled(const struct call *call)
{
	return running_of(call)->cancelled;
}

static bool
can_go_on(const struct running *running)
{
	return running->then != NULL &&
	       (running->cancelled ||
		!running->output->is_full(running->ctx));
}

static struct running *
find_ready(const struct calls *calls)
{
	struct running *running;

	DL_FOREACH(calls->running, running)
		if (can_go_on(running))
			return running;
	return NULL;
}

/* One step of one of them in a turn of the loop, and then of the next. */
static void
on_idle(uv_idle_t *idle)
{
	struct calls *calls = idle->data;
	struct running *running = find_ready(calls);
	call_fn *then;

	if (running == NULL) {
		uv_idle_stop(idle);
		return;
	}
	then = running->then;
	running->then = NULL;
	DL_DELETE(calls->running, running);
	DL_APPEND(calls->running, running);
	if (running->cancelled)
		call_end(&running->call, NULL);
	else
		then(&running->call);
}

void
call_resume(struct call *call)
{
	struct running *running = running_of(call);

	if (can_go_on(running))
		uv_idle_start(&running->calls->idle, on_idle);
}

void
call_then(struct call *call, call_fn *fn)
{
	running_of(call)->then = fn;
	call_resume(call);
}

static void
on_read(void *ctx, const struct store_result *result,
	const struct error *err)
{
	struct running *running = ctx;

	if (err != NULL || running->cancelled)
		call_end(&running->call, err);
	else
		running->read(&running->call, result);
}

void
call_read(struct call *call, const char *sql,
	  const struct store_value *values, size_t count, call_result_fn *fn)
{
	struct running *running = running_of(call);

	running->read = fn;
	store_read(call->runtime->store, sql, values, count, on_read, running);
}

void
call_row(struct call *call, const char *const *cells)
{
	struct running *running = running_of(call);

	if (!running->cancelled)
		running->output->row(running->ctx, cells);
}

void
call_say(struct call *call, const char *fmt, ...)
{
	struct running *running = running_of(call);
	struct str text = { 0 };
	va_list args;

	if (running->cancelled)
		return;
	va_start(args, fmt);
	str_vaddf(&text, fmt, args);
	va_end(args);
	running->output->say(running->ctx, text.data);
	str_fini(&text);
}

void
call_progress(struct call *call, uint64_t done, uint64_t total)
{
	struct running *running = running_of(call);

	if (!running->cancelled)
		running->output->progress(running->ctx, done, total);
}

void
call_end(struct call *call, const struct error *err)
{
	struct running *running = running_of(call);
	char text[ERROR_PRINT_SIZE];
	struct error why;

	if (err != NULL) {
		why = *err;
		log_info("command: %s by %s failed: %s", call->command->name,
			 running->call.who, error_print(&why, text));
	}
	if (!running->cancelled)
		running->output->end(running->ctx, err != NULL ? &why : NULL);
	free_running(running);
}

static const struct command_argument *
argument(const struct call *call, const char *name)
{
	const struct command *command = call->command;

	for (size_t i = 0; i < command_field_count(command); i++)
		if (strcmp(command->fields[i].name, name) == 0)
			return &running_of(call)->args[i];
	error_panic(__FILE__, __LINE__, name);
}

const char *
call_text(const struct call *call, const char *field)
{
	return argument(call, field)->texts[0];
}

bool
call_bool(const struct call *call, const char *field)
{
	const char *text = call_text(call, field);

	return text != NULL && strcmp(text, "1") == 0;
}

unsigned
call_uint(const struct call *call, const char *field)
{
	const char *text = call_text(call, field);

	return text != NULL ? (unsigned)strtoul(text, NULL, 10) : 0;
}

const struct jid *
call_jid(const struct call *call, const char *field)
{
	return argument(call, field)->jid;
}

const char *const *
call_list(const struct call *call, const char *field)
{
	return argument(call, field)->texts;
}
