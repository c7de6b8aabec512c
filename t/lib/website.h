/*
 * website.h - an HTTP server that does what the test says, in a thread of its
 * own.
 */
#ifndef T_LIB_WEBSITE_H
#define T_LIB_WEBSITE_H

#include <stdbool.h>

struct website;

struct website_plan {
	const char *cert, *key;	/* what is in the files; NULL: no TLS */
};

struct website *website_new(const struct website_plan *plan);
void website_free(struct website **site);
unsigned website_port(const struct website *site);

/* What is answered from now on: as it is, it answers 200 with the body of the
   request.  body is copied; NULL: that of the request. */
void website_answers(struct website *site, unsigned status, const char *body);
/* Whether it says nothing from now on; once it speaks again, all who wait have
   their answer. */
void website_hush(struct website *site, bool hush);

/* Since the start. */
unsigned website_requests(struct website *site);
unsigned website_connections(struct website *site);
/* How many are without an answer, and the most that there were. */
unsigned website_waiting(struct website *site);
unsigned website_waited(struct website *site);
/* Whether the last request had that header, with that value; "request" has
   what it was, as "GET /path". */
bool website_heard(struct website *site, const char *name,
		   const char *value);

/* Makes a certificate NAME.crt that vouches for itself, for "localhost" and
   127.0.0.1, and its key NAME.key, in that folder. */
void website_certify(const char *folder, const char *name);
/* What is in a file of that folder; freed by the caller. */
char *website_read(const char *folder, const char *file);

#endif
