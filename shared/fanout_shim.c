#include "shared/fanout_shim.h"

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "shared/hook.h"
#include "shared/log.h"
#include "shared/request.h"
#include "shared/str.h"

#define PAUSE_MS 60000

void
fanout_shim_init(struct fanout_shim *shim, const struct runtime *runtime)
{
	*shim = (struct fanout_shim){ .runtime = runtime };
}

static const struct hook_host *
find_offering(const struct fanout_shim *shim)
{
	const struct hook *hook = shim->runtime->hook;

	return hook == NULL ? NULL : hook_offering(hook, HOOK_FANOUT);
}

/* With a hello it begins anew. */
static bool
is_left_alone(const struct fanout_shim *shim, const struct hook_host *host)
{
	return host->hellos == shim->hellos &&
	       uv_now(shim->runtime->loop) < shim->until_ms;
}

const struct hook_host *
fanout_shim_find(const struct fanout_shim *shim)
{
	const struct hook_host *host = find_offering(shim);

	return host == NULL || is_left_alone(shim, host) ? NULL : host;
}

void
fanout_shim_use(struct fanout_shim *shim, const struct hook_host *host)
{
	if (host == shim->host)
		return;
	shim->host = host;
	if (host != NULL)
		log_info("fanout: what is for many goes to the shim of %s",
			 host->domain);
	else
		log_info("fanout: what is for many goes to each");
}

void
fanout_shim_leave_alone(struct fanout_shim *shim, const struct error *why)
{
	char text[ERROR_PRINT_SIZE];

	log_warning("fanout: the shim of %s did not do it: %s; for %d s each "
		    "gets a stanza of its own", shim->host->domain,
		    error_print(why, text), PAUSE_MS / 1000);
	shim->until_ms = uv_now(shim->runtime->loop) + PAUSE_MS;
	shim->hellos = shim->host->hellos;
	shim->why = *why;
	fanout_shim_use(shim, NULL);
}

void
fanout_shim_explain(const struct fanout_shim *shim, struct str *out)
{
	const struct hook_host *host = find_offering(shim);
	char why[ERROR_PRINT_SIZE];
	uint64_t left;

	if (host == NULL) {
		str_addz(out, "no shim has fanout");
		return;
	}
	left = shim->until_ms - uv_now(shim->runtime->loop);
	str_addf(out, "the shim of %s did not do it: %s; it is asked again in "
		 "%u s", host->domain, error_print(&shim->why, why),
		 (unsigned)((left + 999) / 1000));
}
