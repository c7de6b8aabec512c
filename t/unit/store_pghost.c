#include "shared/store_pghost.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/str.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Addresses that are tried at most. */
#define TARGETS 64

static const char *const none[] = { NULL };

struct found {
	unsigned calls;
	char why[240];		/* "" when a host can be tried */
};

static void
on_resolved(void *ctx, const char *why)
{
	struct found *found = ctx;

	found->calls++;
	snprintf(found->why, sizeof(found->why), "%s",
		 why != NULL ? why : "");
}

/* What libpq would have made of the URL. */
static void
set_options(PQconninfoOption options[5], const char *host,
	    const char *hostaddr, const char *port)
{
	memset(options, 0, 5 * sizeof(*options));
	options[0].keyword = (char *)"host";
	options[0].val = (char *)host;
	options[1].keyword = (char *)"dbname";
	options[1].val = (char *)"annex";
	options[2].keyword = (char *)"hostaddr";
	options[2].val = (char *)hostaddr;
	options[3].keyword = (char *)"port";
	options[3].val = (char *)port;
}

/* The value that libpq takes of several for one keyword: the last. */
static const char *
param(struct store_pghost *hosts, unsigned first, const char *keyword)
{
	const char *const *keywords, *const *values;
	const char *value = NULL;

	store_pghost_params(hosts, first, none, &keywords, &values);
	for (; *keywords != NULL; keywords++, values++) {
		if (strcmp(*keywords, keyword) == 0)
			value = *values;
	}
	assert_null(*values);
	return value;
}

static void
resolve(uv_loop_t *loop, struct store_pghost *hosts, struct found *found)
{
	*found = (struct found){ 0 };
	store_pghost_resolve(hosts, on_resolved, found);
	uv_run(loop, UV_RUN_DEFAULT);
	assert_int_equal(found->calls, 1);
}

static void
assert_param(const char *value, const char *expected)
{
	if (expected == NULL)
		assert_null(value);
	else
		assert_string_equal(value, expected);
}

#define NO_NAME "a..b"
#define WHY_NOT "cannot look up \"a..b\": "

/* The lists of an URL, and those of an attempt that begins with the host
   first.  Names are addresses, whose looking up asks nobody. */
static const struct {
	const char *host, *hostaddr, *port;
	unsigned first;
	const char *hosts, *addresses, *ports;
	const char *why;	/* how it begins; "": some host can be tried */
} cases[] = {
	/* None is named: libpq's own choice. */
	{ NULL, NULL, NULL, 0, NULL, NULL, NULL, "" },
	{ "", "", "", 3, NULL, NULL, NULL, "" },
	{ NULL, NULL, "5433", 0, NULL, NULL, "5433", "" },

	{ "127.0.0.1", NULL, NULL, 0, "127.0.0.1", "127.0.0.1", "", "" },
	{ "::1", NULL, "5433", 7, "::1", "::1", "5433", "" },
	{ "127.0.0.1,::1", NULL, "1,2", 0, "127.0.0.1,::1",
	  "127.0.0.1,::1", "1,2", "" },
	{ "127.0.0.1,::1", NULL, "1,2", 1, "::1,127.0.0.1",
	  "::1,127.0.0.1", "2,1", "" },
	{ "127.0.0.1,::1", NULL, "1", 1, "::1,127.0.0.1",
	  "::1,127.0.0.1", "1,1", "" },
	{ "127.0.0.1,127.0.0.2,127.0.0.3", NULL, "1,,3", 5,
	  "127.0.0.3,127.0.0.1,127.0.0.2", "127.0.0.3,127.0.0.1,127.0.0.2",
	  "3,1,", "" },
	{ "127.0.0.1,127.0.0.2,127.0.0.3", NULL, "1,2", UINT_MAX,
	  "127.0.0.1,127.0.0.2,127.0.0.3", "127.0.0.1,127.0.0.2,127.0.0.3",
	  "1,2,", "" },

	/* Sockets have no address. */
	{ "/run/pg,@pg,,127.0.0.1", NULL, "1", 1,
	  "@pg,,127.0.0.1,/run/pg", ",,127.0.0.1,", "1,1,1,1", "" },

	/* What has an address is not looked up. */
	{ "a..b,/run/pg", "127.0.0.1,192.0.2.1", "1", 1,
	  "/run/pg,a..b", "192.0.2.1,127.0.0.1", "1,1", "" },
	{ NULL, "192.0.2.1,::1", NULL, 0, ",", "192.0.2.1,::1", ",", "" },
	{ "a..b", "192.0.2.1,::1", NULL, 1, ",a..b", "::1,192.0.2.1", ",",
	  "" },

	/* Those that cannot be found are left out, with their ports. */
	{ NO_NAME, NULL, "1", 0, NO_NAME, NULL, "1", WHY_NOT },
	{ "a..b,127.0.0.1", NULL, "1,2", 1, "127.0.0.1", "127.0.0.1", "2",
	  "" },
	{ "127.0.0.1,a..b,::1", NULL, "1,2,3", 1, "::1,127.0.0.1",
	  "::1,127.0.0.1", "3,1", "" },
	{ "a..c,a..b", NULL, NULL, 0, "a..c,a..b", NULL, NULL, WHY_NOT },
	{ "a..b,/run/pg", NULL, NULL, 0, "/run/pg", "", "", "" },
	{ "\xff", NULL, NULL, 0, "\xff", NULL, NULL,
	  "cannot look up a host: invalid argument" },
	{ "\xff,127.0.0.1", NULL, NULL, 0, "127.0.0.1", "127.0.0.1", "",
	  "" },
};

static void
lists_what_can_be_tried(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		PQconninfoOption options[5];
		struct store_pghost *hosts;
		struct found found;

		set_options(options, cases[i].host, cases[i].hostaddr,
			    cases[i].port);
		hosts = store_pghost_new(*state, options);
		/* The second time nothing is left of the first. */
		for (int round = 0; round < 2; round++) {
			unsigned first = cases[i].first;

			resolve(*state, hosts, &found);
			assert_int_equal(*found.why, *cases[i].why);
			assert_memory_equal(found.why, cases[i].why,
					    strlen(cases[i].why));
			assert_param(param(hosts, first, "host"),
				     cases[i].hosts);
			assert_param(param(hosts, first, "hostaddr"),
				     cases[i].addresses);
			assert_param(param(hosts, first, "port"),
				     cases[i].ports);
			assert_string_equal(param(hosts, first, "dbname"),
					    "annex");
		}
		store_pghost_free(&hosts);
		assert_null(hosts);
		store_pghost_free(&hosts);
	}
}

static void
nothing_to_look_up_is_told_at_once(void **state)
{
	PQconninfoOption options[5];
	struct store_pghost *hosts;
	struct found found = { 0 };

	set_options(options, "/run/pg", NULL, NULL);
	hosts = store_pghost_new(*state, options);
	store_pghost_resolve(hosts, on_resolved, &found);
	assert_int_equal(found.calls, 1);
	assert_string_equal(found.why, "");
	store_pghost_free(&hosts);
}

/* The URL wins over defaults, and what was found over the URL. */
static void
later_parameters_win(void **state)
{
	static const char *const defaults[] = {
		"connect_timeout", "5", "dbname", "other", "port", "9", NULL
	};
	const char *const *keywords, *const *values;
	PQconninfoOption options[5];
	struct store_pghost *hosts;
	struct str all = { 0 };
	struct found found;

	set_options(options, "127.0.0.1,::1", NULL, "1,2");
	hosts = store_pghost_new(*state, options);
	resolve(*state, hosts, &found);
	store_pghost_params(hosts, 1, defaults, &keywords, &values);
	for (; *keywords != NULL; keywords++, values++)
		str_addf(&all, "%s=%s ", *keywords, *values);
	assert_string_equal(all.data, "connect_timeout=5 dbname=other port=9 "
			    "host=127.0.0.1,::1 dbname=annex port=1,2 "
			    "host=::1,127.0.0.1 hostaddr=::1,127.0.0.1 "
			    "port=2,1 ");
	str_fini(&all);
	store_pghost_free(&hosts);
}

static void
many_are_cut(void **state)
{
	struct str given = { 0 }, tried = { 0 };
	PQconninfoOption options[5];
	struct store_pghost *hosts;
	struct found found;

	for (int i = 0; i < TARGETS + 6; i++) {
		str_addf(&given, "%s192.0.2.%d", i > 0 ? "," : "", i);
		if (i < TARGETS)
			str_addf(&tried, "%s192.0.2.%d", i > 0 ? "," : "", i);
	}
	set_options(options, NULL, given.data, NULL);
	hosts = store_pghost_new(*state, options);
	resolve(*state, hosts, &found);
	assert_string_equal(found.why, "");
	assert_string_equal(param(hosts, TARGETS, "hostaddr"), tried.data);
	store_pghost_free(&hosts);
	str_fini(&given);
	str_fini(&tried);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_LOOP_TEST(lists_what_can_be_tried),
		BED_LOOP_TEST(nothing_to_look_up_is_told_at_once),
		BED_LOOP_TEST(later_parameters_win),
		BED_LOOP_TEST(many_are_cut),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_pghost", tests, NULL, NULL);
}
