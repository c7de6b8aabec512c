#include "components/offline/suspect.h"

static const struct suspect_range nothing;

static bool
has(const struct suspect_range *range, int64_t serial)
{
	return range->first <= serial && serial <= range->last;
}

static void
add(struct suspect_range *range, const struct suspect_range *other)
{
	if (range->last == 0 || other->first < range->first)
		range->first = other->first;
	if (other->last > range->last)
		range->last = other->last;
}

static void
let_in(struct suspect *suspect)
{
	suspect->out = nothing;
	suspect->count = 0;
}

static enum suspect_verdict
leave_out(struct suspect *suspect, int64_t serial)
{
	const struct suspect_range it = { serial, serial };

	if (suspect->count == (size_t)SUSPECT_MAX << suspect->rounds) {
		suspect->rounds++;
		let_in(suspect);
		return SUSPECT_NONE;
	}
	add(&suspect->out, &it);
	suspect->count++;
	return SUSPECT_LEFT_OUT;
}

enum suspect_verdict
suspect_take_failure(struct suspect *suspect, int64_t serial, bool late)
{
	if (has(&suspect->blamed, serial))
		return SUSPECT_TO_BLAME;
	if (suspect->count > 0)
		return leave_out(suspect, serial);
	if (suspect->last != serial)
		suspect->failures = 0;
	suspect->last = serial;
	if (late && suspect->failures < SUSPECT_FAILURES)
		suspect->failures++;
	return suspect->failures < SUSPECT_FAILURES ?
		       SUSPECT_NONE : leave_out(suspect, serial);
}

static void
begin_anew(struct suspect *suspect)
{
	suspect->failures = suspect->rounds = 0;
	let_in(suspect);
}

bool
suspect_take_success(struct suspect *suspect)
{
	bool again = suspect->count > 0;

	if (again)
		add(&suspect->blamed, &suspect->out);
	begin_anew(suspect);
	return again;
}

bool
suspect_clear(struct suspect *suspect)
{
	bool was_out = suspect->count > 0;

	begin_anew(suspect);
	return was_out;
}

bool
suspect_rest(struct suspect *suspect)
{
	let_in(suspect);
	return suspect->failures > 0 || suspect->blamed.last > 0;
}

bool
suspect_is(const struct suspect *suspect, int64_t serial)
{
	return suspect->count > 0 && has(&suspect->out, serial);
}
