#include "shared/section.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/component.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/str.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

struct shop_settings {
	struct component_settings component;
	unsigned seats;
};

static const struct setting settings_table[] = {
	COMPONENT_SETTINGS(shop_settings, "Shop"),
	SETTING(UINT, shop_settings, seats, "5", "How many."),
	{ .name = NULL }
};

static int
check_seats(const void *settings, const char **which_r, struct error *err)
{
	const struct shop_settings *shop = settings;

	*which_r = "seats";
	return shop->seats != 13 ? 0 :
	       error_set(err, ERROR_BAD_REQUEST, "that is bad luck");
}

static const struct component shop = {
	.name = "shop", .settings = settings_table,
	.settings_size = sizeof(struct shop_settings),
	.check = check_seats,
};

static struct setting_section sections[SECTION_COUNT];
static char path[] = "/tmp/annex-section-XXXXXX";

static int
load(const char *text, struct settings **settings_r, struct error *err)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	*err = (struct error){ 0 };
	return section_load(path, &shop, sections, settings_r, err);
}

static void
common_sections_have_defaults(void **state)
{
	struct settings *settings;
	const struct router_section *router;
	const struct store_section *store;
	const struct control_section *control;
	struct str folder = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(load("shop { domain = shop.example secret = s }\n"
			      "store { schema = \"/s\" }",
			      &settings, &err), 0);
	router = settings_section(settings, "router");
	assert_string_equal(router->host, "127.0.0.1");
	assert_int_equal(router->port, 5347);
	assert_false(router->insecure);
	assert_int_equal(router->stanza_bytes, 524288);
	assert_int_equal(router->queue_bytes, 16777216);
	assert_null(router->hosts[0]);
	store = settings_section(settings, "store");
	assert_string_equal(store->url, "none");
	assert_int_equal(store->read_timeout, 5);
	control = settings_section(settings, "control");
	assert_string_equal(control->folder, "/run/annex");
	assert_string_equal(control->mode, "0660");
	section_add_socket(settings, &shop, &folder);
	assert_string_equal(folder.data, "/run/annex/shop.sock");
	str_fini(&folder);
	settings_free(&settings);
}

static void
durable_components_need_a_database(void **state)
{
	static const char own[] = "shop { domain = a secret = s }\n";
	struct component vault = shop;
	struct settings *settings;
	struct error err;
	char text[200];

	(void)state;
	vault.durable = true;
	snprintf(text, sizeof(text), "%sstore { url = none }", own);
	assert_int_equal(load(text, &settings, &err), 0);
	settings_free(&settings);
	assert_int_equal(section_load(path, &vault, sections, &settings, &err),
			 -1);
	assert_non_null(strstr(err.text, ":2: store.url: annex-shop needs a "
					 "database"));
	snprintf(text, sizeof(text), "%sstore { url = \"sqlite:x\" }", own);
	assert_int_equal(load(text, &settings, &err), 0);
	settings_free(&settings);
	assert_int_equal(section_load(path, &vault, sections, &settings, &err),
			 0);
	settings_free(&settings);
}

static const struct {
	const char *text;
	const char *reason;	/* behind the path */
} refused[] = {
	{ "", ": shop.domain must be given" },
	{ "shop { domain = a }", ": shop.secret must be given" },
	{ "shop { secret = s domain = \"\" }", ":1: shop.domain: " },
	{ "shop { secret = s domain = \"a b\" }", ":1: shop.domain: " },
	{ "shop { secret = s domain = \"u@a\" }",
	  ":1: shop.domain: 'u@a' is not a domain" },
	{ "shop { secret = s domain = \"a/r\" }",
	  ":1: shop.domain: write 'a' instead of 'a/r'" },
	{ "shop { secret = s domain = \"Shop.Example\" }",
	  ":1: shop.domain: write 'shop.example' instead of 'Shop.Example'" },
	{ "shop { secret = s domain = a admins = { b@c, \"D@e\" } }",
	  ":1: shop.admins: write 'd@e' instead of 'D@e'" },
	{ "\nshop { secret = s domain = a\nadmins = {\n\"@\",\nb@c } }",
	  ":5: shop.admins: '@' is not an address: " },
	{ "shop { secret = \"\" domain = a }",
	  ":1: shop.secret: must not be empty" },
	{ "shop { secret = s domain = a\nmonitor = 5380 }",
	  ":2: shop.monitor: write ADDRESS:PORT or [ADDRESS]:PORT" },
	{ "shop { secret = s domain = a\nmonitor = \"a:80\" }",
	  ":2: shop.monitor: a: " },
	{ "shop { secret = s domain = a }\ncontrol { mode = rw }",
	  ":2: control.mode: write the mode as 0660" },
	{ "shop { secret = s domain = a }\ncontrol { mode = \"0888\" }",
	  ":2: control.mode: write the mode as 0660" },
	{ "shop { secret = s domain = a }\ncontrol { folder = run }",
	  ":2: control.folder: a path from the root is wanted" },
	{ "shop { secret = s domain = a seats = 13 }",
	  ":1: shop.seats: that is bad luck" },
	{ "shop { secret = s domain = a admins = { \"@\" } }",
	  ":1: shop.admins: '@' is not an address: " },
	{ "shop { secret = s domain = a }\nrouter { hosts = { a, b@c } }",
	  ":2: router.hosts: 'b@c' is not a domain" },
	{ "router { port = 0 }", ":1: router.port: must be from 1 to 65535" },
	{ "router { stanza_bytes = 9999 }",
	  ":1: router.stanza_bytes: must be at least 10000" },
	{ "\nlog { level = all }", ":2: log.level: " },
};

static void
settings_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct settings *settings = NULL;
		struct error err;

		assert_int_equal(load(refused[i].text, &settings, &err), -1);
		assert_null(settings);
		assert_memory_equal(err.text, path, strlen(path));
		assert_memory_equal(err.text + strlen(path),
				    refused[i].reason,
				    strlen(refused[i].reason));
	}
}

static const struct {
	const char *text;
	bool domain;
	bool good;
} addresses[] = {
	{ "a@b.example", false, true },
	{ "b.example", false, true },
	{ "b.example", true, true },
	{ "\xc3\xa4@b.example", false, true },
	{ "a@b.example", true, false },
	{ "A@b.example", false, false },
	{ "a@B.example", false, false },
	{ "B.example", true, false },
	{ "b.example.", true, false },
	{ "a@b.example/c", false, false },
	{ "a b", false, false },
	{ "@b.example", false, false },
	{ "", true, false },
};

static void
addresses_are_prepared(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		struct error err = { 0 };
		int ret = section_check_address(addresses[i].text,
						addresses[i].domain, &err);

		if (ret != (addresses[i].good ? 0 : -1))
			fail_msg("%s: %s", addresses[i].text, err.text);
	}
}

static void
log_follows_its_section(void **state)
{
	static const char *const levels[] = {
		"debug", "info", "warning", "error"
	};

	(void)state;
	for (int i = 0; i < (int)ARRAY_LEN(levels); i++) {
		struct settings *settings;
		struct str text = { 0 };
		struct error err;

		str_addf(&text, "shop { domain = a secret = s }\n"
			 "log { level = %s }", levels[i]);
		assert_int_equal(load(text.data, &settings, &err), 0);
		section_apply_log(settings, "annex-shop");
		assert_true(log_enabled((enum log_level)i));
		assert_false(log_enabled((enum log_level)(i - 1)));
		str_fini(&text);
		settings_free(&settings);
	}
}

static int
make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	section_list(&shop, sections);
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
		cmocka_unit_test(common_sections_have_defaults),
		cmocka_unit_test(durable_components_need_a_database),
		cmocka_unit_test(settings_are_checked),
		cmocka_unit_test(addresses_are_prepared),
		cmocka_unit_test(log_follows_its_section),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_file, remove_file);
}
