/*
 * health.h - what monitors ask over HTTP.
 *
 * /metrics has the numbers, /healthz answers while the loop turns, /readyz is
 * 200 while the router is linked, the database is up, and the shims and all
 * else that the component needs are there, else 503 saying what is missing.
 */
#ifndef SHARED_HEALTH_H
#define SHARED_HEALTH_H

struct error;
struct health;
struct runtime;
struct str;

/* listen is as for http_new().  runtime outlives it, and its router, store and
   hook may be NULL at any time. */
int health_new(const struct runtime *runtime, const char *listen,
	       struct health **health_r, struct error *err);
/* From now on fn is asked as well: it adds a line for each thing missing. */
void health_ask(struct health *health, void (*fn)(void *ctx, struct str *out),
		void *ctx);
void health_free(struct health **health);

#endif
