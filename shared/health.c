#include "shared/health.h"

#include <stdlib.h>

#include "shared/error.h"
#include "shared/hook.h"
#include "shared/http.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/request.h"
#include "shared/router.h"
#include "shared/store.h"
#include "shared/str.h"

enum { HTTP_OK = 200, HTTP_UNAVAILABLE = 503 };

struct health {
	const struct runtime *runtime;
	struct http *http;
	void (*missing)(void *ctx, struct str *out);	/* or NULL */
	void *ctx;
};

static unsigned
on_metrics(void *ctx, struct str *body, const char **content_type)
{
	const struct health *health = ctx;

	*content_type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_print(health->runtime->metrics, body);
	return HTTP_OK;
}

static unsigned
on_healthz(void *ctx, struct str *body, const char **content_type)
{
	(void)ctx;
	(void)content_type;
	str_addz(body, "alive\n");
	return HTTP_OK;
}

static unsigned
on_readyz(void *ctx, struct str *body, const char **content_type)
{
	const struct health *health = ctx;
	const struct runtime *runtime = health->runtime;

	(void)content_type;
	if (runtime->router == NULL || !router_is_up(runtime->router))
		str_addz(body, "the router is not linked\n");
	if (runtime->store == NULL || !store_is_up(runtime->store))
		str_addz(body, "the database is away\n");
	if (runtime->hook != NULL)
		hook_add_missing(runtime->hook, body);
	if (health->missing != NULL)
		health->missing(health->ctx, body);
	if (body->len > 0)
		return HTTP_UNAVAILABLE;
	str_addz(body, "ready\n");
	return HTTP_OK;
}

int
health_new(const struct runtime *runtime, const char *listen,
	   struct health **health_r, struct error *err)
{
	struct health *health;
	struct http *http;

	if (http_new(runtime->loop, listen, &http, err) < 0)
		return -1;
	ensure((health = calloc(1, sizeof(*health))) != NULL);
	health->runtime = runtime;
	health->http = http;
	http_route(http, "/metrics", on_metrics, health);
	http_route(http, "/healthz", on_healthz, health);
	http_route(http, "/readyz", on_readyz, health);
	log_info("http: listening on port %u", http_port(http));
	*health_r = health;
	return 0;
}

void
health_ask(struct health *health, void (*fn)(void *ctx, struct str *out),
	   void *ctx)
{
	health->missing = fn;
	health->ctx = ctx;
}

void
health_free(struct health **health)
{
	if (*health == NULL)
		return;
	http_free(&(*health)->http);
	free(*health);
	*health = NULL;
}
