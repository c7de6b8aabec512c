/*
 * screen.h - what can be shown where the output goes: a terminal with colours
 * and a width, or a file.
 */
#ifndef CTL_SCREEN_H
#define CTL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Whether it is a terminal; and one for colours, which NO_COLOR and the
   terminal "dumb" are not. */
bool screen_is_terminal(FILE *out);
bool screen_has_colours(FILE *out);
/* In columns; 0 when there is no limit. */
size_t screen_width(FILE *out);

/* The columns that a text takes; and how many of its bytes fit. */
size_t screen_measure(const char *text);
size_t screen_fit(const char *text, size_t width);

/* The text, without what a terminal would do more with than show; heap.
   Lines stay lines if wanted. */
char *screen_clean(const char *text, bool lines);

/* Says on stderr what is wrong. */
void screen_complain(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

#endif
