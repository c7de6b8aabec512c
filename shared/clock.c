#include "shared/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

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

static const char *
parse_fraction(const char *at, int64_t *stamp)
{
	int64_t unit = CLOCK_SECOND / 10;

	if (*at != '.')
		return at;
	for (at++; isdigit((unsigned char)*at); at++, unit /= 10)
		*stamp += (*at - '0') * unit;
	return at;
}

/* "Z", or "+hh:mm" ahead of UTC. */
static int
parse_zone(const char *at, int64_t *stamp)
{
	int hours, minutes, len = 0;

	if (strcmp(at, "Z") == 0)
		return 0;
	if ((*at != '+' && *at != '-') ||
	    sscanf(at + 1, "%2d:%2d%n", &hours, &minutes, &len) != 2 ||
	    len != 5 || at[6] != '\0' || hours < 0 || hours > 23 ||
	    minutes < 0 || minutes > 59)
		return -1;
	*stamp += (*at == '-' ? 1 : -1) *
		  (int64_t)(hours * 3600 + minutes * 60) * CLOCK_SECOND;
	return 0;
}

int
clock_parse(const char *text, int64_t *stamp_r)
{
	struct tm tm = { 0 };
	const char *at = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t stamp;

	if (at == NULL)
		return -1;
	stamp = (int64_t)timegm(&tm) * CLOCK_SECOND;
	if (parse_zone(parse_fraction(at, &stamp), &stamp) < 0)
		return -1;
	*stamp_r = stamp;
	return 0;
}
