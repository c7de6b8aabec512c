/*
 * httpclient.h - requests to HTTP servers, on the event loop (libcurl).
 *
 * Connections are kept and used again.  At most so many requests are on their
 * way at once; the next wait for their turn.  No redirection is followed, and
 * no proxy asked.
 */
#ifndef SHARED_HTTPCLIENT_H
#define SHARED_HTTPCLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct error;
struct httpclient;
struct httpclient_call;

struct httpclient_plan {
	const char *ca;		/* file of the certificates to trust; "": the
				   system's */
	const char *cert, *key;	/* files of our own, for servers that ask for
				   it; "": none */
	unsigned in_flight;	/* at least 1 */
};

/* Whether its files can be read, and a key is given with the certificate.
   Returns 0, or -1 with err->text why, for people. */
int httpclient_check(const struct httpclient_plan *plan, struct error *err);
/* Whether it is one of http or https, and has no password. */
int httpclient_check_url(const char *url, struct error *err);
/* Whether all can read on the way what is sent there: it is clear text, and
   leaves this machine. */
bool httpclient_is_exposed(const char *url);

/* The plan is copied. */
struct httpclient *httpclient_new(uv_loop_t *loop,
				  const struct httpclient_plan *plan);
/* Not from within a callback.  Who waits for an answer is not told. */
void httpclient_free(struct httpclient **client);

/* All of it is copied. */
struct httpclient_request {
	const char *url;
	const char *const *headers;	/* "Name: value", ended by NULL; NULL:
					   none */
	const char *body;	/* of a post */
	size_t len;
	unsigned timeout_ms;	/* in all, the wait for its turn included */
	size_t max_bytes;	/* of the answer's body */
};

struct httpclient_answer {
	unsigned status;
	const char *body;	/* with a NUL behind it */
	size_t len;
};

/* Called once, never from within what began it: with the answer, whatever
   its status; or with err, answer being NULL: ERROR_REMOTE_SERVER_TIMEOUT,
   ERROR_POLICY_VIOLATION where there was too much of it, or
   ERROR_REMOTE_SERVER_NOT_FOUND, err->text why.  The call is gone then. */
typedef void httpclient_fn(void *ctx, const struct httpclient_answer *answer,
			   const struct error *err);

struct httpclient_call *
httpclient_post(struct httpclient *client,
		const struct httpclient_request *request, httpclient_fn *fn,
		void *ctx);
struct httpclient_call *
httpclient_get(struct httpclient *client,
	       const struct httpclient_request *request, httpclient_fn *fn,
	       void *ctx);
/* Its fn is not called any more. */
void httpclient_cancel(struct httpclient_call **call);

#endif
