#include "shared/outfit.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/adhoc.h"
#include "shared/calls.h"
#include "shared/component.h"
#include "shared/control.h"
#include "shared/error.h"
#include "shared/health.h"
#include "shared/hook.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/multicast.h"
#include "shared/router.h"
#include "shared/section.h"
#include "t/lib/capture.h"

struct shop_settings {
	struct component_settings component;
};

static const struct setting settings_table[] = {
	COMPONENT_SETTINGS(shop_settings, "Shop"),
	{ .name = NULL }
};

static const struct component shop = {
	.name = "shop", .settings = settings_table,
	.settings_size = sizeof(struct shop_settings),
};

static char folder[] = "/tmp/annex-outfit-XXXXXX";
static char path[64];
static uv_loop_t loop;
static struct runtime runtime;
static struct setting_section sections[SECTION_COUNT];
static struct settings *settings;
static struct outfit outfit;

/* own is the component's, others whole sections, from line 3 on. */
static void
configure(const char *own, const char *others)
{
	FILE *file = fopen(path, "w");
	struct error err = { 0 };

	assert_non_null(file);
	fprintf(file, "shop { domain = shop.example secret = s\n%s }\n%s\n",
		own, others);
	fclose(file);
	if (section_load(path, &shop, sections, &settings, &err) < 0)
		fail_msg("%s", err.text);
	outfit = (struct outfit){
		.runtime = &runtime, .component = &shop, .settings = settings,
	};
}

static int
set_up(void **state)
{
	(void)state;
	log_configure("test", LOG_LEVEL_ERROR, false);
	section_list(&shop, sections);
	snprintf(path, sizeof(path), "%s/annex.conf", folder);
	assert_int_equal(uv_loop_init(&loop), 0);
	runtime = (struct runtime){
		.loop = &loop, .domain = "shop.example",
		.metrics = metrics_new(),
	};
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	metrics_free(&runtime.metrics);
	settings_free(&settings);
	unlink(path);
	return 0;
}

static void
assert_blamed(const struct error *err, unsigned line, const char *what)
{
	char wanted[200];

	snprintf(wanted, sizeof(wanted), "%s:%u: %s", path, line, what);
	assert_memory_equal(err->text, wanted, strlen(wanted));
}

static void
a_url_that_is_none_is_blamed(void **state)
{
	struct error err = { 0 };

	(void)state;
	configure("", "store {\n\turl = \"mysql:\"\n}");
	assert_int_equal(outfit_store(&outfit, &err), -1);
	assert_blamed(&err, 4, "store.url: the ");
	assert_null(runtime.store);
}

/* A socket that listens somewhere. */
static int
take_port(unsigned *port_r)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t len = sizeof(name);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &len), 0);
	*port_r = ntohs(name.sin_port);
	return fd;
}

static void
it_is_monitored_where_it_is_said(void **state)
{
	struct health *health;
	struct error err = { 0 };
	unsigned port;
	char own[60];
	int fd;

	(void)state;
	configure("", "");
	assert_int_equal(outfit_health(&outfit, &health, &err), 0);
	assert_null(health);
	settings_free(&settings);
	fd = take_port(&port);
	snprintf(own, sizeof(own), "monitor = \"127.0.0.1:%u\"", port);
	configure(own, "");
	assert_int_equal(outfit_health(&outfit, &health, &err), -1);
	assert_blamed(&err, 2, "shop.monitor: Address already in use");
	close(fd);
	assert_int_equal(outfit_health(&outfit, &health, &err), 0);
	assert_non_null(health);
	health_free(&health);
}

static void
the_hook_is_for_what_the_component_wants(void **state)
{
	static const struct hook_use many = { .uses = HOOK_FANOUT };
	static const struct hook_use one = { .uses = HOOK_FANOUT << 1 };
	static const struct {
		const struct hook_use *use;
		bool multicast;
	} cases[] = { { NULL, false }, { &one, false }, { &many, true } };

	(void)state;
	configure("", "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct component component = shop;

		component.hooks = cases[i].use;
		outfit.component = &component;
		outfit_hook(&outfit);
		assert_non_null(runtime.hook);
		assert_int_equal(runtime.multicast != NULL,
				 cases[i].multicast);
		multicast_free(&runtime.multicast);
		hook_free(&runtime.hook);
	}
}

static void
on_closed(void *ctx)
{
	(void)ctx;
}

static void
the_router_has_its_limit(void **state)
{
	static const struct router_events events = { 0 };
	struct router_template template = { .head_len = 10000 };

	(void)state;
	configure("", "router { stanza_bytes = 20000 }");
	outfit_router(&outfit, &events, NULL);
	assert_true(router_fits(runtime.router, &template));
	template.tail_len = 10000;
	assert_false(router_fits(runtime.router, &template));
	router_close(&runtime.router, 0, on_closed, NULL);
}

/* Whether there is one, of that mode. */
static bool
is_socket(const char *at, mode_t mode)
{
	struct stat is;

	return stat(at, &is) == 0 && S_ISSOCK(is.st_mode) &&
	       (is.st_mode & 07777) == mode;
}

static void
commands_are_taken_where_it_is_said(void **state)
{
	static struct capture said;
	struct calls *calls = calls_new(&runtime, &shop);
	struct adhoc *adhoc;
	struct control *control;
	char text[200], at[64];

	(void)state;
	configure("", "control { folder = \"\" }");
	assert_null(outfit_control(&outfit, calls));
	settings_free(&settings);
	configure("", "control { folder = \"/nonexistent\" }");
	log_configure("test", LOG_LEVEL_WARNING, false);
	capture_begin(&said);
	assert_null(outfit_control(&outfit, calls));
	capture_end(&said);
	assert_non_null(strstr(said.err, "control: no socket for annexctl: "
			       "/nonexistent/shop.sock: No such file"));
	settings_free(&settings);
	snprintf(text, sizeof(text), "control { folder = \"%s\" mode = 0600 }",
		 folder);
	configure("", text);
	control = outfit_control(&outfit, calls);
	assert_non_null(control);
	snprintf(at, sizeof(at), "%s/shop.sock", folder);
	assert_true(is_socket(at, 0600));
	control_free(&control);
	adhoc = outfit_adhoc(&outfit, calls);
	assert_non_null(adhoc);
	adhoc_free(&adhoc);
	calls_free(&calls);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_url_that_is_none_is_blamed),
		TEST(it_is_monitored_where_it_is_said),
		TEST(the_hook_is_for_what_the_component_wants),
		TEST(the_router_has_its_limit),
		TEST(commands_are_taken_where_it_is_said),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
