#include "components/archive/policy/probe.h"

#include <stdlib.h>
#include <string.h>

#include "components/archive/policy/judge.h"
#include "shared/error.h"
#include "shared/httpclient.h"
#include "shared/str.h"

/* Of what they answer, which nobody reads. */
#define ANSWER_BYTES_MAX 65536

/* One of the servers. */
struct visit {
	struct probe *probe;
	struct judge *judge;
	struct str url;
	struct httpclient_call *call;	/* under way, or NULL */
};

struct probe {
	uv_timer_t timer;
	unsigned timeout_ms;
	/* Of its own, as it is not to wait behind what is to be judged. */
	struct httpclient *client;
	struct visit *visits;
	size_t count;
};

int
probe_check(const char *path, struct error *err)
{
	if (*path != '/')
		return error_set(err, ERROR_BAD_REQUEST, "probe: '%.60s' is no "
				 "path: it does not begin with /", path);
	for (; *path != '\0'; path++)
		if (*path <= ' ' || *path > '~')
			return error_set(err, ERROR_BAD_REQUEST, "probe: in a "
					 "path blanks and the like are "
					 "written as %%20");
	return 0;
}

static void
on_answer(void *ctx, const struct httpclient_answer *answer,
	  const struct error *err)
{
	struct visit *visit = ctx;
	struct error why = { 0 };

	visit->call = NULL;
	if (err != NULL)
		why = *err;
	else if (answer->status / 100 != 2)
		error_set(&why, ERROR_BAD_REQUEST, "it answers the probe by "
			  "the status %u", answer->status);
	if (*why.text == '\0')
		judge_succeed_probe(visit->judge,
				    uv_now(visit->probe->timer.loop));
	else
		judge_fail_probe(visit->judge, why.text);
}

static void
on_timer(uv_timer_t *timer)
{
	struct probe *probe = timer->data;

	for (size_t i = 0; i < probe->count; i++) {
		struct visit *visit = &probe->visits[i];
		const struct httpclient_request request = {
			.url = visit->url.data,
			.timeout_ms = probe->timeout_ms,
			.max_bytes = ANSWER_BYTES_MAX,
		};

		if (visit->call == NULL)
			visit->call = httpclient_get(probe->client, &request,
						     on_answer, visit);
	}
}

/* The URL of a server with that path instead of its own. */
static void
print_url(struct str *out, const char *server, const char *path)
{
	const char *host = strstr(server, "://") + strlen("://");

	str_add(out, server,
		(size_t)(host - server) + strcspn(host, "/?#"));
	str_addz(out, path);
}

static void
add_visits(struct probe *probe, const struct probe_plan *plan)
{
	probe->visits = calloc(plan->count, sizeof(*probe->visits));
	ensure(probe->visits != NULL);
	probe->count = plan->count;
	for (size_t i = 0; i < plan->count; i++) {
		struct visit *visit = &probe->visits[i];

		visit->probe = probe;
		visit->judge = &plan->judges[i];
		print_url(&visit->url, visit->judge->url, plan->path);
	}
}

struct probe *
probe_new(uv_loop_t *loop, const struct probe_plan *plan)
{
	struct probe *probe = calloc(1, sizeof(*probe));
	struct httpclient_plan client = *plan->client;

	ensure(probe != NULL && plan->count > 0);
	probe->timeout_ms = plan->timeout_ms;
	/* None waits for one that hangs. */
	client.in_flight = (unsigned)plan->count;
	probe->client = httpclient_new(loop, &client);
	add_visits(probe, plan);
	uv_timer_init(loop, &probe->timer);
	probe->timer.data = probe;
	uv_timer_start(&probe->timer, on_timer, 0, plan->pause_ms);
	return probe;
}

static void
on_closed(uv_handle_t *timer)
{
	struct probe *probe = timer->data;

	for (size_t i = 0; i < probe->count; i++)
		str_fini(&probe->visits[i].url);
	free(probe->visits);
	free(probe);
}

void
probe_free(struct probe **probe_p)
{
	struct probe *probe = *probe_p;

	if (probe == NULL)
		return;
	*probe_p = NULL;
	httpclient_free(&probe->client);
	uv_close((uv_handle_t *)&probe->timer, on_closed);
}
