#include "components/offline/commands.h"

#include "components/offline/import.h"

#define USER(...) \
	COMMAND_FIELD("user", JID, "Whose messages", .person = true, \
		      ##__VA_ARGS__)
#define END { .name = NULL }

static const struct command_field whose[] = { USER(), END };

static const struct command_field list_fields[] = {
	COMMAND_FIELD("limit", UINT, "Most users", .def = "100", .min = 1,
		      .max = 10000),
	COMMAND_FIELD("after", TEXT, "Only users after this address"),
	END
};

static const struct command_field show_fields[] = {
	USER(.required = true),
	END
};

static const struct command_field purge_fields[] = {
	USER(.required = true),
	COMMAND_FIELD("sender", JID, "Only messages from this address"),
	COMMAND_FIELD("id", TEXT, "Only the message of this id"),
	END
};

static const char *const sources[] = {
	"ejabberd", "ejabberd-sql", "prosody", "prosody-sql", NULL
};

static const struct command_field import_fields[] = {
	COMMAND_FIELD("source", CHOICE, "What it is", .choices = sources,
		      .required = true),
	COMMAND_FIELD("place", TEXT, "Where it is", .required = true,
		      .quiet = true),
	COMMAND_FIELD("from", JID, "Only messages of this host"),
	COMMAND_FIELD("host", JID, "The host whose messages they become"),
	COMMAND_FIELD("dry-run", BOOL, "Only count them"),
	END
};

static const struct command_column count_columns[] = {
	{ "users", COMMAND_UINT, "Users" },
	{ "messages", COMMAND_UINT, "Messages" },
	{ "oldest", COMMAND_TEXT, "Oldest" },
	END
};

static const struct command_column list_columns[] = {
	{ "user", COMMAND_JID, "User" },
	{ "messages", COMMAND_UINT, "Messages" },
	{ "oldest", COMMAND_TEXT, "Oldest" },
	{ "newest", COMMAND_TEXT, "Newest" },
	END
};

static const struct command_column show_columns[] = {
	{ "id", COMMAND_TEXT, "Id" },
	{ "sender", COMMAND_JID, "Sender" },
	{ "sent", COMMAND_TEXT, "Sent" },
	{ "bytes", COMMAND_UINT, "Bytes" },
	END
};

static const struct command_column export_columns[] = {
	{ "user", COMMAND_JID, "User" },
	{ "id", COMMAND_TEXT, "Id" },
	{ "sender", COMMAND_JID, "Sender" },
	{ "sent", COMMAND_TEXT, "Sent" },
	{ "arrived", COMMAND_TEXT, "Arrived" },
	{ "stanza", COMMAND_TEXT, "Stanza" },
	END
};

static const struct command_column import_columns[] = {
	{ "user", COMMAND_TEXT, "User" },
	{ "place", COMMAND_TEXT, "Place" },
	{ "skipped", COMMAND_TEXT, "Skipped because" },
	END
};

const struct command offline_commands[] = {
	{
		.name = "count", .title = "Count messages",
		.help = "How many messages wait, of all or for one user.",
		.fields = whose, .columns = count_columns, .record = true,
		.run = survey_count,
	},
	{
		.name = "list", .title = "List users with messages",
		.help = "Users for whom messages wait, in the order of their "
			"addresses.",
		.fields = list_fields, .columns = list_columns,
		.run = survey_list,
	},
	{
		.name = "show", .title = "Show a user's messages",
		.help = "From whom a user's messages are, in order, without "
			"what was written.",
		.fields = show_fields, .columns = show_columns,
		.run = survey_show,
	},
	{
		.name = "export", .title = "Export messages",
		.help = "All messages, or those of one user, whole and in "
			"order: JSON Lines with --json.  They stay.",
		.fields = whose, .columns = export_columns,
		.run = survey_export,
	},
	{
		.name = "purge", .title = "Remove a user's messages",
		.help = "Removes what waits for a user, all or from one "
			"sender, or one message by its id, which the command "
			"show tells.  Nobody is told.",
		.fields = purge_fields, .run = disposal_purge,
	},
	{
		.name = "import", .title = "Import a router's messages",
		.help = "Takes over what a router had stored for its users, "
			"with the time when each was sent and in order.  What "
			"was taken before is not taken again.  Rows tell what "
			"is not taken, and why.",
		.fields = import_fields, .columns = import_columns,
		.local = true, .run = import_run,
	},
	END
};
