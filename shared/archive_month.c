#include "shared/archive_month.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "shared/clock.h"
#include "shared/serial.h"
#include "shared/store.h"

#define AHEAD 3
#define YEAR_ZERO 1900	/* that of struct tm */

static int
month_of(int64_t serial)
{
	time_t at = (time_t)(serial_time(serial) / CLOCK_SECOND);
	struct tm tm;

	gmtime_r(&at, &tm);
	return (tm.tm_year + YEAR_ZERO) * 12 + tm.tm_mon;
}

int64_t
archive_month_first(int month)
{
	struct tm tm = {
		.tm_year = month / 12 - YEAR_ZERO, .tm_mon = month % 12,
		.tm_mday = 1,
	};

	return serial_first_of((int64_t)timegm(&tm) * CLOCK_SECOND);
}

static void
make(struct store *store, int month)
{
	char name[24];

	snprintf(name, sizeof(name), "%04d%02d", month / 12, month % 12 + 1);
	store_write(store, "SELECT archive_add_month($1, $2, $3)",
		    STORE_VALUES(store_text(name),
				 store_int(archive_month_first(month)),
				 store_int(archive_month_first(month + 1))),
		    NULL, NULL);
}

static bool
is_among(const struct archive_month *months, int number)
{
	return number >= months->first && number < months->next;
}

/* They are without a gap; others than these are rare. */
static void
note(struct archive_month *months, int first, int next)
{
	if (first > months->next || next < months->first)
		*months = (struct archive_month){ first, next };
	if (first < months->first)
		months->first = first;
	if (next > months->next)
		months->next = next;
}

void
archive_month_want(struct archive_month *known, struct store *store,
		   int64_t serial)
{
	int first = month_of(serial);

	for (int i = first; i < first + AHEAD; i++) {
		if (is_among(known, i))
			continue;
		make(store, i);
		note(known, i, i + 1);
	}
}

void
archive_month_forget(struct archive_month *known)
{
	*known = (struct archive_month){ 0 };
}
