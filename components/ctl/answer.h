/*
 * answer.h - what components answer, and declare, in JSON
 * (shared/control_request.h).
 */
#ifndef CTL_ANSWER_H
#define CTL_ANSWER_H

#include <jansson.h>
#include <stdbool.h>

/* The member of that name: a text, "" when there is none; whether it is
   true. */
const char *answer_text(const json_t *json, const char *key);
bool answer_flag(const json_t *json, const char *key);

/* NULL: there is no command of that name. */
const json_t *answer_command(const json_t *description,
				  const char *name);

#endif
