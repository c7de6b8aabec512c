/*
 * control_request.h - what is said on the control socket, in JSON.
 */
#ifndef SHARED_CONTROL_REQUEST_H
#define SHARED_CONTROL_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "shared/form.h"

struct arena;
struct calls;
struct command;
struct error;

struct control_request {
	bool describe;
	const char *command;	/* NULL when asked to describe */
	struct form form;	/* its fields */
};

/* Reads one line: {"describe": true}, or {"command": NAME, "fields": {...}}.
   A field's value is a string, a whole number, true, false, null (which is as
   if it were not there), or an array of strings.  Returns 0, or -1 with
   ERROR_BAD_REQUEST. */
int control_request_parse(struct arena *arena, const char *line, size_t len,
			  struct control_request *request_r,
			  struct error *err);

/* What can be asked: the component, its version, its commands with their
   fields and columns. */
json_t *control_describe(const struct calls *calls);

/* A row: the columns by name. */
json_t *control_row(const struct command *command, const char *const *cells);

/* {"condition": NAME, "text": TEXT} */
json_t *control_error(const struct error *err);

#endif
