/*
 * http.h - a small HTTP server on the event loop (libmicrohttpd).
 */
#ifndef SHARED_HTTP_H
#define SHARED_HTTP_H

#include <uv.h>

struct error;
struct http;
struct str;

/* Answers GET of one path: fills body and content_type (a static string),
   and returns the status. */
typedef unsigned http_fn(void *ctx, struct str *body,
			 const char **content_type);

/* Whether listen is what http_new() takes.  Returns 0, or -1 with err. */
int http_check(const char *listen, struct error *err);

/* Listens on "ADDRESS:PORT" or "[ADDRESS]:PORT"; port 0 takes a free one.
   Returns 0, or -1 with err set. */
int http_new(uv_loop_t *loop, const char *listen, struct http **http_r,
	     struct error *err);
void http_free(struct http **http);

/* Serves path, which outlives the server.  All before the loop runs. */
void http_route(struct http *http, const char *path, http_fn *fn, void *ctx);
unsigned http_port(const struct http *http);

#endif
