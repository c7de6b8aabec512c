#include "t/lib/settingbed.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "shared/error.h"

static const struct setting counter_settings[] = {
	SETTING(STRING, counter, goods, NULL, "What is sold."),
	SETTING(UINT, counter, clerks, "1", "How many stand behind it."),
	SETTING(SECRET, counter, till, "none", "What opens the till."),
	SETTING(LIST, counter, hands, "ann", "Who they are."),
	{ 0 }
};

static const struct setting_section counter = {
	"counter", counter_settings, sizeof(struct counter)
};

static const struct setting shop_settings[] = {
	SETTING(BOOL, shop, open, "no", "Whether guests come in."),
	SETTING(UINT, shop, seats, "500", "Most people admitted."),
	SETTING_RANGE(UINT, shop, port, "5347", 1, 65535, "Where."),
	SETTING(SECS, shop, wait_secs, "90s", "How long one waits."),
	SETTING(BYTES, shop, room_bytes, "64K", "What fits in."),
	SETTING_FIXED(STRING, shop, name, "a \"$b\" \\c", "What it is called, "
		      "in a sentence of help that is so long that it has to "
		      "be broken into lines."),
	SETTING_CHOICE(shop, mode, "text", "text json", "How it looks."),
	SETTING(SECRET, shop, key, "none", "What opens it."),
	SETTING(LIST, shop, staff, "ann, bob@c/d", "Who works there."),
	SETTING_SECTIONS(shop, counter, &counter, "Where things are sold."),
	{ 0 }
};

static const struct setting door_settings[] = {
	SETTING(STRING, door, colour, NULL, "Needed."),
	{ 0 }
};

const struct setting_section settingbed_shop_only[] = {
	{ "shop", shop_settings, sizeof(struct shop) },
	{ 0 }
};

const struct setting_section settingbed_sections[] = {
	{ "shop", shop_settings, sizeof(struct shop) },
	{ "door", door_settings, sizeof(struct door) },
	{ 0 }
};

static char folder[64];

const char *
settingbed_folder(void)
{
	return folder;
}

const char *
settingbed_path(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

void
settingbed_write(const char *name, const char *text)
{
	FILE *file = fopen(settingbed_path(name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	fclose(file);
	chmod(settingbed_path(name), 0600);
}

int
settingbed_load(const char *text, struct settings **settings_r,
		struct error *err)
{
	settingbed_write("annex.conf", text);
	return settings_load(settingbed_path("annex.conf"),
			     settingbed_shop_only, settings_r, err);
}

struct settings *
settingbed_load_good(const char *text)
{
	struct settings *settings = NULL;
	struct error err = { 0 };
	int ret = settingbed_load(text, &settings, &err);

	assert_string_equal(err.text, "");
	assert_int_equal(ret, 0);
	return settings;
}

int
settingbed_setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/annex-setting-XXXXXX");
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int
settingbed_teardown(void **state)
{
	(void)state;
	return nftw(folder, remove_one, 4, FTW_DEPTH | FTW_PHYS);
}
