#include "components/archive/sieve.h"

#include <ctype.h>
#include <stdlib.h>

#include "shared/arena.h"
#include "shared/call.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/jid.h"

static const char *
address_of(const struct call *call, const char *field)
{
	const struct jid *jid = call_jid(call, field);

	return jid == NULL ? NULL : jid->bare;
}

/* A day is its beginning, in UTC.  What is not given leaves *stamp_r as it
   is. */
static int
read_time(const struct call *call, const char *field, int64_t *stamp_r,
	  struct error *err)
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
sieve_read(const struct call *call, struct archive_search_filter *filter_r,
	   struct error *err)
{
	struct archive_search_filter *filter = filter_r;

	*filter = archive_search_all;
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
	return read_time(call, "since", &filter->start, err) < 0 ||
	       read_time(call, "until", &filter->end, err) < 0 ? -1 : 0;
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
