#include "components/archive/rules/globs.h"

#include <ctype.h>
#include <string.h>

#include "components/archive/rules/pattern.h"

/* Bytes of texts. */
#define UNWATCHED_MAX 4096

static bool
same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Only the last "*" is ever tried again, so that no text takes long. */
bool
globs_fits(const char *glob, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text != '\0') {
		if (*glob == '*') {
			star = ++glob;
			from = text;
		} else if (*glob != '\0' && same(*glob, *text)) {
			glob++;
			text++;
		} else if (star != NULL) {
			glob = star;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == '\0';
}

/* To look is dearer than to compare what is short. */
static bool
is_late(struct globs_watch *watch, size_t len)
{
	watch->unwatched += len + 1;
	if (watch->unwatched >= UNWATCHED_MAX && !watch->late) {
		watch->unwatched = 0;
		watch->late = pattern_clock_ns() >= watch->until_ns;
	}
	return watch->late;
}

bool
globs_have(const char *const *globs, globs_fn *fn, const char *text,
	   struct globs_watch *watch)
{
	size_t len = strlen(text);

	for (; *globs != NULL && !is_late(watch, len); globs++)
		if (**globs != '!' && (fn == NULL || fn(*globs)) &&
		    globs_fits(*globs, text))
			return true;
	return false;
}

bool
globs_except(const char *const *globs, globs_fn *fn, const char *text,
	     struct globs_watch *watch)
{
	size_t len = strlen(text);

	for (; *globs != NULL && !is_late(watch, len); globs++)
		if (**globs == '!' && (fn == NULL || fn(*globs + 1)) &&
		    globs_fits(*globs + 1, text))
			return true;
	return false;
}

bool
globs_only_except(const char *const *globs)
{
	while (*globs != NULL && **globs == '!')
		globs++;
	return *globs == NULL;
}
