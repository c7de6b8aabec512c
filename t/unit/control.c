#include "shared/control.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <uv.h>

#include "shared/call.h"
#include "shared/calls.h"
#include "shared/component.h"
#include "shared/control_socket.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/str.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Commands. */

static struct call *parked;
static unsigned steps;

static int
on_greet(struct call *call, void *ctx, struct error *err)
{
	const char *const cells[] = { call_text(call, "name") };

	(void)ctx;
	assert_null(call->by);
	if (strcmp(cells[0], "nobody") == 0)
		return error_set(err, ERROR_ITEM_NOT_FOUND, "who is that?");
	call_row(call, cells);
	call_progress(call, 1, 2);
	call_say(call, "Hello.");
	return 0;
}

static int
on_park(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	(void)err;
	parked = call;
	return CALL_PARKED;
}

/* Never ends by itself. */
static void
step(struct call *call)
{
	static char text[10000];
	const char *const cells[] = { text };

	memset(text, 'x', sizeof(text) - 1);
	call_row(call, cells);
	steps++;
	call_then(call, step);
}

static void
on_freed(struct call *call)
{
	assert_true(call_is_cancelled(call));
	parked = NULL;
}

static int
on_flood(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	(void)err;
	parked = call;
	call->fini = on_freed;
	call_then(call, step);
	return CALL_PARKED;
}

static const struct command_field fields[] = {
	COMMAND_FIELD("name", TEXT, "Whom", .required = true),
	{ .name = NULL }
};

static const struct command_column columns[] = {
	{ "name", COMMAND_TEXT, "Name" }, { .name = NULL }
};

static const struct command commands[] = {
	{ .name = "greet", .title = "Greet", .help = "Says hello.",
	  .fields = fields, .columns = columns, .run = on_greet },
	{ .name = "park", .title = "Park", .help = "Parks.",
	  .run = on_park },
	{ .name = "flood", .title = "Flood", .help = "Floods.",
	  .columns = columns, .run = on_flood },
	{ .name = NULL }
};

static const struct component component = {
	.name = "test", .commands = commands,
};

static char folder[] = "/tmp/annex-control-XXXXXX";
static char path[64];
static uv_loop_t loop;
static struct runtime runtime;
static struct calls *calls;
static struct control *control;
static struct str heard;

static int
listen_now(struct error *err)
{
	const struct control_socket_settings settings = { path, 0640 };

	*err = (struct error){ 0 };
	return control_new(&runtime, &settings, calls, &control, err);
}

static int
setup(void **state)
{
	struct error err;

	(void)state;
	log_configure("test", LOG_LEVEL_ERROR, false);
	snprintf(path, sizeof(path), "%s/test.sock", folder);
	parked = NULL;
	steps = 0;
	str_clear(&heard);
	assert_int_equal(uv_loop_init(&loop), 0);
	runtime = (struct runtime){
		.loop = &loop, .metrics = metrics_new(), .domain = "test",
	};
	calls = calls_new(&runtime, &component);
	calls_open(calls, NULL);
	return listen_now(&err);
}

static int
teardown(void **state)
{
	(void)state;
	control_free(&control);
	calls_free(&calls);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	metrics_free(&runtime.metrics);
	unlink(path);
	return 0;
}

static struct sockaddr_un
address(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	memcpy(name.sun_path, path, strlen(path) + 1);
	return name;
}

static int
dial(void)
{
	const struct sockaddr_un name = address();
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)&name,
				 sizeof(name)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void
tell(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

static void
on_alarm(uv_timer_t *timer)
{
	(void)timer;
	fail_msg("nothing comes after %s", heard.data ? heard.data : "");
}

static const struct {
	const char *request, *answer;
} talks[] = {
	{ "{\"command\": \"greet\", \"fields\": {\"name\": \"x\"}}\n",
	  "{\"row\":{\"name\":\"x\"}}\n"
	  "{\"progress\":{\"done\":1,\"total\":2}}\n"
	  "{\"message\":\"Hello.\"}\n{\"end\":true}\n" },
	{ "{\"command\": \"greet\", \"fields\": {\"name\": \"nobody\"}}\n",
	  "{\"error\":{\"condition\":\"item-not-found\","
	  "\"text\":\"who is that?\"}}\n" },
	{ "{\"command\": \"greet\"}\n",
	  "{\"error\":{\"condition\":\"bad-request\","
	  "\"text\":\"name is missing\"}}\n" },
	{ "{\"command\": \"other\"}\n",
	  "{\"error\":{\"condition\":\"item-not-found\","
	  "\"text\":\"there is no command other\"}}\n" },
	{ "\n\n{\"command\": 5}\n",
	  "{\"error\":{\"condition\":\"bad-request\","
	  "\"text\":\"neither a command nor describe\"}}\n" },
};

/* The last line tells the end, whatever it is. */
static void
wait_answer(int fd, const char *wanted)
{
	uv_timer_t alarm;

	uv_timer_init(&loop, &alarm);
	uv_timer_start(&alarm, on_alarm, 10000, 0);
	str_clear(&heard);
	while (heard.len < strlen(wanted)) {
		char bytes[4096];
		ssize_t n;

		uv_run(&loop, UV_RUN_NOWAIT);
		n = recv(fd, bytes, sizeof(bytes), 0);
		if (n < 0)
			assert_int_equal(errno, EAGAIN);
		else
			str_add(&heard, bytes, (size_t)n);
		if (n == 0)
			break;
	}
	uv_close((uv_handle_t *)&alarm, NULL);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_string_equal(heard.data ? heard.data : "", wanted);
}

static void
requests_are_answered(void **state)
{
	int fd = dial();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(talks); i++) {
		tell(fd, talks[i].request);
		wait_answer(fd, talks[i].answer);
	}
	close(fd);
}

static void
requests_at_once_are_answered_in_turn(void **state)
{
	struct str wanted = { 0 };
	int fd = dial();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(talks); i++) {
		tell(fd, talks[i].request);
		str_addz(&wanted, talks[i].answer);
	}
	wait_answer(fd, wanted.data);
	str_fini(&wanted);
	close(fd);
}

static void
the_commands_are_described(void **state)
{
	static const char wanted[] =
		"{\"name\":\"greet\",\"title\":\"Greet\","
		"\"help\":\"Says hello.\",\"fields\":[{\"name\":\"name\","
		"\"type\":\"text\",\"label\":\"Whom\",\"required\":true}],"
		"\"columns\":[{\"name\":\"name\",\"type\":\"text\","
		"\"label\":\"Name\"}]}";
	int fd = dial();

	(void)state;
	tell(fd, "{\"describe\": true}\n");
	while (heard.len == 0 ||
	       strstr(heard.data, "{\"end\":true}\n") == NULL) {
		char bytes[4096];
		ssize_t n;

		uv_run(&loop, UV_RUN_NOWAIT);
		n = recv(fd, bytes, sizeof(bytes), 0);
		if (n > 0)
			str_add(&heard, bytes, (size_t)n);
	}
	assert_memory_equal(heard.data, "{\"description\":{\"component\":"
			    "\"test\",", 35);
	assert_non_null(strstr(heard.data, wanted));
	close(fd);
}

static void
run_until_parked(void)
{
	while (parked == NULL)
		uv_run(&loop, UV_RUN_NOWAIT);
}

static void
who_goes_cancels(void **state)
{
	int fd = dial();

	(void)state;
	tell(fd, "{\"command\": \"park\"}\n");
	run_until_parked();
	assert_false(call_is_cancelled(parked));
	close(fd);
	while (!call_is_cancelled(parked))
		uv_run(&loop, UV_RUN_NOWAIT);
	call_end(parked, NULL);
}

static void
who_does_not_read_is_waited_for(void **state)
{
	int fd = dial();
	unsigned before;

	(void)state;
	tell(fd, "{\"command\": \"flood\"}\n");
	run_until_parked();
	/* Until the socket is full, and what may wait. */
	do {
		before = steps;
		for (unsigned i = 0; i < 100; i++)
			uv_run(&loop, UV_RUN_NOWAIT);
	} while (steps > before);
	assert_in_range(steps, 26, 1000);
	/* Who reads gets more. */
	while (steps == before) {
		char bytes[65536];

		if (recv(fd, bytes, sizeof(bytes), 0) < 0)
			uv_run(&loop, UV_RUN_NOWAIT);
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	close(fd);
	while (parked != NULL)
		uv_run(&loop, UV_RUN_NOWAIT);
}

static void
a_request_has_a_limit(void **state)
{
	char *line = malloc(CONTROL_LINE_BYTES + 100);
	int fd = dial();

	(void)state;
	memset(line, ' ', CONTROL_LINE_BYTES + 99);
	line[CONTROL_LINE_BYTES + 99] = '\0';
	for (char *at = line; *at != '\0';) {
		ssize_t n = send(fd, at, strlen(at), MSG_NOSIGNAL);

		uv_run(&loop, UV_RUN_NOWAIT);
		if (n > 0)
			at += n;
	}
	wait_answer(fd, "{\"error\":{\"condition\":\"policy-violation\","
		    "\"text\":\"the request is too long\"}}\n");
	free(line);
	close(fd);
}

static void
connections_have_a_limit(void **state)
{
	int fds[CONTROL_GUESTS_MAX + 1];
	char byte;
	ssize_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = dial();
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	while ((n = recv(fds[CONTROL_GUESTS_MAX], &byte, 1, 0)) < 0)
		uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(n, 0);
	tell(fds[0], talks[0].request);
	wait_answer(fds[0], talks[0].answer);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
}

static void
stopping_tells_who_waits(void **state)
{
	int fd = dial();

	(void)state;
	tell(fd, "{\"command\": \"park\"}\n");
	run_until_parked();
	calls_stop(calls);
	control_free(&control);
	call_end(parked, NULL);
	wait_answer(fd, "{\"error\":{\"condition\":\"service-unavailable\","
		    "\"text\":\"the component is stopping\"}}\n");
	close(fd);
	assert_int_equal(access(path, F_OK), -1);
}

static void
who_serves_already_is_told(void **state)
{
	struct control *first = control;
	struct error err;

	(void)state;
	assert_int_equal(listen_now(&err), -1);
	assert_non_null(strstr(err.text, "another process serves it"));
	control = first;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
remove_folder(void **state)
{
	(void)state;
	str_fini(&heard);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(requests_are_answered),
		TEST(requests_at_once_are_answered_in_turn),
		TEST(the_commands_are_described),
		TEST(who_goes_cancels),
		TEST(who_does_not_read_is_waited_for),
		TEST(a_request_has_a_limit),
		TEST(connections_have_a_limit),
		TEST(stopping_tells_who_waits),
		TEST(who_serves_already_is_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
