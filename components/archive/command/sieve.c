#include "components/archive/command/sieve.h"

#include <ctype.h>
#include <stdlib.h>

#include "shared/call.h"
#include "shared/error.h"
#include "shared/jid.h"

static const char *
address_of(const struct call *call, const char *field)
{
	const struct jid *jid = call_jid(call, field);

	return jid == NULL ? NULL : jid->bare;
}

int
sieve_read(const struct call *call, struct archive_search_filter *filter_r,
	   struct error *err)
{
	struct archive_search_filter *filter = filter_r;
	struct period period;

	if (period_read(call, &period, err) < 0)
		return -1;
	*filter = archive_search_all;
	filter->start = period.since;
	filter->end = period.until;
	filter->who = address_of(call, "participant");
	filter->with = address_of(call, "with");
	filter->room = address_of(call, "room");
	filter->shown = address_of(call, "shown");
	filter->text = call_text(call, "text");
	if (filter->with != NULL && filter->who == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "with: participant is missing");
	if (filter->with != NULL &&
	    (filter->room != NULL || filter->shown != NULL))
		return error_set(err, ERROR_BAD_REQUEST,
				 "with: in a room all are spoken to");
	return 0;
}

int
sieve_read_before(const struct call *call, int64_t *before, struct error *err)
{
	const char *text = call_text(call, "before");
	char *end;

	if (text == NULL)
		return 0;
	*before = strtoll(text, &end, 10);
	return isdigit((unsigned char)*text) && *end == '\0' ? 0 :
	       error_set(err, ERROR_BAD_REQUEST, "before: a serial is wanted");
}
