/*
 * printout.h - what a command puts out, as text.
 */
#ifndef T_LIB_PRINTOUT_H
#define T_LIB_PRINTOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/str.h"

struct arena;
struct call_output;
struct form;

/* All zero at first, but for the columns of the command. */
struct printout {
	size_t columns;
	struct str text;	/* rows, cells separated by "|", and what it
				   said, a line each; or "error: " and why */
	bool ended;
};

/* The ctx of a call is its printout. */
extern const struct call_output printout_output;

/* The text, in the arena; the printout is empty then. */
const char *printout_take(struct printout *printout, struct arena *arena);

/* The form of a command: fields, each as "name=value", end with NULL. */
const struct form *printout_form(struct arena *arena,
				 const char *const *fields);

#endif
