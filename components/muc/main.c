#include "components/muc/caretaker.h"
#include "components/muc/commands.h"
#include "components/muc/door.h"
#include "components/muc/handlers.h"
#include "components/muc/muc.h"
#include "shared/hook.h"
#include "shared/ns.h"

static const char *const features[] = {
	NS_MUC,
	NS_MUC "#stable_id",
	NS_MUC_REGISTER,
	NS_MUC_REQUEST,
	NS_MUC_ROOMCONFIG,
	NS_MUC_ROOMINFO,
	NS_OCCUPANT_ID,
	NS_RSM,
	NULL
};

static const struct handler handlers[] = {
	{ PRESENCE, TO_FULL, NULL, NULL, muc_on_presence },
	{ PRESENCE, TO_BARE, NULL, NULL, muc_on_presence_to_room },
	{ PRESENCE_ERROR, TO_ANY, NULL, NULL, muc_on_error },

	{ MESSAGE_GROUPCHAT, TO_BARE, NS_CLIENT, "subject", muc_on_subject },
	{ MESSAGE_GROUPCHAT, TO_BARE, NULL, NULL, muc_on_groupchat },
	{ MESSAGE_GROUPCHAT, TO_FULL, NULL, NULL,
	  muc_on_groupchat_to_occupant },
	{ MESSAGE, TO_FULL, NULL, NULL, muc_on_private },
	{ MESSAGE, TO_BARE, NS_MUC_USER, "x", muc_on_invite },
	{ MESSAGE, TO_BARE, NS_DATA, "x", muc_on_form },
	{ MESSAGE, TO_BARE, NULL, NULL, muc_on_message_to_room },
	{ MESSAGE_ERROR, TO_ANY, NULL, NULL, muc_on_error },

	{ IQ_GET, TO_HOST, NS_DISCO_ITEMS, "query", muc_on_rooms },
	{ IQ_GET, TO_BARE, NS_DISCO_INFO, "query", muc_on_room_info },
	{ IQ_GET, TO_BARE, NS_DISCO_ITEMS, "query", muc_on_room_items },
	{ IQ_GET, TO_BARE, NS_PING, "ping", muc_on_ping_to_room },
	{ IQ_GET, TO_BARE, NS_MUC_ADMIN, "query", muc_on_list },
	{ IQ_SET, TO_BARE, NS_MUC_ADMIN, "query", muc_on_change },
	{ IQ_GET, TO_BARE, NS_MUC_OWNER, "query", muc_on_owner_get },
	{ IQ_SET, TO_BARE, NS_MUC_OWNER, "query", muc_on_owner_set },
	{ IQ_GET, TO_BARE, NS_REGISTER, "query", muc_on_register_get },
	{ IQ_SET, TO_BARE, NS_REGISTER, "query", muc_on_register_set },
	{ IQ_GET, TO_BARE, NS_MAM, "query", muc_on_archive_form },
	{ IQ_SET, TO_BARE, NS_MAM, "query", muc_on_archive_query },
	{ IQ_GET, TO_BARE, NS_MAM, "metadata", muc_on_archive_ends },
	{ IQ_SET, TO_BARE, NS_MODERATE, "moderate", muc_on_moderate },
	{ IQ_GET, TO_FULL, NULL, NULL, muc_on_iq_to_occupant },
	{ IQ_SET, TO_FULL, NULL, NULL, muc_on_iq_to_occupant },
	{ HANDLER_END, TO_ANY, NULL, NULL, NULL }
};

static const struct hook_use hooks = {
	.uses = HOOK_FANOUT,
};

static const struct component muc = {
	.name = "muc",
	.category = "conference",
	.type = "text",
	.features = features,
	.handlers = handlers,
	.commands = muc_commands,
	.status = caretaker_status,
	.settings = muc_settings_table,
	.settings_size = sizeof(struct muc_settings),
	.stored = true,
	.archives = caretaker_archives,
	.check = muc_check,
	.start = caretaker_start,
	.reload = muc_reload,
	.stop = caretaker_stop,
	.free = caretaker_free,
	.admit = door_admit,
	.hooks = &hooks,
	.link = caretaker_link,
};

int
main(int argc, char **argv)
{
	return component_main(&muc, argc, argv);
}
