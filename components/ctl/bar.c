#include "components/ctl/bar.h"

#include <stdbool.h>
#include <stdio.h>

#include "components/ctl/screen.h"

#define WIDTH 30

static bool shown;

static json_int_t
number(const json_t *progress, const char *key)
{
	return json_integer_value(json_object_get(progress, key));
}

void
bar_show(const json_t *progress)
{
	json_int_t done = number(progress, "done");
	json_int_t total = number(progress, "total");
	int full;

	if (!screen_is_terminal(stderr))
		return;
	shown = true;
	if (total <= 0) {
		fprintf(stderr, "\r\033[K%" JSON_INTEGER_FORMAT, done);
		return;
	}
	full = done >= total ? WIDTH : (int)(done * WIDTH / total);
	fprintf(stderr, "\r\033[K[%.*s%.*s] %3d %%  %" JSON_INTEGER_FORMAT
		"/%" JSON_INTEGER_FORMAT, full,
		"##############################", WIDTH - full,
		"..............................",
		done >= total ? 100 : (int)(done * 100 / total), done, total);
}

void
bar_hide(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}
