#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shared/error.h"
#include "shared/setting.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct shop {
	bool open;
	unsigned seats, port, wait_secs;
	size_t room_bytes;
	const char *name, *mode, *key;
	const char *const *staff;
	const struct setting_titled *counter;
};

struct counter {
	const char *goods;
	unsigned clerks;
	const char *const *hands;
};

static const struct setting counter_settings[] = {
	SETTING(STRING, counter, goods, "x", "A."),
	SETTING(UINT, counter, clerks, "1", "B."),
	SETTING(LIST, counter, hands, "ann", "C."),
	{ 0 }
};

static const struct setting_section counter = {
	"counter", counter_settings, sizeof(struct counter)
};

static const struct setting shop_settings[] = {
	SETTING(BOOL, shop, open, "no", "A."),
	SETTING(UINT, shop, seats, "500", "B."),
	SETTING_RANGE(UINT, shop, port, "5347", 1, 65535, "C."),
	SETTING(SECS, shop, wait_secs, "90s", "D."),
	SETTING(BYTES, shop, room_bytes, "64K", "E."),
	SETTING(STRING, shop, name, NULL, "F."),
	SETTING_CHOICE(shop, mode, "text", "text json", "G."),
	SETTING(SECRET, shop, key, "none", "H."),
	SETTING(LIST, shop, staff, "ann, bob", "I."),
	SETTING_SECTIONS(shop, counter, &counter, "J."),
	{ 0 }
};

static const struct setting_section sections[] = {
	{ "shop", shop_settings, sizeof(struct shop) },
	{ 0 }
};

static void
differ(void *ctx, const char *section, const struct setting *setting,
       const char *was, const char *is)
{
	(void)ctx;
	ensure(section != NULL && setting->name != NULL);
	ensure(setting->type == SETTING_SECRET || strcmp(was, is) != 0);
}

static void
check_counters(const struct setting_titled *titled)
{
	for (size_t i = 0; titled[i].title != NULL; i++) {
		const struct counter *one = titled[i].values;

		ensure(*titled[i].title != '\0' && one->goods != NULL);
		for (size_t j = 0; one->hands[j] != NULL; j++)
			ensure(strlen(one->hands[j]) < 1024 * 1024);
		for (size_t j = 0; j < i; j++)
			ensure(strcmp(titled[i].title, titled[j].title) != 0);
	}
}

static void
check(const struct settings *settings, const struct settings *other)
{
	const struct shop *shop = settings_section(settings, "shop");
	size_t sum = 0;

	ensure(shop->port >= 1 && shop->port <= 65535);
	ensure(strcmp(shop->mode, "text") == 0 ||
	       strcmp(shop->mode, "json") == 0);
	sum += strlen(shop->name) + strlen(shop->key);
	for (size_t i = 0; shop->staff[i] != NULL; i++)
		sum += strlen(shop->staff[i]);
	ensure(sum < 1024 * 1024);
	check_counters(shop->counter);
	if (other != NULL)
		settings_compare(other, settings, differ, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The last that was good, to compare with. */
	static struct settings *last;
	struct settings *settings = NULL;
	struct error err = { 0 };
	char path[32];
	int fd;

	ensure((fd = memfd_create("setting", 0)) >= 0);
	ensure(write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (settings_load(path, sections, &settings, &err) == 0) {
		check(settings, last);
		settings_free(&last);
		last = settings;
	} else {
		ensure(strncmp(err.text, path, strlen(path)) == 0);
	}
	close(fd);
	return 0;
}
