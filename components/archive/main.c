#include "components/archive/archive.h"
#include "components/archive/archivist.h"
#include "components/archive/commands.h"
#include "components/archive/desk/desk.h"
#include "components/archive/intake/diary.h"
#include "components/archive/keep/revision.h"
#include "shared/hook.h"

static const struct handler handlers[] = {
	{ HANDLER_END, TO_ANY, NULL, NULL, NULL }
};

static const struct hook_use hooks = {
	.needs = HOOK_TAP,
	.uses = HOOK_CHECK | HOOK_DELIVER | HOOK_DELEGATE | HOOK_PRESENCE,
	.on = {
		[HOOK_ON_TAP] = diary_on_tap,
		[HOOK_ON_CHECK] = diary_on_check,
		[HOOK_ON_ONLINE] = diary_on_presence,
		[HOOK_ON_OFFLINE] = diary_on_presence,
		[HOOK_ON_DELEGATED] = desk_on_request,
	},
	.host = archivist_on_host,
};

static const struct component archive = {
	.name = "archive",
	.category = "component",
	.type = "generic",
	.handlers = handlers,
	.hooks = &hooks,
	.settings = archive_settings_table,
	.settings_size = sizeof(struct archive_settings),
	.commands = archive_commands,
	.status = archivist_status,
	.missing = archivist_add_missing,
	.stored = true,
	.durable = true,
	.check = archivist_check,
	.start = archivist_start,
	.reload = archivist_reload,
	.revise = revision_note,
	.stop = archivist_stop,
	.free = archivist_free,
};

int
main(int argc, char **argv)
{
	return component_main(&archive, argc, argv);
}
