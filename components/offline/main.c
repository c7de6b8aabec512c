#include "components/offline/arrival.h"
#include "components/offline/commands.h"
#include "components/offline/custody.h"
#include "components/offline/leaver.h"
#include "components/offline/office.h"
#include "components/offline/offline.h"
#include "components/offline/retrieval.h"
#include "components/offline/withdrawal.h"
#include "shared/hook.h"

static const struct handler handlers[] = {
	{ HANDLER_END, TO_ANY, NULL, NULL, NULL }
};

static const struct hook_use hooks = {
	.needs = HOOK_STORE | HOOK_PRESENCE | HOOK_DELIVER,
	.uses = HOOK_DELEGATE,
	.on = {
		[HOOK_ON_TAP] = leaver_on_tap,
		[HOOK_ON_STORE] = custody_on_store,
		[HOOK_ON_WITHDRAW] = withdrawal_on_withdraw,
		[HOOK_ON_ONLINE] = arrival_on_online,
		[HOOK_ON_OFFLINE] = arrival_on_offline,
		[HOOK_ON_DELEGATED] = retrieval_on_request,
	},
	.host = office_on_host,
};

static const struct component offline = {
	.name = "offline",
	.category = "component",
	.type = "generic",
	.handlers = handlers,
	.hooks = &hooks,
	.commands = offline_commands,
	.settings = offline_settings_table,
	.settings_size = sizeof(struct offline_settings),
	.stored = true,
	.durable = true,
	.start = office_start,
	.reload = office_reload,
	.stop = office_stop,
	.free = office_free,
};

int
main(int argc, char **argv)
{
	return component_main(&offline, argc, argv);
}
