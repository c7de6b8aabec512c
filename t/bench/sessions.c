#include "t/bench/sessions.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <uv.h>

#include "shared/error.h"
#include "t/bench/client.h"

/* At one time on their way in. */
#define LOGINS_MAX 50
/* How long nothing may come: Prosody says nothing for minutes when a thousand
   enter one of its rooms at once. */
#define PATIENCE_MS 300000
/* Of what was wrong. */
#define SHOWN_BYTES 2000

struct sessions {
	const struct sessions_owner *owner;
	uv_loop_t loop;
	uv_timer_t patience, ticks;
	void (*tick)(void *ctx);
	struct client *clients;
	struct client_login login;
	struct client_owner client_owner;
	unsigned count, begun, open;
	unsigned long long events, seen;	/* till the last look */
};

static void
log_in(struct sessions *sessions)
{
	while (sessions->begun < sessions->count &&
	       sessions->begun - sessions->open < LOGINS_MAX) {
		client_start(&sessions->clients[sessions->begun],
			     &sessions->loop, &sessions->login,
			     sessions->begun, &sessions->client_owner);
		sessions->begun++;
	}
}

static void
on_open(struct client *client, void *ctx)
{
	struct sessions *sessions = ctx;

	(void)client;
	sessions->events++;
	sessions->open++;
	if (sessions->open < sessions->count)
		log_in(sessions);
	else
		sessions->owner->open(sessions->owner->ctx);
}

static void
on_stanza(struct client *client, const struct element *el, const char *text,
	  size_t len, void *ctx)
{
	struct sessions *sessions = ctx;
	const char *wrong;

	sessions->events++;
	wrong = sessions->owner->stanza(
		(unsigned)(client - sessions->clients), client->jid, el,
		sessions->owner->ctx);
	if (wrong == NULL)
		return;
	fprintf(stderr, "load: %s got %s: %.*s\n", client->jid, wrong,
		(int)(len < SHOWN_BYTES ? len : SHOWN_BYTES), text);
	exit(1);
}

static void
on_failed(struct client *client, const char *why, void *ctx)
{
	(void)ctx;
	fprintf(stderr, "load: %s failed in state %d: %.*s\n", client->jid,
		client->state, SHOWN_BYTES, why);
	exit(1);
}

static void
on_patience(uv_timer_t *timer)
{
	struct sessions *sessions = timer->data;

	if (sessions->seen == sessions->events) {
		fprintf(stderr, "load: nothing comes any more; %u of %u have "
				"logged in\n",
			sessions->open, sessions->count);
		exit(1);
	}
	sessions->seen = sessions->events;
}

/* As many connections as the system allows. */
static void
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

struct sessions *
sessions_new(const char *domain, unsigned port, unsigned people,
	     const struct sessions_owner *owner)
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));

	ensure(sessions != NULL && people > 0);
	raise_limit();
	sessions->owner = owner;
	sessions->count = people;
	sessions->clients = calloc(people, sizeof(*sessions->clients));
	sessions->login = (struct client_login){
		.domain = domain, .port = port,
		.expat = XML_ParserCreate("UTF-8"),
		.room = malloc(CLIENT_READ_BYTES),
	};
	sessions->client_owner = (struct client_owner){
		.open = on_open, .stanza = on_stanza, .failed = on_failed,
		.ctx = sessions,
	};
	ensure(sessions->clients != NULL && sessions->login.expat != NULL &&
	       sessions->login.room != NULL &&
	       uv_loop_init(&sessions->loop) == 0 &&
	       uv_timer_init(&sessions->loop, &sessions->patience) == 0 &&
	       uv_timer_init(&sessions->loop, &sessions->ticks) == 0);
	sessions->patience.data = sessions->ticks.data = sessions;
	return sessions;
}

void
sessions_run(struct sessions *sessions)
{
	uv_timer_start(&sessions->patience, on_patience, PATIENCE_MS,
		       PATIENCE_MS);
	log_in(sessions);
	uv_run(&sessions->loop, UV_RUN_DEFAULT);
}

void
sessions_end(struct sessions *sessions)
{
	uv_stop(&sessions->loop);
}

void
sessions_free(struct sessions **sessions_)
{
	struct sessions *sessions = *sessions_;

	for (unsigned i = 0; i < sessions->begun; i++)
		client_stop(&sessions->clients[i]);
	uv_close((uv_handle_t *)&sessions->patience, NULL);
	uv_close((uv_handle_t *)&sessions->ticks, NULL);
	uv_run(&sessions->loop, UV_RUN_DEFAULT);
	ensure(uv_loop_close(&sessions->loop) == 0);
	XML_ParserFree(sessions->login.expat);
	free(sessions->login.room);
	free(sessions->clients);
	free(sessions);
	*sessions_ = NULL;
}

static void
on_tick(uv_timer_t *ticks)
{
	struct sessions *sessions = ticks->data;

	sessions->tick(sessions->owner->ctx);
}

void
sessions_tick(struct sessions *sessions, void (*fn)(void *ctx))
{
	sessions->tick = fn;
	uv_timer_start(&sessions->ticks, on_tick, 1, 1);
}

void
sessions_send(struct sessions *sessions, unsigned person, struct str *text)
{
	client_send(&sessions->clients[person], text->data, text->len);
	str_clear(text);
}
