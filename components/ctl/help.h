/*
 * help.h - what annexctl, a component and a command can do, for people.
 */
#ifndef CTL_HELP_H
#define CTL_HELP_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

/* Of annexctl, with the components whose sockets are in the folder. */
void help_all(const char *folder, FILE *out);
/* Of a component, by its description; of one of its commands. */
void help_component(const json_t *description, FILE *out);
void help_command(const json_t *description, const json_t *command, FILE *out);

/* Calls fn with each component whose socket is in the folder.  Returns how
   many there are. */
size_t help_components(const char *folder,
		       void (*fn)(void *ctx, const char *name), void *ctx);

#endif
