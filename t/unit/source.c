#include "shared/source.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/error.h"
#include "shared/str.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static bool
is_bosh(const void *ctx, const char *name, size_t len)
{
	(void)ctx;
	return len == 4 && memcmp(name, "bosh", 4) == 0;
}

static const struct {
	const char *text;
	const char *result;	/* NULL: refused */
	const char *reason;
} cases[] = {
	{ "", "", NULL },
	{ "a { b = 1 }\n", "a { b = 1 }\n", NULL },

	/* Comments become blanks; what only looks like one stays. */
	{ "a { # b {\n}", "a {      \n}", NULL },
	{ "a // b\n", "a     \n", NULL },
	{ "a /* x\n y */ b", "a     \n      b", NULL },
	{ "u = http://x/y", "u = http://x/y", NULL },
	{ "u = \"# // /* '\"", "u = \"# // /* '\"", NULL },
	{ "u = '# \"'", "u = '# \"'", NULL },
	{ "a /* b\n\n", NULL, "f:1: this comment has no end" },
	{ "\n\na /*/ b", NULL, "f:3: this comment has no end" },

	/* Quotes. */
	{ "a = \"b\\\"c\"", "a = \"b\\\"c\"", NULL },
	{ "a = 'b\\'c'", "a = 'b\\'c'", NULL },
	{ "a = \"b\nc", NULL, "f:1: this text has no closing quote" },
	{ "\na = 'b", NULL, "f:2: this text has no closing quote" },
	{ "a = \"b\\", NULL, "f:1: this text has no closing quote" },
	{ "a = \"b\\\"", NULL, "f:1: this text has no closing quote" },

	/* Variables. */
	{ "a = ${T_SET}", "a = ${T_SET}", NULL },
	{ "a = \"x${T_SET}y\"", "a = \"x${T_SET}y\"", NULL },
	{ "a = \"${T_EMPTY}\"", "a = \"${T_EMPTY}\"", NULL },
	{ "a = \"${T_UNSET:-d}\"", "a = \"${T_UNSET:-d}\"", NULL },
	{ "a = '${T_UNSET}'", "a = '${T_UNSET}'", NULL },
	{ "a = \"\\${T_UNSET}\"", "a = \"\\${T_UNSET}\"", NULL },
	{ "# ${T_UNSET}", "            ", NULL },
	{ "\na = ${T_UNSET}", NULL,
	  "f:2: the environment has no variable T_UNSET" },
	{ "a = \"\n${T_UNSET}\"", NULL,
	  "f:2: the environment has no variable T_UNSET" },
	{ "a = ${}", NULL, "f:1: ${...} must hold a variable's name" },
	{ "a = ${T_SET", NULL, "f:1: '}' is missing after '${'" },
	{ "a = \"${T_SET\" }", NULL, "f:1: '}' is missing after '${'" },
	{ "a = \"${T_SET:-x\" }", NULL, "f:1: '}' is missing after '${'" },
	{ "a = \"${T-SET}\"", NULL, "f:1: '}' is missing after '${'" },
	{ "a = x${T_SET}", NULL, "f:1: text with ${...} in it must stand in "
	  "double quotes" },

	/* Sections of others. */
	{ "bosh {}a{}", "       a{}", NULL },
	{ "bosh\n{ x = ${T_UNSET}\n y { z = {1,2} } }\na {}",
	  "    \n                \n                  \na {}", NULL },
	{ "bosh { a = \"}\" b = '}' # }\n /* } */ }",
	  "                          \n          ", NULL },
	{ "bosh {} bosh {}", "               ", NULL },
	{ "a { bosh { ${T_UNSET} } }", NULL,
	  "f:1: the environment has no variable T_UNSET" },
	{ "bosh = 1", "bosh = 1", NULL },
	{ "boss {}", "boss {}", NULL },
	{ "a {\nb {\n}", NULL, "f:1: this section has no closing brace" },
	{ "a {}\n}", NULL, "f:2: unexpected closing brace" },
	{ "\nbosh {\n\n", NULL, "f:2: this section has no closing brace" },
	{ "bosh { a = \" }", NULL, "f:1: this text has no closing quote" },

	{ "include(\"x\")", "include(\"x\")", NULL },
	{ "include ( 'x' ) a{}", "include ( 'x' ) a{}", NULL },
	{ "include(\"a\", \"b\")", NULL,
	  "f:1: write it like this: include(\"FILE\")" },
	{ "include \"a\"", NULL,
	  "f:1: write it like this: include(\"FILE\")" },
	{ "include", NULL, "f:1: write it like this: include(\"FILE\")" },

	{ "a = 1 * 2", NULL, "f:1: unexpected '*'" },
	{ "a + b", NULL, "f:1: unexpected '+'" },
	{ "a += {b}", "a += {b}", NULL },
};

static void
prepares_or_refuses(void **state)
{
	(void)state;
	setenv("T_SET", "value", 1);
	setenv("T_EMPTY", "", 1);
	unsetenv("T_UNSET");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str text = { 0 };
		struct error err = { 0 };
		int ret;

		str_addz(&text, cases[i].text);
		ret = source_prepare(&text, "f", is_bosh, NULL, &err);
		if (cases[i].result == NULL) {
			assert_int_equal(ret, -1);
			assert_string_equal(err.text, cases[i].reason);
		} else {
			assert_string_equal(err.text, "");
			assert_int_equal(ret, 0);
			assert_string_equal(text.data, cases[i].result);
		}
		str_fini(&text);
	}
}

static void
deep_nesting_costs_no_stack(void **state)
{
	struct str text = { 0 };
	struct error err = { 0 };

	(void)state;
	str_addz(&text, "bosh");
	for (int i = 0; i < 200000; i++)
		str_addc(&text, '{');
	for (int i = 0; i < 200000; i++)
		str_addc(&text, '}');
	assert_int_equal(source_prepare(&text, "f", is_bosh, NULL, &err), 0);
	str_fini(&text);
}

static int
read_bytes(const char *bytes, size_t len, size_t max, struct str *text,
	   struct error *err)
{
	char path[] = "/tmp/annex-source-XXXXXX";
	int fd = mkstemp(path);
	int ret;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	close(fd);
	ret = source_read(path, max, text, err);
	unlink(path);
	return ret;
}

static void
reads_files(void **state)
{
	struct str text = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(read_bytes("abc", 3, 3, &text, &err), 0);
	assert_string_equal(text.data, "abc");
	str_clear(&text);
	assert_int_equal(read_bytes("\xef\xbb\xbf" "abc", 6, 6, &text, &err),
			 0);
	assert_string_equal(text.data, "abc");
	str_clear(&text);
	assert_int_equal(read_bytes("", 0, 3, &text, &err), 0);
	assert_int_equal(text.len, 0);
	assert_int_equal(read_bytes("abcd", 4, 3, &text, &err), -1);
	assert_non_null(strstr(err.text, "File too large"));
	str_clear(&text);
	assert_int_equal(read_bytes("a\0b", 3, 9, &text, &err), -1);
	assert_non_null(strstr(err.text, ": contains a NUL byte"));
	assert_int_equal(source_read("/nonexistent/x", 9, &text, &err), -1);
	assert_string_equal(err.text,
			    "/nonexistent/x: No such file or directory");
	assert_int_equal(source_read("/tmp", 9, &text, &err), -1);
	assert_string_equal(err.text, "/tmp: not a regular file");
	str_fini(&text);
}

/* Nobody writes there, so that it would take for ever. */
static void
refuses_pipes_and_devices(void **state)
{
	static const char reason[] = ": not a regular file";
	char folder[] = "/tmp/annex-source-XXXXXX", path[64];
	struct str text = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/pipe", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(source_read(path, 9, &text, &err), -1);
	assert_memory_equal(err.text, path, strlen(path));
	assert_string_equal(err.text + strlen(path), reason);
	unlink(path);
	rmdir(folder);
	assert_int_equal(source_read("/dev/zero", 9, &text, &err), -1);
	assert_string_equal(err.text, "/dev/zero: not a regular file");
	str_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prepares_or_refuses),
		cmocka_unit_test(deep_nesting_costs_no_stack),
		cmocka_unit_test(reads_files),
		cmocka_unit_test(refuses_pipes_and_devices),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
