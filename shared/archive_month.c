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

static int64_t
first_serial(int month)
{
	struct tm tm = {
		.tm_year = month / 12 - YEAR_ZERO, .tm_mon = month % 12,
		.tm_mday = 1,
	};

	return serial_first_of((int64_t)timegm(&tm) * CLOCK_SECOND);
}

static void
add(struct store_batch *batch, int month)
{
	char name[24];

	snprintf(name, sizeof(name), "%04d%02d", month / 12, month % 12 + 1);
	store_add(batch, "SELECT archive_add_month($1, $2, $3)",
		  STORE_VALUES(store_text(name),
			       store_int(first_serial(month)),
			       store_int(first_serial(month + 1))));
}

static bool
is_known(const struct archive_month *month, int number)
{
	return number >= month->first && number < month->next;
}

/* Those known are without a gap; others than these are rare. */
static void
note(struct archive_month *month, int first, int next)
{
	if (first > month->next || next < month->first)
		*month = (struct archive_month){ first, next };
	if (first < month->first)
		month->first = first;
	if (next > month->next)
		month->next = next;
}

void
archive_month_want(struct archive_month *month, struct store_batch *batch,
		   int64_t serial)
{
	int first = month_of(serial);

	if (is_known(month, first) && is_known(month, first + AHEAD - 1))
		return;
	for (int i = first; i < first + AHEAD; i++)
		if (!is_known(month, i))
			add(batch, i);
	note(month, first, first + AHEAD);
}

void
archive_month_forget(struct archive_month *month)
{
	*month = (struct archive_month){ 0 };
}
