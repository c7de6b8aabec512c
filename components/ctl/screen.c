#include "components/ctl/screen.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "shared/str.h"

bool
screen_is_terminal(FILE *out)
{
	return isatty(fileno(out));
}

bool
screen_has_colours(FILE *out)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return screen_is_terminal(out) && (no == NULL || *no == '\0') &&
	       term != NULL && strcmp(term, "dumb") != 0;
}

size_t
screen_width(FILE *out)
{
	struct winsize size;

	if (!screen_is_terminal(out) ||
	    ioctl(fileno(out), TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col;
}

/* The width of the character at text, whose bytes it counts; a byte that is
   none in this locale counts as one. */
static size_t
next(const char *text, size_t *bytes_r)
{
	mbstate_t state = { 0 };
	wchar_t c;
	size_t n = mbrtowc(&c, text, strlen(text), &state);
	int width;

	if (n == 0 || n > strlen(text)) {
		*bytes_r = 1;
		return 1;
	}
	*bytes_r = n;
	width = wcwidth(c);
	return width < 0 ? 1 : (size_t)width;
}

size_t
screen_measure(const char *text)
{
	size_t width = 0, bytes;

	for (; *text != '\0'; text += bytes)
		width += next(text, &bytes);
	return width;
}

size_t
screen_fit(const char *text, size_t width)
{
	size_t used = 0, bytes;
	const char *at = text;

	for (; *at != '\0'; at += bytes) {
		used += next(at, &bytes);
		if (used > width)
			break;
	}
	return (size_t)(at - text);
}

/* Control characters, those of the second set (U+0080 to U+009F) as well. */
static bool
is_control(const char *at)
{
	unsigned char c = (unsigned char)at[0], d = (unsigned char)at[1];

	return c < 0x20 || c == 0x7f || (c == 0xc2 && d >= 0x80 && d < 0xa0);
}

char *
screen_clean(const char *text, bool lines)
{
	struct str clean = { 0 };

	str_addz(&clean, "");
	for (; *text != '\0'; text++) {
		if ((*text == '\n' && lines) || !is_control(text)) {
			str_addc(&clean, *text);
			continue;
		}
		str_addc(&clean, *text == '\n' || *text == '\t' ? ' ' : '?');
		if ((unsigned char)*text == 0xc2)
			text++;
	}
	return clean.data;
}

void
screen_complain(const char *fmt, ...)
{
	bool colours = screen_has_colours(stderr);
	struct str text = { 0 };
	char *clean;
	va_list args;
	char *made = NULL;

	va_start(args, fmt);
	if (vasprintf(&made, fmt, args) < 0)
		abort();
	va_end(args);
	clean = screen_clean(made, false);
	str_addf(&text, "%sannexctl:%s %s\n", colours ? "\033[31m" : "",
		 colours ? "\033[0m" : "", clean);
	fputs(text.data, stderr);
	str_fini(&text);
	free(clean);
	free(made);
}
