/*
 * parley.h - talking to a component on its control socket: requests and
 * answers in JSON, one a line (shared/control.h).
 */
#ifndef CTL_PARLEY_H
#define CTL_PARLEY_H

#include <jansson.h>

struct parley;

/* Connects to the component of that name, at the socket if one is given, or
   at its own in the folder.  NULL after it has said on stderr why that is not
   possible. */
struct parley *parley_new(const char *folder, const char *socket,
			  const char *name);
void parley_free(struct parley **parley);

/* Sends a request, which it takes. */
void parley_ask(struct parley *parley, json_t *request);
/* The next line of the answer; NULL when the connection is lost. */
json_t *parley_next(struct parley *parley);

/* What the component declares.  NULL when it does not say. */
json_t *parley_describe(struct parley *parley);

#endif
