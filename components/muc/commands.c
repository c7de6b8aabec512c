#include "components/muc/commands.h"

#include "components/muc/handover.h"
#include "components/muc/target.h"
#include "shared/archive_import.h"

#define LIMIT \
	COMMAND_FIELD("limit", UINT, "Most rooms", .def = "100", .min = 1, \
		      .max = 10000)
#define AFTER COMMAND_FIELD("after", TEXT, "Only rooms after this address")
#define REASON COMMAND_FIELD("reason", TEXT, "Reason, told to the people")
#define END { .name = NULL }

static const char *const kinds[] = {
	"all", "public", "hidden", "persistent", "temporary", NULL
};
static const char *const affiliations[] = {
	"owner", "admin", "member", "outcast", NULL
};
static const char *const new_affiliations[] = {
	"owner", "admin", "member", "none", "outcast", NULL
};

static const struct command_field list_fields[] = {
	COMMAND_FIELD("filter", TEXT, "Part of the room's name or address"),
	COMMAND_FIELD("kind", CHOICE, "Which rooms", .def = "all",
		      .choices = kinds),
	LIMIT,
	AFTER,
	END
};

static const struct command_field search_fields[] = {
	COMMAND_FIELD("text", TEXT,
		      "Part of an address, a name or a description",
		      .required = true),
	LIMIT,
	AFTER,
	END
};

static const struct command_column list_columns[] = {
	{ "room", COMMAND_JID, "Room" },
	{ "name", COMMAND_TEXT, "Name" },
	{ "occupants", COMMAND_UINT, "Occupants" },
	{ "public", COMMAND_BOOL, "Public" },
	{ "persistent", COMMAND_BOOL, "Persistent" },
	END
};

static const struct command_column search_columns[] = {
	{ "room", COMMAND_JID, "Room" },
	{ "name", COMMAND_TEXT, "Name" },
	{ "occupants", COMMAND_UINT, "Occupants" },
	{ "description", COMMAND_TEXT, "Description" },
	END
};

static const struct command_field room_field[] = { TARGET_FIELD, END };

static const struct command_column show_columns[] = {
	{ "room", COMMAND_JID, "Room" },
	{ "state", COMMAND_TEXT, "State" },
	{ "subject", COMMAND_TEXT, "Subject" },
	{ "occupants", COMMAND_LIST, "Occupants" },
	{ "owners", COMMAND_LIST, "Owners" },
	{ "affiliations", COMMAND_UINT, "Affiliations" },
	{ "history", COMMAND_UINT, "Messages kept" },
	{ "options", COMMAND_LIST, "Options" },
	END
};

static const struct command_field create_fields[] = {
	TARGET_FIELD,
	COMMAND_FIELD("owner", JID, "Owner, unless it is you",
		      .person = true),
	COMMAND_FIELD("options", LIST, "Options, as roomname=Garden",
		      .rest = true, .quiet = true),
	END
};

static const struct command_field configure_fields[] = {
	TARGET_FIELD,
	COMMAND_FIELD("options", LIST, "Options, as membersonly=1",
		      .required = true, .rest = true, .quiet = true),
	END
};

static const struct command_field destroy_fields[] = {
	TARGET_FIELD,
	REASON,
	COMMAND_FIELD("venue", JID, "Where to go instead"),
	END
};

static const struct command_field affiliations_fields[] = {
	TARGET_FIELD,
	COMMAND_FIELD("affiliation", CHOICE, "Only this one",
		      .choices = affiliations),
	END
};

static const struct command_column affiliations_columns[] = {
	{ "address", COMMAND_JID, "Address" },
	{ "affiliation", COMMAND_TEXT, "Affiliation" },
	{ "nick", COMMAND_TEXT, "Reserved nick" },
	{ "reason", COMMAND_TEXT, "Reason" },
	END
};

static const struct command_field affiliate_fields[] = {
	TARGET_FIELD,
	COMMAND_FIELD("address", JID, "Whose affiliation", .required = true),
	COMMAND_FIELD("affiliation", CHOICE, "What they shall be",
		      .choices = new_affiliations, .required = true),
	REASON,
	END
};

static const struct command_field ban_fields[] = {
	TARGET_FIELD,
	COMMAND_FIELD("address", JID, "Person, or domain, to keep out",
		      .required = true),
	REASON,
	END
};

static const struct command_field kick_fields[] = {
	TARGET_FIELD,
	COMMAND_FIELD("nick", TEXT, "Nick of who has to go",
		      .required = true),
	REASON,
	END
};

static const struct command_field broadcast_fields[] = {
	COMMAND_FIELD("text", LINES, "What to say", .required = true),
	COMMAND_FIELD("room", TEXT, "Only in this room"),
	END
};

static const struct command_field import_fields[] = {
	ARCHIVE_IMPORT_FIELDS,
	END
};

static const struct command_column import_columns[] = {
	ARCHIVE_IMPORT_COLUMNS("room", "Room"),
	END
};

const struct command muc_commands[] = {
	{ .name = "list", .title = "List rooms",
	  .help = "Lists rooms by address, hidden and stored ones as well, "
		  "page by page.",
	  .fields = list_fields, .columns = list_columns,
	  .run = muc_command_list },
	{ .name = "search", .title = "Search rooms",
	  .help = "Finds rooms by a part of their address, name or "
		  "description.",
	  .fields = search_fields, .columns = search_columns,
	  .run = muc_command_search },
	{ .name = "show", .title = "Show a room",
	  .help = "Shows who is in a room, who owns it, and its options.",
	  .fields = room_field, .columns = show_columns, .record = true,
	  .run = muc_command_show },
	{ .name = "create", .title = "Create a room",
	  .help = "Makes a persistent room, open at once, with the service's "
		  "default options and those given.",
	  .fields = create_fields, .run = muc_command_create },
	{ .name = "configure", .title = "Configure a room",
	  .help = "Changes the options that are given, of those that "
		  "command show shows; people in the room are told.",
	  .fields = configure_fields, .run = muc_command_configure },
	{ .name = "destroy", .title = "Destroy a room",
	  .help = "Ends a room for good: everybody in it is removed, and "
		  "nothing of it stays stored.",
	  .fields = destroy_fields, .run = muc_command_destroy },
	{ .name = "affiliations", .title = "List the affiliations of a room",
	  .help = "Lists owners, admins, members and outcasts of a room.",
	  .fields = affiliations_fields, .columns = affiliations_columns,
	  .run = muc_command_affiliations },
	{ .name = "affiliate", .title = "Change an affiliation",
	  .help = "Makes somebody an owner, admin, member or outcast of a "
		  "room, or nothing of that.",
	  .fields = affiliate_fields, .run = muc_command_affiliate },
	{ .name = "ban", .title = "Ban somebody from a room",
	  .help = "Makes a person, or all of a domain, an outcast of a room, "
		  "and removes them.",
	  .fields = ban_fields, .run = muc_command_ban },
	{ .name = "kick", .title = "Kick somebody out of a room",
	  .help = "Removes an occupant, who may come again.",
	  .fields = kick_fields, .run = muc_command_kick },
	{ .name = "broadcast", .title = "Say something in all rooms",
	  .help = "Sends a message from the rooms themselves to everybody in "
		  "them; it is not kept in their history.",
	  .fields = broadcast_fields, .run = muc_command_broadcast },
	{ .name = "import", .title = "Import rooms' archives",
	  .help = "Takes over what was said in rooms when Prosody or ejabberd "
		  "had them, for rooms that are here and have an archive: "
		  "what was taken before is not taken again.  Rows tell what "
		  "is not taken, and why.",
	  .fields = import_fields, .columns = import_columns, .local = true,
	  .run = handover_run },
	END
};
