/*
 * bar.h - how far long work is, on a terminal.
 */
#ifndef CTL_BAR_H
#define CTL_BAR_H

#include <jansson.h>

/* Shows it on stderr, if that is a terminal: {"done": N, "total": N}. */
void bar_show(const json_t *progress);
/* Takes it away, before anything else is shown. */
void bar_hide(void);

#endif
