#include "shared/clock.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SHAPE "0000-00-00T00:00:00"

int64_t
clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * CLOCK_SECOND + now.tv_nsec / 1000;
}

char *
clock_print(int64_t stamp, char text[CLOCK_TEXT_SIZE])
{
	time_t secs = stamp / CLOCK_SECOND;
	int millis = (int)(stamp % CLOCK_SECOND / 1000);
	struct tm tm;
	size_t len;

	gmtime_r(&secs, &tm);
	len = strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	if (millis != 0)
		len += (size_t)snprintf(text + len, CLOCK_TEXT_SIZE - len,
					".%03d", millis);
	snprintf(text + len, CLOCK_TEXT_SIZE - len, "Z");
	return text;
}

/* Whether text begins as shape does, in which 0 stands for any digit. */
static bool
has_shape(const char *text, const char *shape)
{
	for (; *shape != '\0'; shape++, text++)
		if (*shape == '0' ? !isdigit((unsigned char)*text) :
				    *shape != *text)
			return false;
	return true;
}

/* What follows the fraction, if there is one. */
static const char *
parse_fraction(const char *at, int64_t *stamp)
{
	int64_t unit = CLOCK_SECOND / 10;

	if (!has_shape(at, ".0"))
		return at;
	for (at++; isdigit((unsigned char)*at); at++, unit /= 10)
		*stamp += (*at - '0') * unit;
	return at;
}

/* "Z", or "+hh:mm" ahead of UTC. */
static int
parse_zone(const char *at, int64_t *stamp)
{
	int hours, minutes;

	if (strcmp(at, "Z") == 0)
		return 0;
	if ((*at != '+' && *at != '-') || !has_shape(at + 1, "00:00") ||
	    at[6] != '\0' || sscanf(at + 1, "%2d:%2d", &hours, &minutes) != 2 ||
	    hours > 23 || minutes > 59)
		return -1;
	*stamp += (*at == '-' ? 1 : -1) *
		  (int64_t)(hours * 3600 + minutes * 60) * CLOCK_SECOND;
	return 0;
}

/* There is no 31st of February, though strptime() takes it. */
static int
parse_seconds(const char *text, int64_t *stamp)
{
	struct tm tm = { 0 };
	int day;

	if (!has_shape(text, SHAPE) ||
	    strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
		return -1;
	day = tm.tm_mday;
	*stamp = (int64_t)timegm(&tm) * CLOCK_SECOND;
	return tm.tm_mday == day ? 0 : -1;
}

int
clock_parse(const char *text, int64_t *stamp_r)
{
	const char *at = text + sizeof(SHAPE) - 1;
	int64_t stamp;

	if (parse_seconds(text, &stamp) < 0 ||
	    parse_zone(parse_fraction(at, &stamp), &stamp) < 0)
		return -1;
	*stamp_r = stamp;
	return 0;
}
