#include "shared/component.h"

#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/error.h"
#include "t/lib/capture.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define ARGS_MAX 6
#define GOOD "shop { domain = shop.example secret = s }\n"

struct shop_settings {
	struct component_settings component;
	unsigned seats;
};

static const struct setting settings_table[] = {
	COMPONENT_SETTINGS(shop_settings, "Shop"),
	SETTING(UINT, shop_settings, seats, "5", "How many."),
	{ .name = NULL }
};

static int starts;

static int
on_start(struct runtime *runtime, const void *settings, void **ctx_r,
	 struct error *err)
{
	(void)runtime;
	(void)settings;
	*ctx_r = NULL;
	starts++;
	return error_set(err, ERROR_CONFLICT, "another shop is open");
}

static const struct component shop = {
	.name = "shop", .category = "conference", .type = "text",
	.settings = settings_table,
	.settings_size = sizeof(struct shop_settings), .start = on_start,
};

static char path[] = "/tmp/annex-component-XXXXXX";
static struct capture said;

/* Ends with NULL, which stands for the file where it says FILE. */
static int
run(const char *const *args)
{
	static char program[] = "annex-shop";
	char *argv[ARGS_MAX + 2] = { program };
	int argc = 1, status;

	for (; *args != NULL; args++)
		argv[argc++] = strcmp(*args, "FILE") == 0 ? path :
			       (char *)*args;
	optind = 0;	/* from the beginning */
	starts = 0;
	capture_begin(&said);
	status = component_main(&shop, argc, argv);
	capture_end(&said);
	return status;
}

#define RUN(...) run((const char *const[]){ __VA_ARGS__, NULL })

static void
write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
assert_begins(const char *text, const char *head)
{
	if (strncmp(text, head, strlen(head)) != 0)
		fail_msg("no '%s' at the beginning of: %s", head, text);
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no '%s' in: %s", part, text);
}

static void
says_its_version(void **state)
{
	(void)state;
	assert_int_equal(RUN("--version"), 0);
	assert_begins(said.out, "annex-shop ");
	assert_string_equal(said.err, "");
	assert_int_equal(starts, 0);
}

static void
helps_who_asks(void **state)
{
	static const char *const options[] = { "-h", "--help" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		assert_int_equal(RUN(options[i]), 0);
		assert_begins(said.out, "Usage: annex-shop [-c FILE]");
		assert_string_equal(said.err, "");
	}
}

static const struct {
	const char *args[3];
} wrong_calls[] = {
	{ { "--nonsense" } },
	{ { "-x" } },
	{ { "-c" } },
	{ { "stray" } },
	{ { "--check", "stray" } },
};

static void
refuses_wrong_calls(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong_calls); i++) {
		assert_int_equal(run(wrong_calls[i].args), 2);
		assert_string_equal(said.out, "");
		assert_has(said.err, "Usage: annex-shop [-c FILE]");
		assert_int_equal(starts, 0);
	}
}

/* Its own and those of every component. */
static void
prints_its_settings(void **state)
{
	static const char *const parts[] = {
		"router {", "store {", "log {", "control {", "shop {",
		"title = \"Shop\"", "monitor = \"\"", "# How many.",
		"seats = 5",
	};

	(void)state;
	assert_int_equal(RUN("--settings"), 0);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		assert_has(said.out, parts[i]);
	assert_string_equal(said.err, "");
}

static void
checks_and_starts_nothing(void **state)
{
	(void)state;
	write_file(GOOD);
	assert_int_equal(RUN("-c", "FILE", "--check"), 0);
	assert_begins(said.out, path);
	assert_string_equal(said.out + strlen(path), ": ok\n");
	assert_string_equal(said.err, "");
	assert_int_equal(starts, 0);
}

static void
checks_what_is_wrong(void **state)
{
	(void)state;
	write_file(GOOD "nonsense = 1\n");
	assert_int_equal(RUN("--check", "--config", "FILE"), EXIT_FAILURE);
	assert_string_equal(said.out, "");
	assert_begins(said.err, path);
	assert_begins(said.err + strlen(path), ":2: ");
	assert_has(said.err, "nonsense");
}

static void
logs_what_is_wrong(void **state)
{
	(void)state;
	write_file(GOOD "\nnonsense = 1\n");
	assert_int_equal(RUN("-c", "FILE"), EXIT_FAILURE);
	assert_string_equal(said.out, "");
	assert_has(said.err, " annex-shop error service: ");
	assert_has(said.err, path);
	assert_has(said.err, ":3: ");
	assert_int_equal(starts, 0);
}

static void
needs_a_file(void **state)
{
	(void)state;
	assert_int_equal(RUN("-c", "/nonexistent/annex.conf"), EXIT_FAILURE);
	assert_has(said.err, "/nonexistent/annex.conf: No such file");
	assert_int_equal(starts, 0);
}

static void
runs(void **state)
{
	(void)state;
	write_file(GOOD "log { format = json }\n");
	assert_int_equal(RUN("-c", "FILE"), EXIT_FAILURE);
	assert_int_equal(starts, 1);
	assert_string_equal(said.out, "");
	assert_has(said.err, "\"shop: another shop is open\"");
}

static int
make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_its_version),
		cmocka_unit_test(helps_who_asks),
		cmocka_unit_test(refuses_wrong_calls),
		cmocka_unit_test(prints_its_settings),
		cmocka_unit_test(checks_and_starts_nothing),
		cmocka_unit_test(checks_what_is_wrong),
		cmocka_unit_test(logs_what_is_wrong),
		cmocka_unit_test(needs_a_file),
		cmocka_unit_test(runs),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_file, remove_file);
}
