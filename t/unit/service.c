#include "shared/service.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/ns.h"
#include "shared/section.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/notify.h"
#include "t/lib/peer.h"

#define PATIENCE_MS 10000
#define FAREWELL "<message from='muc.example' to='a@b'"

/* A component that says on the log what it is told.  It runs in a process of
   its own, beside the test that plays router and service manager. */

struct shop_settings {
	struct component_settings component;
	unsigned seats;
};

static const struct setting settings_table[] = {
	COMPONENT_SETTINGS(shop_settings, "Shop"),
	SETTING(UINT, shop_settings, seats, "5", "How many."),
	{ .name = NULL }
};

static struct runtime *runtime;

static unsigned
seats_of(const void *settings)
{
	return ((const struct shop_settings *)settings)->seats;
}

static int
on_start(struct runtime *given, const void *settings, void **ctx_r,
	 struct error *err)
{
	if (seats_of(settings) == 0)
		return error_set(err, ERROR_BAD_REQUEST, "nowhere to sit");
	runtime = given;
	*ctx_r = given;
	log_info("told: start with %u", seats_of(settings));
	log_info("told: migrations in %s", runtime->schema);
	return 0;
}

static void
on_reload(void *ctx, const void *settings)
{
	assert_ptr_equal(ctx, runtime);
	log_info("told: reload with %u", seats_of(settings));
	log_info("told: migrations in %s", runtime->schema);
}

static void
on_stop(void *ctx)
{
	struct arena *arena = arena_new();

	assert_ptr_equal(ctx, runtime);
	log_info("told: stop");
	runtime_send(runtime, stanza_new(arena, "message", "muc.example",
					 "a@b", NULL));
	arena_free(&arena);
	component_stopped(runtime);
}

static void
on_free(void *ctx)
{
	assert_ptr_equal(ctx, runtime);
	log_info("told: free");
}

static void
on_link(void *ctx, bool up)
{
	assert_ptr_equal(ctx, runtime);
	log_info("told: link %s", up ? "up" : "down");
}

static int
on_hello(struct request *req, void *ctx, struct error *err)
{
	(void)req;
	(void)err;
	assert_ptr_equal(ctx, runtime);
	log_info("told: hello");
	return 0;
}

static const struct handler handlers[] = {
	{ MESSAGE, TO_HOST, NULL, NULL, on_hello },
	{ 0 }
};
static const char *const features[] = { NULL };

static const struct component shop = {
	.name = "shop", .category = "conference", .type = "text",
	.features = features, .handlers = handlers,
	.settings = settings_table,
	.settings_size = sizeof(struct shop_settings),
	.start = on_start, .reload = on_reload, .stop = on_stop,
	.free = on_free, .link = on_link,
};
/* The same with tables. */
static struct component store_house;

struct bed {
	uv_loop_t loop;
	struct peer peer;
	struct notify notify;
	char path[40];
	pid_t pid;		/* 0: none */
	int log;		/* where its lines come from */
	struct str lines;	/* not yet looked at */
};

static void
configure(const struct bed *bed, const char *own, const char *others)
{
	FILE *file = fopen(bed->path, "w");

	assert_non_null(file);
	fprintf(file, "control { folder = \"\" } "
		"shop { domain = muc.example %s }\n"
		"router { port = %u }\n%s\n", own, bed->peer.port, others);
	fclose(file);
}

static _Noreturn void
serve(const struct bed *bed, const struct component *component, int log)
{
	struct setting_section sections[SECTION_COUNT];
	struct service_plan plan = {
		.component = component, .program = "annex-shop",
		.path = bed->path, .sections = sections,
	};
	struct settings *settings;
	struct error err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(log, STDERR_FILENO);
	log_configure(plan.program, LOG_LEVEL_INFO, false);
	section_list(component, sections);
	if (section_load(bed->path, component, sections, &settings, &err) < 0)
		_exit(EXIT_FAILURE);
	_exit(service_run(&plan, settings));
}

static void
launch(struct bed *bed, const struct component *component)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	bed->pid = fork();
	assert_true(bed->pid >= 0);
	if (bed->pid == 0)
		serve(bed, component, ends[1]);
	close(ends[1]);
	bed->log = ends[0];
}

/* False at the end of the log. */
static bool
read_log(struct bed *bed)
{
	struct pollfd fd = { .fd = bed->log, .events = POLLIN };
	char bytes[4096];
	ssize_t n;

	if (poll(&fd, 1, PATIENCE_MS) == 0)
		fail_msg("waited in vain after: %s", bed->lines.data);
	n = read(bed->log, bytes, sizeof(bytes));
	assert_true(n >= 0);
	str_add(&bed->lines, bytes, (size_t)n);
	return n > 0;
}

/* Waits for a line that ends with text, and forgets all up to it. */
static void
expect_line(struct bed *bed, const char *text)
{
	struct str line = { 0 };
	const char *at;

	str_addf(&line, "%s\n", text);
	while (bed->lines.data == NULL ||
	       (at = strstr(bed->lines.data, line.data)) == NULL)
		if (!read_log(bed))
			fail_msg("ended without '%s': %s", text,
				 bed->lines.data);
	str_shift(&bed->lines, (size_t)(at - bed->lines.data) + line.len);
	str_fini(&line);
}

static void
expect_notice(struct bed *bed, const char *head)
{
	const char *said = notify_next(&bed->notify);

	if (strncmp(said, head, strlen(head)) != 0)
		fail_msg("wanted %s, told %s", head, said);
}

/* The rest of its log, once it has ended. */
static const char *
expect_end(struct bed *bed, int wanted)
{
	int status;

	while (read_log(bed))
		;
	close(bed->log);
	assert_int_equal(waitpid(bed->pid, &status, 0), bed->pid);
	bed->pid = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != wanted)
		fail_msg("status %#x: %s", status, bed->lines.data);
	return bed->lines.data;
}

static void
start(struct bed *bed)
{
	configure(bed, "secret = secret", "");
	launch(bed, &shop);
	expect_line(bed, "told: start with 5");
	expect_notice(bed, "READY=1");
	expect_line(bed, "service: started as muc.example");
}

static void
start_linked(struct bed *bed)
{
	start(bed);
	peer_open(&bed->peer);
	expect_line(bed, "told: link up");
}

static int
set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	*state = bed;
	assert_non_null(bed);
	assert_int_equal(uv_loop_init(&bed->loop), 0);
	peer_init(&bed->peer, &bed->loop);
	notify_init(&bed->notify);
	snprintf(bed->path, sizeof(bed->path), "/tmp/annex-service-XXXXXX");
	return close(mkstemp(bed->path));
}

static int
tear_down(void **state)
{
	struct bed *bed = *state;

	if (bed->pid > 0) {
		kill(bed->pid, SIGKILL);
		waitpid(bed->pid, NULL, 0);
	}
	peer_fini(&bed->peer);
	notify_fini(&bed->notify);
	str_fini(&bed->lines);
	unlink(bed->path);
	uv_loop_close(&bed->loop);
	free(bed);
	return 0;
}

/* A farewell that was sent while stopping arrives before the stream ends. */
static void
leaves_cleanly(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT };
	struct bed *bed = *state;

	for (size_t i = 0; i < 2; i++) {
		start_linked(bed);
		kill(bed->pid, signals[i]);
		expect_line(bed, "service: stopping");
		expect_notice(bed, "STOPPING=1");
		expect_line(bed, "told: stop");
		peer_expect(&bed->peer, FAREWELL);
		peer_expect(&bed->peer, "</stream:stream>");
		peer_send(&bed->peer, "</stream:stream>");
		expect_line(bed, "told: free");
		assert_non_null(strstr(expect_end(bed, EXIT_SUCCESS),
				       "service: stopped\n"));
		str_clear(&bed->lines);
	}
	assert_null(notify_poll(&bed->notify));
}

static void
leaves_without_a_link(void **state)
{
	struct bed *bed = *state;

	start_linked(bed);
	peer_hang_up(&bed->peer);
	expect_line(bed, "told: link down");
	kill(bed->pid, SIGTERM);
	expect_notice(bed, "STOPPING=1");
	expect_line(bed, "told: free");
	expect_end(bed, EXIT_SUCCESS);
}

static void
hands_stanzas_on(void **state)
{
	struct bed *bed = *state;

	start_linked(bed);
	peer_send(&bed->peer, "<message from='a@b/c' to='muc.example'/>");
	expect_line(bed, "told: hello");
	kill(bed->pid, SIGTERM);
	peer_expect(&bed->peer, "</stream:stream>");
}

static void
reload(struct bed *bed)
{
	kill(bed->pid, SIGHUP);
	expect_notice(bed, "RELOADING=1\nMONOTONIC_USEC=");
	expect_line(bed, " again");
}

static void
logs_what_changes(void **state)
{
	struct bed *bed = *state;

	start(bed);
	configure(bed, "secret = secret seats = 7 title = Stall", "");
	reload(bed);
	expect_line(bed, "setting: shop.title: \"Shop\" -> \"Stall\"");
	expect_line(bed, "setting: shop.seats: 5 -> 7");
	expect_line(bed, "told: reload with 7");
	expect_notice(bed, "READY=1");
	kill(bed->pid, SIGTERM);
	expect_notice(bed, "STOPPING=1");
}

/* The settings that said so are gone by then. */
static void
tells_where_the_migrations_are(void **state)
{
	struct bed *bed = *state;

	configure(bed, "secret = secret", "store { schema = \"/opt/one\" }");
	launch(bed, &shop);
	expect_line(bed, "told: migrations in /opt/one");
	expect_notice(bed, "READY=1");
	configure(bed, "secret = secret", "store { schema = \"/opt/two\" }");
	reload(bed);
	expect_line(bed, "told: migrations in /opt/one");
	expect_notice(bed, "READY=1");
}

static void
logs_what_needs_a_restart(void **state)
{
	struct bed *bed = *state;

	start(bed);
	configure(bed, "secret = other monitor = \"127.0.0.1:0\"", "");
	reload(bed);
	expect_line(bed, "setting: shop.secret: (secret) -> (secret), needs a "
			 "restart");
	expect_line(bed, "setting: shop.monitor: \"\" -> \"127.0.0.1:0\", "
			 "needs a restart");
	expect_line(bed, "told: reload with 5");
	expect_notice(bed, "READY=1");
	/* The link knows the old secret. */
	peer_open(&bed->peer);
	expect_line(bed, "told: link up");
}

static void
keeps_the_old_configuration(void **state)
{
	struct bed *bed = *state;
	const char *rest;
	char line[200];

	start(bed);
	configure(bed, "secret = secret seats = many", "");
	reload(bed);
	snprintf(line, sizeof(line), "service: keeping the old configuration: "
		 "%s:1: shop.seats: 'many' is not a number", bed->path);
	expect_line(bed, line);
	expect_notice(bed, "READY=1");
	peer_open(&bed->peer);
	expect_line(bed, "told: link up");
	kill(bed->pid, SIGTERM);
	peer_expect(&bed->peer, "</stream:stream>");
	peer_send(&bed->peer, "</stream:stream>");
	rest = expect_end(bed, EXIT_SUCCESS);
	assert_null(strstr(rest, "told: reload"));
}

static void
fails_with_its_component(void **state)
{
	struct bed *bed = *state;
	const char *log;

	configure(bed, "secret = secret seats = 0", "");
	launch(bed, &shop);
	expect_notice(bed, "STOPPING=1");
	log = expect_end(bed, EXIT_FAILURE);
	assert_non_null(strstr(log, "error shop: nowhere to sit\n"));
	assert_null(strstr(log, "told:"));
	assert_null(notify_poll(&bed->notify));
}

static void
fails_where_it_cannot_listen(void **state)
{
	struct bed *bed = *state;
	char own[60], line[200];

	/* The router has that one. */
	snprintf(own, sizeof(own), "secret = secret\nmonitor = "
		 "\"127.0.0.1:%u\"", bed->peer.port);
	configure(bed, own, "");
	launch(bed, &shop);
	expect_notice(bed, "STOPPING=1");
	snprintf(line, sizeof(line), "error service: %s:2: shop.monitor: "
		 "Address already in use\n", bed->path);
	assert_non_null(strstr(expect_end(bed, EXIT_FAILURE), line));
}

static void
fails_without_a_sensible_url(void **state)
{
	struct bed *bed = *state;
	char line[200];

	configure(bed, "secret = secret", "store {\n\turl = \"mysql:\"\n}");
	launch(bed, &shop);
	expect_notice(bed, "STOPPING=1");
	snprintf(line, sizeof(line), "error service: %s:4: store.url: the ",
		 bed->path);
	assert_non_null(strstr(expect_end(bed, EXIT_FAILURE), line));
}

static void
fails_without_its_schema(void **state)
{
	struct bed *bed = *state;

	configure(bed, "secret = secret",
		  "store { schema = \"/nonexistent\" }");
	launch(bed, &store_house);
	expect_notice(bed, "STOPPING=1");
	assert_non_null(strstr(expect_end(bed, EXIT_FAILURE),
			       "/nonexistent/shop"));
}

/* Nobody listens on tcpmux.  The manager is asked for patience, is not told
   of readiness by a reload, and the end comes at once. */
static void
waits_for_its_database(void **state)
{
	struct bed *bed = *state;

	configure(bed, "secret = secret",
		  "store { url = \"postgresql://x@127.0.0.1:1/x\" "
		  "schema = \"/tmp\" }");
	launch(bed, &store_house);
	expect_line(bed, "service: waiting for the database");
	expect_notice(bed, "STATUS=Waiting for the database\n"
			   "EXTEND_TIMEOUT_USEC=");
	reload(bed);
	expect_notice(bed, "STATUS=Waiting for the database\n");
	kill(bed->pid, SIGTERM);
	expect_notice(bed, "STOPPING=1");
	assert_null(strstr(expect_end(bed, EXIT_SUCCESS), "told:"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(leaves_cleanly),
		TEST(leaves_without_a_link),
		TEST(hands_stanzas_on),
		TEST(logs_what_changes),
		TEST(tells_where_the_migrations_are),
		TEST(logs_what_needs_a_restart),
		TEST(keeps_the_old_configuration),
		TEST(fails_with_its_component),
		TEST(fails_where_it_cannot_listen),
		TEST(fails_without_a_sensible_url),
		TEST(fails_without_its_schema),
		TEST(waits_for_its_database),
	};

	store_house = shop;
	store_house.stored = true;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
