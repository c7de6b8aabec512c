/*
 * tapshim.h - the shim of tapbed's host, whose users read their archives.
 */
#ifndef T_LIB_TAPSHIM_H
#define T_LIB_TAPSHIM_H

#include <stddef.h>

struct tapbed;

/* Says hello with all hooks that readers need; forgets what was sent. */
void tapshim_greet(struct tapbed *bed);

/* A session asks its account: an IQ of that id and type, with that payload. */
void tapshim_ask(struct tapbed *bed, const char *session, const char *id,
		 const char *type, const char *payload);
/* The same of j@example/b, with a query of that content and the id "q". */
void tapshim_query(struct tapbed *bed, const char *content);

/* Runs until the text is in what was sent, which is returned and forgotten. */
const char *tapshim_await(struct tapbed *bed, const char *text);

/* Takes what is delivered until that is in what was sent, and returns all of
   it. */
const char *tapshim_take(struct tapbed *bed, const char *text);

/* Answers the first request in what was sent. */
void tapshim_done(struct tapbed *bed, const char *sent);
void tapshim_fail(struct tapbed *bed, const char *sent,
		  const char *condition);

/* Lets so many messages come, "no 1" with id x1 and so on, without waiting for
   anything. */
void tapshim_fill(struct tapbed *bed, unsigned count);

#endif
