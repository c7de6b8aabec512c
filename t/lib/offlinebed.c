#include "t/lib/offlinebed.h"

#include <stdlib.h>

#include "components/offline/office.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "t/lib/fake_store.h"

/* components/offline/main.c, which gives its constant to component_main(). */
int offline_main(int argc, char **argv);

static const struct component *declared;

int
component_main(const struct component *component, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	declared = component;
	return 0;
}

void
component_stopped(struct runtime *runtime)
{
	(void)runtime;
}

static const struct offline_settings usual = {
	.user_messages = 10, .sender_messages = 5, .at_limit = "bounce",
};

struct offlinebed *
offlinebed_new(void)
{
	struct offlinebed *bed = calloc(1, sizeof(*bed));
	struct error err;
	void *ctx;

	ensure(bed != NULL);
	offline_main(0, NULL);
	bed->settings = usual;
	bed->hooks = hookbed_new(declared->hooks, NULL);
	bed->store = bed->hooks->runtime.store = fake_store_new("offline");
	ensure(declared->start(&bed->hooks->runtime, &bed->settings, &ctx,
			       &err) == 0);
	bed->offline = ctx;
	hook_attend(bed->hooks->runtime.hook, ctx);
	hookbed_greet(bed->hooks, "hooks='store presence deliver delegate'");
	hookbed_sent(bed->hooks);
	return bed;
}

/* All that is under way ends one way or the other. */
static void
finish(struct offlinebed *bed)
{
	do
		fake_router_time_out(bed->hooks->runtime.router);
	while (fake_store_tell(bed->store) > 0);
}

void
offlinebed_free(struct offlinebed **bed_)
{
	struct offlinebed *bed = *bed_;

	declared->stop(bed->offline);
	finish(bed);
	declared->free(bed->offline);
	fake_store_free(&bed->store);
	hookbed_free(&bed->hooks);
	free(bed);
	*bed_ = NULL;
}

int
offlinebed_setup(void **state)
{
	*state = offlinebed_new();
	return 0;
}

int
offlinebed_teardown(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_free(&bed);
	return 0;
}

const char *
offlinebed_receive(struct offlinebed *bed, const char *stanza)
{
	const char *at_once = hookbed_receive(bed->hooks, stanza);

	fake_store_tell(bed->store);
	return arena_printf(bed->hooks->arena, "%s%s", at_once,
			    hookbed_sent(bed->hooks));
}
