#include "components/offline/suspect.h"

static const struct suspect nobody;

bool
suspect_take_failure(struct suspect *suspect, int64_t serial)
{
	bool to_blame = suspect->serial == serial && suspect->others_work;

	if (suspect->serial != 0)
		*suspect = nobody;
	else if (++suspect->failures >= SUSPECT_FAILURES)
		suspect->serial = serial;
	return to_blame;
}

bool
suspect_take_success(struct suspect *suspect)
{
	bool again = suspect->serial != 0 && !suspect->others_work;

	if (again)
		suspect->others_work = true;
	else
		*suspect = nobody;
	return again;
}

bool
suspect_clear(struct suspect *suspect)
{
	bool was_out = suspect->serial != 0;

	*suspect = nobody;
	return was_out;
}

bool
suspect_is(const struct suspect *suspect, int64_t serial)
{
	return suspect->serial == serial && !suspect->others_work;
}
