#include "components/offline/suspect.h"

#include <string.h>

/* Where it is, or count. */
static size_t
find(const struct suspect *suspect, int64_t serial)
{
	size_t i = 0;

	while (i < suspect->count && suspect->serials[i] != serial)
		i++;
	return i;
}

static void
forget_oldest(struct suspect *suspect)
{
	suspect->proven--;
	suspect->count--;
	memmove(suspect->serials, suspect->serials + 1,
		suspect->count * sizeof(*suspect->serials));
}

/* When too many are left out, none of them is the reason. */
static enum suspect_verdict
leave_out(struct suspect *suspect, int64_t serial)
{
	suspect->failures = 0;
	if (suspect->count == SUSPECT_MAX && suspect->proven > 0)
		forget_oldest(suspect);
	if (suspect->count == SUSPECT_MAX) {
		suspect->count = 0;
		return SUSPECT_NONE;
	}
	suspect->serials[suspect->count++] = serial;
	return SUSPECT_LEFT_OUT;
}

enum suspect_verdict
suspect_take_failure(struct suspect *suspect, int64_t serial, bool late)
{
	if (find(suspect, serial) < suspect->proven)
		return SUSPECT_TO_BLAME;
	if (suspect->count > suspect->proven)
		return leave_out(suspect, serial);
	if (suspect->last != serial)
		suspect->failures = 0;
	suspect->last = serial;
	if (late && ++suspect->failures >= SUSPECT_FAILURES)
		return leave_out(suspect, serial);
	return SUSPECT_NONE;
}

bool
suspect_take_success(struct suspect *suspect)
{
	bool again = suspect->count > suspect->proven;

	suspect->failures = 0;
	suspect->proven = suspect->count;
	return again;
}

bool
suspect_clear(struct suspect *suspect)
{
	bool was_out = suspect->count > suspect->proven;

	suspect->count = suspect->proven;
	return was_out;
}

bool
suspect_is(const struct suspect *suspect, int64_t serial)
{
	size_t at = find(suspect, serial);

	return at >= suspect->proven && at < suspect->count;
}
