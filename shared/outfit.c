#include "shared/outfit.h"

#include "shared/adhoc.h"
#include "shared/component.h"
#include "shared/control.h"
#include "shared/control_socket.h"
#include "shared/error.h"
#include "shared/health.h"
#include "shared/hook.h"
#include "shared/log.h"
#include "shared/multicast.h"
#include "shared/parser.h"
#include "shared/router.h"
#include "shared/section.h"
#include "shared/store.h"
#include "shared/str.h"

static const struct component_settings *
own_settings(const struct outfit *outfit)
{
	return settings_section(outfit->settings, outfit->component->name);
}

/* Says in err where it stands.  Its value may be a secret. */
static int
blame_setting(const struct outfit *outfit, const char *section,
	      const char *name, struct error *err)
{
	return error_set(err, err->cond, "%s: %s.%s: %s",
			 settings_where(outfit->settings, section, name),
			 section, name, err->text);
}

int
outfit_store(const struct outfit *outfit, struct error *err)
{
	struct runtime *runtime = outfit->runtime;
	const struct store_section *section =
		settings_section(outfit->settings, "store");
	const struct store_settings settings = {
		.url = section->url,
		.read_timeout_secs = section->read_timeout,
		.queue_bytes = section->queue_bytes,
	};

	if (store_new(runtime->loop, &settings, runtime->metrics,
		      &runtime->store, err) < 0)
		return blame_setting(outfit, "store", "url", err);
	return 0;
}

int
outfit_health(const struct outfit *outfit, struct health **health_r,
	      struct error *err)
{
	const struct component_settings *own = own_settings(outfit);

	*health_r = NULL;
	if (own->monitor[0] == '\0' ||
	    health_new(outfit->runtime, own->monitor, health_r, err) == 0)
		return 0;
	return blame_setting(outfit, outfit->component->name, "monitor", err);
}

/* A copy of a message may be six times as large as the router's limit for the
   message itself, as it is escaped again: the sender chose its letters.  One
   that is refused is lost.  Only one at a time is read. */
static size_t
taken_bytes(const struct outfit *outfit, size_t stanza_bytes)
{
	const struct hook_use *use = outfit->component->hooks;
	size_t bytes = parser_limits_default.bytes;

	if (use == NULL || use->on[HOOK_ON_TAP] == NULL)
		return stanza_bytes;
	return bytes > stanza_bytes ? bytes : stanza_bytes;
}

void
outfit_router(const struct outfit *outfit, const struct router_events *events,
	      void *ctx)
{
	struct runtime *runtime = outfit->runtime;
	const struct router_section *section =
		settings_section(outfit->settings, "router");
	const struct router_settings settings = {
		.host = section->host, .port = section->port,
		.domain = runtime->domain,
		.secret = own_settings(outfit)->secret,
		.insecure = section->insecure,
		.stanza_bytes = section->stanza_bytes,
		.taken_bytes = taken_bytes(outfit, section->stanza_bytes),
		.queue_bytes = section->queue_bytes,
	};

	runtime->router = router_new(runtime->loop, &settings, events, ctx,
				     runtime->metrics);
}

void
outfit_hook(const struct outfit *outfit)
{
	struct runtime *runtime = outfit->runtime;
	const struct hook_use *use = outfit->component->hooks;
	const struct router_section *section =
		settings_section(outfit->settings, "router");
	const struct hook_settings settings = {
		.hosts = section->hosts,
		.stanza_bytes = section->stanza_bytes,
	};

	runtime->hook = hook_new(runtime, use, &settings);
	if (use != NULL && use->uses & HOOK_FANOUT)
		runtime->multicast = multicast_new(runtime);
}

struct adhoc *
outfit_adhoc(const struct outfit *outfit, struct calls *calls)
{
	const struct router_section *section =
		settings_section(outfit->settings, "router");

	/* Twice as much, once it is XML, may be just too large. */
	return adhoc_new(outfit->runtime->loop, calls,
			 section->stanza_bytes / 2);
}

struct control *
outfit_control(const struct outfit *outfit, struct calls *calls)
{
	const struct control_section *section =
		settings_section(outfit->settings, "control");
	struct control_socket_settings settings;
	struct control *control = NULL;
	struct str path = { 0 };
	struct error err;

	if (section->folder[0] == '\0')
		return NULL;
	section_add_socket(outfit->settings, outfit->component, &path);
	settings.path = path.data;
	ensure(control_socket_read_mode(section->mode, &settings.mode,
					&err) == 0);
	if (control_new(outfit->runtime, &settings, calls, &control, &err) < 0)
		log_warning("control: no socket for annexctl: %s", err.text);
	str_fini(&path);
	return control;
}
