#include "components/archive/command/period.h"

#include <stddef.h>

#include "shared/arena.h"
#include "shared/call.h"
#include "shared/clock.h"
#include "shared/error.h"

int
period_read_time(const struct call *call, const char *field,
		 int64_t *stamp_r, struct error *err)
{
	const char *text = call_text(call, field);

	if (text == NULL || clock_parse(text, stamp_r) == 0 ||
	    clock_parse(arena_printf(call->arena, "%sT00:00:00Z", text),
			stamp_r) == 0)
		return 0;
	return error_set(err, ERROR_BAD_REQUEST, "%s: %.40s is no time: write "
			 "2026-11-30 or 2026-11-30T12:00:00Z", field, text);
}

int
period_read(const struct call *call, struct period *period_r,
	    struct error *err)
{
	*period_r = (struct period){ INT64_MIN, INT64_MAX };
	if (period_read_time(call, "since", &period_r->since, err) < 0 ||
	    period_read_time(call, "until", &period_r->until, err) < 0)
		return -1;
	if (period_r->since >= period_r->until)
		return error_set(err, ERROR_BAD_REQUEST,
				 "until: that is not after since");
	return 0;
}

const char *
period_print(struct arena *arena, int64_t stamp)
{
	char text[CLOCK_TEXT_SIZE];

	return stamp == INT64_MIN || stamp == INT64_MAX ? NULL :
	       arena_strdup(arena, clock_print(stamp, text));
}
