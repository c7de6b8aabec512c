#include "shared/service.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "shared/adhoc.h"
#include "shared/calls.h"
#include "shared/component.h"
#include "shared/control.h"
#include "shared/daemon.h"
#include "shared/dispatch.h"
#include "shared/entity.h"
#include "shared/error.h"
#include "shared/health.h"
#include "shared/hook.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/multicast.h"
#include "shared/outfit.h"
#include "shared/process.h"
#include "shared/router.h"
#include "shared/section.h"
#include "shared/store.h"
#include "shared/tables.h"

/* How long the component, the link and the database may take to end. */
#define LEAVE_SECS 10
#define LINK_SECS 5
#define STORE_SECS 10
/* Whatever the component forgot to close. */
#define REST_MS 2000
/* Before it is said that a database is waited for. */
#define PATIENCE_MS 2000

enum service_state {
	SERVICE_STARTING,	/* waits for the database and its tables */
	SERVICE_RUNNING,	/* serves */
	SERVICE_LEAVING,	/* the component ends what it does */
	SERVICE_UNLINKING,	/* the link's last output is written */
	SERVICE_SAVING,		/* the database's last writes are done */
	SERVICE_ENDED,		/* only handles are still to close */
};

struct service {
	struct runtime runtime;	/* first: see service_of() */
	struct service_plan plan;
	struct settings *settings;
	enum service_state state;
	int status;		/* of the process */
	char *domain, *schema;	/* outlive a reload */
	uv_loop_t loop;
	uv_timer_t timer;
	struct daemon *daemon;
	struct entity entity;
	struct calls *calls;
	struct adhoc *adhoc;
	struct control *control;	/* NULL: there is no socket */
	struct dispatch *dispatch;
	struct health *health;
	void *ctx;		/* the component's, once it has started */
	bool started;
	bool linked;
};

static void leave(struct service *service);

static struct service *
service_of(struct runtime *runtime)
{
	return (struct service *)runtime;
}

static const struct component *
component_of(const struct service *service)
{
	return service->plan.component;
}

static void
set_state(struct service *service, enum service_state state)
{
	service->state = state;
	uv_timer_stop(&service->timer);
}

static void
fail(struct service *service, const char *what, const struct error *err)
{
	log_error("%s: %s", what, err->text);
	service->status = EXIT_FAILURE;
	leave(service);
}

/* The end. */

static void
on_rest(uv_timer_t *timer)
{
	log_error("service: something was left open");
	uv_stop(timer->loop);
}

static void
end(struct service *service)
{
	/* First, as it asks all the others. */
	health_free(&service->health);
	control_free(&service->control);
	adhoc_free(&service->adhoc);
	calls_free(&service->calls);
	if (service->started)
		component_of(service)->free(service->ctx);
	dispatch_free(&service->dispatch);
	multicast_free(&service->runtime.multicast);
	hook_free(&service->runtime.hook);
	daemon_free(&service->daemon);
	set_state(service, SERVICE_ENDED);
	uv_timer_start(&service->timer, on_rest, REST_MS, 0);
	uv_unref((uv_handle_t *)&service->timer);
}

static void
on_store_closed(void *ctx, size_t lost)
{
	struct service *service = ctx;

	service->runtime.store = NULL;
	if (lost > 0)
		log_error("store: %zu writes were given up", lost);
	end(service);
}

static void
on_router_closed(void *ctx)
{
	struct service *service = ctx;
	/* Usable until it is closed: who asks is told that it is away. */
	struct store *store = service->runtime.store;

	service->runtime.router = NULL;
	set_state(service, SERVICE_SAVING);
	if (store == NULL)
		end(service);
	else
		store_close(&store, STORE_SECS, on_store_closed, service);
}

static void
unlink_router(struct service *service)
{
	struct router *router = service->runtime.router;

	set_state(service, SERVICE_UNLINKING);
	if (service->dispatch != NULL)
		dispatch_close(service->dispatch);
	if (router == NULL)
		on_router_closed(service);
	else
		router_close(&router, LINK_SECS, on_router_closed, service);
}

static void
on_left(uv_timer_t *timer)
{
	unlink_router(timer->data);
}

static void
on_leave_timeout(uv_timer_t *timer)
{
	log_warning("service: %s took more than %d s to stop",
		    component_of(timer->data)->name, LEAVE_SECS);
	unlink_router(timer->data);
}

static void
leave(struct service *service)
{
	bool was_running = service->state == SERVICE_RUNNING;

	if (service->state > SERVICE_RUNNING)
		return;
	daemon_tell(DAEMON_STOPPING);
	set_state(service, SERVICE_LEAVING);
	calls_stop(service->calls);
	/* Even when there is nothing to stop: our caller may be a callback of
	   what is going to be closed. */
	uv_timer_start(&service->timer, was_running ? on_leave_timeout :
		       on_left, was_running ? LEAVE_SECS * 1000 : 0, 0);
	if (was_running)
		component_of(service)->stop(service->ctx);
}

void
component_stopped(struct runtime *runtime)
{
	struct service *service = service_of(runtime);

	if (service->state != SERVICE_LEAVING)
		return;
	dispatch_close(service->dispatch);
	uv_timer_start(&service->timer, on_left, 0, 0);
}

static void
on_stop(void *ctx)
{
	log_info("service: stopping");
	leave(ctx);
}

/* Changes of the configuration. */

static void
log_change(void *ctx, const char *section, const struct setting *setting,
	   const char *was, const char *is)
{
	(void)ctx;
	log_info("setting: %s.%s: %s -> %s%s", section, setting->name, was, is,
		 setting->restart ? ", needs a restart" : "");
}

static void
take_settings(struct service *service, struct settings *settings)
{
	const struct component *component = component_of(service);
	const struct component_settings *own =
		settings_section(settings, component->name);
	struct settings *old = service->settings;

	settings_compare(old, settings, log_change, NULL);
	service->settings = settings;
	section_apply_log(settings, service->plan.program);
	service->entity.settings = own;
	service->runtime.admins = own->admins;
	if (service->started && component->revise != NULL)
		component->revise(service->ctx, old, settings);
	if (service->started && component->reload != NULL)
		component->reload(service->ctx, own);
	settings_free(&old);
}

static void
on_reload(void *ctx)
{
	struct service *service = ctx;
	struct settings *settings;
	struct error err = { 0 };

	if (service->state > SERVICE_RUNNING)
		return;
	daemon_tell(DAEMON_RELOADING);
	log_info("service: reading %s again", service->plan.path);
	if (section_load(service->plan.path, component_of(service),
			 service->plan.sections, &settings, &err) < 0)
		log_error("service: keeping the old configuration: %s",
			  err.text);
	else
		take_settings(service, settings);
	daemon_tell(service->state == SERVICE_RUNNING ? DAEMON_READY :
		    DAEMON_WAITING);
}

/* The link. */

static void
on_stanza(void *ctx, struct arena *arena, struct xml *el)
{
	struct service *service = ctx;

	dispatch_stanza(service->dispatch, arena, el);
}

static void
set_linked(struct service *service, bool linked)
{
	if (service->linked == linked)
		return;
	service->linked = linked;
	hook_link(service->runtime.hook, linked);
	if (service->runtime.multicast != NULL)
		multicast_link(service->runtime.multicast, linked);
	if (service->started && component_of(service)->link != NULL)
		component_of(service)->link(service->ctx, linked);
}

static void
on_up(void *ctx)
{
	set_linked(ctx, true);
}

static void
on_down(void *ctx, const char *why)
{
	(void)why;
	set_linked(ctx, false);
}

static void
on_congested(void *ctx, bool congested)
{
	(void)ctx;
	if (congested)
		log_warning("router: it does not read what is sent, so "
			    "nothing more is taken from it");
	else
		log_info("router: it reads again");
}

static bool
on_refused(void *ctx, struct arena *arena, struct xml *el,
	   const struct error *err)
{
	struct service *service = ctx;

	return hook_wants_refused(service->runtime.hook, arena, el, err);
}

/* What the router itself has to say, before the component sees anything. */
static int
on_first(struct request *req, void *ctx, struct error *err)
{
	struct runtime *runtime = ctx;
	int ret = hook_on_request(req, runtime->hook, err);

	if (ret == HANDLER_DECLINE && runtime->multicast != NULL)
		ret = multicast_on_request(req, runtime->multicast, err);
	return ret;
}

/* The beginning. */

static void
begin(struct service *service)
{
	const struct component *component = component_of(service);
	struct error err = { 0 };

	if (component->start(&service->runtime,
			     settings_section(service->settings,
					      component->name),
			     &service->ctx, &err) < 0) {
		fail(service, component->name, &err);
		return;
	}
	service->started = true;
	set_state(service, SERVICE_RUNNING);
	hook_attend(service->runtime.hook, service->ctx);
	if (service->health != NULL && component->missing != NULL)
		health_ask(service->health, component->missing, service->ctx);
	calls_open(service->calls, service->ctx);
	dispatch_open(service->dispatch, service->ctx);
	router_start(service->runtime.router);
	daemon_tell(DAEMON_READY);
	log_info("service: started as %s", service->domain);
}

static void
on_migrated(void *ctx, unsigned applied, const struct error *err)
{
	struct service *service = ctx;

	/* Told to stop in the meantime. */
	if (service->state != SERVICE_STARTING)
		return;
	if (err != NULL) {
		fail(service, "store", err);
		return;
	}
	if (applied > 0)
		log_info("store: %u migrations applied", applied);
	begin(service);
}

static void
on_still_waiting(uv_timer_t *timer)
{
	(void)timer;
	daemon_tell(DAEMON_WAITING);
}

static void
on_waiting(uv_timer_t *timer)
{
	log_warning("service: waiting for the database");
	uv_timer_start(timer, on_still_waiting, 0, DAEMON_WAITING_SECS * 1000);
}

/* What is asked of the host and not the component's alone. */
static int
on_owed(struct request *req, void *ctx, struct error *err)
{
	struct service *service = ctx;
	int ret = adhoc_on_iq(req, service->adhoc, err);

	return ret != HANDLER_DECLINE ? ret :
	       entity_on_get(req, &service->entity, err);
}

static int
make_parts(struct service *service, struct error *err)
{
	static const struct router_events events = {
		.stanza = on_stanza, .refused = on_refused, .up = on_up,
		.down = on_down, .congested = on_congested,
	};
	const struct outfit outfit = {
		.runtime = &service->runtime,
		.component = component_of(service),
		.settings = service->settings,
	};

	if (outfit_store(&outfit, err) < 0 ||
	    outfit_health(&outfit, &service->health, err) < 0)
		return -1;
	outfit_router(&outfit, &events, service);
	outfit_hook(&outfit);
	service->adhoc = outfit_adhoc(&outfit, service->calls);
	service->control = outfit_control(&outfit, service->calls);
	return 0;
}

static void
start(struct service *service)
{
	const struct component *component = component_of(service);
	struct tables_plan plan = {
		.component = component, .settings = service->settings,
	};
	struct error err = { 0 };

	if (make_parts(service, &err) < 0) {
		fail(service, "service", &err);
		return;
	}
	service->dispatch = dispatch_new(&service->runtime, component,
					 on_owed, service);
	dispatch_put_first(service->dispatch, on_first, &service->runtime);
	if (!tables_are_used(component, service->settings)) {
		begin(service);
		return;
	}
	uv_timer_start(&service->timer, on_waiting, PATIENCE_MS, 0);
	plan.store = service->runtime.store;
	tables_prepare(&plan, on_migrated, service);
}

static struct service *
service_new(const struct service_plan *plan, struct settings *settings)
{
	static const struct daemon_events events = {
		.stop = on_stop, .reload = on_reload,
	};
	const struct component_settings *own =
		settings_section(settings, plan->component->name);
	const struct store_section *store =
		settings_section(settings, "store");
	struct service *service;

	ensure((service = calloc(1, sizeof(*service))) != NULL);
	service->plan = *plan;
	service->settings = settings;
	ensure((service->domain = strdup(own->domain)) != NULL);
	ensure((service->schema = strdup(store->schema)) != NULL);
	ensure(uv_loop_init(&service->loop) == 0);
	uv_timer_init(&service->loop, &service->timer);
	service->timer.data = service;
	service->runtime.loop = &service->loop;
	service->runtime.domain = service->domain;
	service->runtime.admins = own->admins;
	service->runtime.schema = service->schema;
	service->runtime.started_ns = uv_hrtime();
	service->runtime.metrics = metrics_new();
	service->calls = calls_new(&service->runtime, plan->component);
	process_add_metrics(service->runtime.metrics, plan->component->name);
	entity_init(&service->entity, plan->component, own);
	service->daemon = daemon_new(&service->loop, plan->component->name,
				     &events, service,
				     service->runtime.metrics);
	return service;
}

static void
service_free(struct service *service)
{
	uv_close((uv_handle_t *)&service->timer, NULL);
	uv_run(&service->loop, UV_RUN_NOWAIT);
	if (uv_loop_close(&service->loop) != 0)
		log_debug("service: the loop is not empty");
	metrics_free(&service->runtime.metrics);
	settings_free(&service->settings);
	free(service->domain);
	free(service->schema);
	free(service);
}

int
service_run(const struct service_plan *plan, struct settings *settings)
{
	struct service *service;
	int status;

	signal(SIGPIPE, SIG_IGN);
	if (geteuid() == 0)
		log_warning("service: running as root; any other user will "
			    "do");
	service = service_new(plan, settings);
	start(service);
	uv_run(&service->loop, UV_RUN_DEFAULT);
	status = service->status;
	log_info("service: stopped");
	service_free(service);
	return status;
}
