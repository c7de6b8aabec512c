#include "shared/control.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "shared/arena.h"
#include "shared/calls.h"
#include "shared/control_request.h"
#include "shared/control_socket.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/request.h"
#include "shared/str.h"
#include "shared/wire.h"

/* Unsent output at which long work waits. */
#define QUEUE_BYTES 262144
#define WHO_BYTES 64

/* One connection. */
struct guest {
	struct control *control;
	struct wire *wire;
	char who[WHO_BYTES];
	struct str in;
	const struct command *command;	/* the one being run */
	struct call *call;		/* NULL when there is none */
	bool reading;		/* its lines are being handled */
	bool finished;		/* it gets no more answers */
	struct guest *prev, *next;
};

struct control {
	const struct runtime *runtime;
	struct calls *calls;
	struct control_socket *sock;
	struct guest *guests;
	unsigned count;
	struct metric *bytes_in, *bytes_out, *queued, *connections;
};

static void
send_json(struct guest *guest, const char *key, json_t *value)
{
	json_t *json = json_pack("{s:o}", key, value);
	char *text = json_dumps(json, JSON_COMPACT);

	ensure(text != NULL);
	str_addz(wire_out(guest->wire), text);
	str_addc(wire_out(guest->wire), '\n');
	wire_wrote(guest->wire);
	free(text);
	json_decref(json);
}

/* What the call says. */

static void
on_row(void *ctx, const char *const *cells)
{
	struct guest *guest = ctx;

	send_json(guest, "row", control_row(guest->command, cells));
}

static void
on_say(void *ctx, const char *text)
{
	json_t *json = json_string(text);

	send_json(ctx, "message", json != NULL ? json : json_string("?"));
}

static void
on_progress(void *ctx, uint64_t done, uint64_t total)
{
	send_json(ctx, "progress",
		  json_pack("{s:I, s:I}", "done", (json_int_t)done, "total",
			    (json_int_t)total));
}

static bool
is_full(void *ctx)
{
	const struct guest *guest = ctx;

	return wire_is_congested(guest->wire);
}

static void read_lines(struct guest *guest);

static void
say_end(struct guest *guest, const struct error *err)
{
	if (err != NULL)
		send_json(guest, "error", control_error(err));
	else
		send_json(guest, "end", json_true());
}

static void
on_end(void *ctx, const struct error *err)
{
	struct guest *guest = ctx;

	guest->call = NULL;
	say_end(guest, err);
	read_lines(guest);
}

/* Requests. */

static int
run(struct guest *guest, const struct control_request *request,
    struct error *err)
{
	static const struct call_output output = {
		.row = on_row, .say = on_say, .progress = on_progress,
		.is_full = is_full, .end = on_end,
	};
	struct call_plan plan = {
		.command = calls_find(guest->control->calls, request->command),
		.form = &request->form, .who = guest->who,
		.output = &output, .ctx = guest,
	};

	if (plan.command == NULL)
		return error_set(err, ERROR_ITEM_NOT_FOUND,
				 "there is no command %s", request->command);
	guest->command = plan.command;
	if (call_new(guest->control->calls, &plan, &guest->call, err) < 0)
		return -1;
	call_run(guest->call);
	return 0;
}

static void
on_line(struct guest *guest, const char *line, size_t len)
{
	struct arena *arena = arena_new();
	struct control_request request;
	struct error err = { 0 };

	if (control_request_parse(arena, line, len, &request, &err) < 0) {
		say_end(guest, &err);
	} else if (request.describe) {
		send_json(guest, "description",
			  control_describe(guest->control->calls));
		say_end(guest, NULL);
	} else if (run(guest, &request, &err) < 0) {
		say_end(guest, &err);
	}
	arena_free(&arena);
}

static void
refuse_length(struct guest *guest)
{
	struct error err;

	if (guest->call != NULL)
		call_cancel(guest->call);
	guest->call = NULL;
	guest->finished = true;
	error_set(&err, ERROR_POLICY_VIOLATION, "the request is too long");
	say_end(guest, &err);
	wire_finish(guest->wire);
}

/* One after the other: what one request waits for, those behind it do. */
static void
read_lines(struct guest *guest)
{
	const char *end;
	size_t done = 0;

	if (guest->reading)
		return;
	guest->reading = true;
	while (guest->call == NULL && !guest->finished &&
	       guest->in.len > done) {
		const char *line = guest->in.data + done;

		end = memchr(line, '\n', guest->in.len - done);
		if (end == NULL)
			break;
		done += (size_t)(end - line) + 1;
		if (end > line)
			on_line(guest, line, (size_t)(end - line));
	}
	str_shift(&guest->in, done);
	guest->reading = false;
}

static void
on_bytes(void *ctx, const char *bytes, size_t len)
{
	struct guest *guest = ctx;

	if (guest->finished)
		return;
	str_add(&guest->in, bytes, len);
	read_lines(guest);
	if (guest->in.len > CONTROL_LINE_BYTES && !guest->finished)
		refuse_length(guest);
}

/* Connections. */

static void
guest_free(struct guest *guest)
{
	struct control *control = guest->control;

	if (guest->call != NULL)
		call_cancel(guest->call);
	wire_free(&guest->wire);
	DL_DELETE(control->guests, guest);
	metric_set(control->connections, --control->count);
	str_fini(&guest->in);
	free(guest);
}

static void
on_lost(void *ctx, const char *why)
{
	(void)why;
	guest_free(ctx);
}

static void
on_congested(void *ctx, bool congested)
{
	struct guest *guest = ctx;

	if (!congested && guest->call != NULL)
		call_resume(guest->call);
}

static void
name_guest(struct guest *guest, int fd)
{
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		log_warning("control: SO_PEERCRED: %s", strerror(errno));
	snprintf(guest->who, sizeof(guest->who), "uid %u, gid %u, pid %d",
		 (unsigned)peer.uid, (unsigned)peer.gid, (int)peer.pid);
	log_debug("control: connected: %s", guest->who);
}

static void
welcome(void *ctx, int fd)
{
	static const struct wire_events events = {
		.bytes = on_bytes, .lost = on_lost, .congested = on_congested,
	};
	struct control *control = ctx;
	const struct wire_settings settings = {
		.queue_bytes = QUEUE_BYTES, .bytes_in = control->bytes_in,
		.bytes_out = control->bytes_out, .queued = control->queued,
	};
	struct guest *guest;

	if (control->count == CONTROL_GUESTS_MAX) {
		log_warning("control: too many connections");
		close(fd);
		return;
	}
	ensure((guest = calloc(1, sizeof(*guest))) != NULL);
	guest->control = control;
	name_guest(guest, fd);
	guest->wire = wire_new(control->runtime->loop, fd, &settings, &events,
			       guest);
	DL_APPEND(control->guests, guest);
	metric_set(control->connections, ++control->count);
}

static void
add_metrics(struct control *control)
{
	struct metrics *metrics = control->runtime->metrics;

	control->bytes_in = metric_counter(
		metrics, "annex_control_received_bytes_total", "",
		"Bytes read from control connections.");
	control->bytes_out = metric_counter(
		metrics, "annex_control_sent_bytes_total", "",
		"Bytes written to control connections.");
	control->queued = metric_gauge(
		metrics, "annex_control_queued_bytes", "",
		"Output that waits for the last control connection that "
		"wrote.");
	control->connections = metric_gauge(
		metrics, "annex_control_connections", "",
		"Control connections.");
}

int
control_new(const struct runtime *runtime,
	    const struct control_socket_settings *settings,
	    struct calls *calls, struct control **control_r,
	    struct error *err)
{
	struct control_socket *sock;
	struct control *control;

	if (control_socket_new(runtime->loop, settings, &sock, err) < 0)
		return -1;
	ensure((control = calloc(1, sizeof(*control))) != NULL);
	control->runtime = runtime;
	control->calls = calls;
	control->sock = sock;
	add_metrics(control);
	control_socket_serve(sock, welcome, control);
	*control_r = control;
	return 0;
}

void
control_free(struct control **control_)
{
	struct control *control = *control_;

	if (control == NULL)
		return;
	*control_ = NULL;
	control_socket_free(&control->sock);
	while (control->guests != NULL)
		guest_free(control->guests);
	free(control);
}
