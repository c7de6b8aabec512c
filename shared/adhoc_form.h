/*
 * adhoc_form.h - what a command asks and answers, as data forms (XEP-0004).
 */
#ifndef SHARED_ADHOC_FORM_H
#define SHARED_ADHOC_FORM_H

#include <stddef.h>

struct arena;
struct command;
struct xml;

/* The form to be filled in, with the defaults. */
struct xml *adhoc_form_new(struct arena *arena, const struct command *command);

/* The form of the answer, which has no rows yet. */
struct xml *adhoc_form_result(struct arena *arena,
			      const struct command *command);
/* Adds a row; of a record, its values.  Returns about how many bytes. */
size_t adhoc_form_add_row(struct arena *arena, const struct command *command,
			  struct xml *form, const char *const *cells);

#endif
