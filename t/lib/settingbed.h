/*
 * settingbed.h - sections of settings, and a folder of configuration files,
 * for tests.
 */
#ifndef T_LIB_SETTINGBED_H
#define T_LIB_SETTINGBED_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/setting.h"

struct shop {
	bool open;
	unsigned seats;
	unsigned port;
	unsigned wait_secs;
	size_t room_bytes;
	const char *name;
	const char *mode;
	const char *key;
	const char *const *staff;
	const struct setting_titled *counter;
};

struct counter {
	const char *goods;
	unsigned clerks;
	const char *till;
	const char *const *hands;
};

struct door {
	const char *colour;
};

/* The shop alone, for which all have defaults; with a door, which needs a
   colour. */
extern const struct setting_section settingbed_shop_only[];
extern const struct setting_section settingbed_sections[];

/* For cmocka: a temporary folder for all tests of a group. */
int settingbed_setup(void **state);
int settingbed_teardown(void **state);

const char *settingbed_folder(void);
/* Valid until it is called again. */
const char *settingbed_path(const char *name);
void settingbed_write(const char *name, const char *text);

/* The shop's settings from annex.conf, which is made of that text. */
int settingbed_load(const char *text, struct settings **settings_r,
		    struct error *err);
/* The same; the text is right. */
struct settings *settingbed_load_good(const char *text);

#endif
