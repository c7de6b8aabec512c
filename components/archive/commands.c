#include "components/archive/commands.h"

#include "components/archive/command/period.h"
#include "components/archive/command/role.h"
#include "components/archive/command/sieve.h"
#include "components/archive/import/legacy.h"
#include "components/archive/policy/review.h"
#include "shared/archive_import.h"

#define END { .name = NULL }

static const char *const audit_whats[] = { "list", "verify", NULL };

static const char *const policy_whats[] = { "test", NULL };

static const char *const formats[] = { "csv", "eml", "jsonl", "mbox", NULL };

static const struct command_field export_fields[] = {
	COMMAND_FIELD("folder", TEXT, "The new folder for the files",
		      .required = true),
	COMMAND_FIELD("format", CHOICE, "What they are", .def = "jsonl",
		      .choices = formats),
	SIEVE_FIELDS,
	COMMAND_FIELD("events", BOOL, "Events as well, in a file of their "
		      "own"),
	END
};

static const struct command_field estimate_fields[] = {
	COMMAND_FIELD("users", UINT, "How many people", .required = true,
		      .min = 1, .max = 10000000),
	COMMAND_FIELD("messages-per-hour", UINT, "Messages that one of them "
		      "writes in a busy hour", .def = "10", .max = 1000),
	COMMAND_FIELD("hours", UINT, "Busy hours a month", .def = "200",
		      .max = 744),
	COMMAND_FIELD("characters", UINT, "Characters of a message",
		      .def = "100", .max = 65536),
	END
};

static const struct command_field audit_fields[] = {
	COMMAND_FIELD("what", CHOICE, "What to do", .choices = audit_whats,
		      .required = true),
	COMMAND_FIELD("limit", UINT, "Most entries to list", .def = "100",
		      .min = 1, .max = 10000),
	COMMAND_FIELD("before", UINT, "List only entries below this number"),
	COMMAND_FIELD("hash", TEXT, "Verify that one of them has this hash"),
	END
};

static const struct command_field search_fields[] = {
	SIEVE_FIELDS,
	COMMAND_FIELD("limit", UINT, "Most messages", .def = "100", .min = 1,
		      .max = 10000),
	COMMAND_FIELD("before", TEXT, "Only messages before this serial"),
	END
};

/* Those of archive_event.h. */
static const char *const event_kinds[] = {
	"affiliation", "configuration", "creation", "destruction", "file",
	"invitation", "join", "kick", "leave", "presence", "removal",
	"subscription", "verdict", NULL
};

static const struct command_field event_fields[] = {
	COMMAND_FIELD("participant", JID, "Only of what they did, or what was "
		      "about them"),
	COMMAND_FIELD("room", JID, "Only what was in it", .person = true),
	COMMAND_FIELD("kind", CHOICE, "Only of this kind",
		      .choices = event_kinds),
	PERIOD_FIELDS,
	COMMAND_FIELD("limit", UINT, "Most events", .def = "100", .min = 1,
		      .max = 10000),
	COMMAND_FIELD("before", TEXT, "Only events before this serial"),
	END
};

static const struct command_column event_columns[] = {
	{ "time", COMMAND_TEXT, "Time" },
	{ "kind", COMMAND_TEXT, "Kind" },
	{ "who", COMMAND_JID, "Who" },
	{ "where", COMMAND_JID, "Where" },
	{ "about", COMMAND_JID, "About" },
	{ "detail", COMMAND_TEXT, "Detail" },
	{ "id", COMMAND_TEXT, "Id" },
	{ "serial", COMMAND_TEXT, "Serial" },
	END
};

static const struct command_field policy_fields[] = {
	COMMAND_FIELD("what", CHOICE, "What to do", .choices = policy_whats,
		      .required = true),
	COMMAND_FIELD("policy", TEXT, "Only this policy"),
	COMMAND_FIELD("config", TEXT, "The policies of this file"),
	SIEVE_FIELDS,
	COMMAND_FIELD("show", UINT, "Show so many messages that rules are "
		      "about", .def = "0", .max = 10000),
	COMMAND_FIELD("rule", TEXT, "Of these, only those of this rule"),
	END
};

static const struct command_column policy_columns[] = {
	{ "policy", COMMAND_TEXT, "Policy" },
	{ "rule", COMMAND_TEXT, "Rule" },
	{ "verdict", COMMAND_TEXT, "Verdict" },
	{ "messages", COMMAND_UINT, "Messages" },
	{ "sent", COMMAND_TEXT, "Sent" },
	{ "from", COMMAND_JID, "From" },
	{ "to", COMMAND_JID, "To" },
	{ "text", COMMAND_LINES, "Text" },
	{ "id", COMMAND_TEXT, "Id" },
	END
};

static const struct command_column audit_columns[] = {
	{ "number", COMMAND_UINT, "Number" },
	{ "time", COMMAND_TEXT, "Time" },
	{ "who", COMMAND_TEXT, "Who" },
	{ "action", COMMAND_TEXT, "Action" },
	{ "detail", COMMAND_TEXT, "Detail" },
	{ "hash", COMMAND_TEXT, "Hash" },
	END
};

static const struct command_column search_columns[] = {
	{ "sent", COMMAND_TEXT, "Sent" },
	{ "from", COMMAND_JID, "From" },
	{ "to", COMMAND_JID, "To" },
	{ "type", COMMAND_TEXT, "Type" },
	{ "subject", COMMAND_TEXT, "Subject" },
	{ "text", COMMAND_LINES, "Text" },
	{ "encrypted", COMMAND_BOOL, "Encrypted" },
	{ "id", COMMAND_TEXT, "Id" },
	{ "serial", COMMAND_TEXT, "Serial" },
	{ "relation", COMMAND_TEXT, "Relation" },
	{ "about", COMMAND_TEXT, "About" },
	{ "linked", COMMAND_TEXT, "Linked" },
	{ "copies", COMMAND_TEXT, "Copies" },
	END
};

static const struct command_field held_fields[] = {
	COMMAND_FIELD("limit", UINT, "Most stanzas", .def = "100", .min = 1,
		      .max = 10000),
	COMMAND_FIELD("after", TEXT, "Only those behind that place, by which "
				     "an answer ends"),
	COMMAND_FIELD("id", TEXT, "Only the one of this id, whole"),
	END
};

static const struct command_field review_fields[] = {
	COMMAND_FIELD("id", TEXT, "Which one, by its id", .required = true),
	COMMAND_FIELD("reason", TEXT, "Why, for the audit log"),
	END
};

static const struct command_column held_columns[] = {
	{ "id", COMMAND_TEXT, "Id" },
	{ "sent", COMMAND_TEXT, "Sent" },
	{ "held", COMMAND_TEXT, "Held" },
	{ "from", COMMAND_TEXT, "From" },
	{ "to", COMMAND_TEXT, "To" },
	{ "profile", COMMAND_TEXT, "Profile" },
	{ "waits", COMMAND_TEXT, "Waits for a server of" },
	{ "text", COMMAND_LINES, "Text" },
	{ "stanza", COMMAND_TEXT, "Stanza" },
	END
};

static const struct command_column export_columns[] = {
	{ "name", COMMAND_TEXT, "File" },
	{ "text", COMMAND_LINES, "Text" },
	END
};

static const struct command_column estimate_columns[] = {
	{ "messages", COMMAND_UINT, "Messages a month" },
	{ "message_bytes", COMMAND_UINT, "Bytes of each" },
	{ "bytes", COMMAND_UINT, "Bytes a month" },
	{ "month", COMMAND_TEXT, "A month" },
	{ "safe", COMMAND_TEXT, "Half as much again" },
	{ "measured", COMMAND_TEXT, "Measured" },
	END
};

static const struct command_field hold_add_fields[] = {
	COMMAND_FIELD("matter", TEXT, "What it is held for",
		      .required = true),
	COMMAND_FIELD("whose", JID, "An address, or a domain with all of its "
				    "addresses", .required = true),
	PERIOD_FIELDS,
	COMMAND_FIELD("note", TEXT, "Anything to be remembered"),
	END
};

static const struct command_field hold_list_fields[] = {
	COMMAND_FIELD("matter", TEXT, "Only those of this matter"),
	COMMAND_FIELD("whose", JID, "Only those of this address or domain"),
	END
};

static const struct command_field hold_remove_fields[] = {
	COMMAND_FIELD("matter", TEXT, "What it was held for",
		      .required = true),
	COMMAND_FIELD("whose", JID, "Only that of this address or domain"),
	END
};

static const struct command_column hold_columns[] = {
	{ "matter", COMMAND_TEXT, "Matter" },
	{ "whose", COMMAND_JID, "Whose" },
	{ "since", COMMAND_TEXT, "Since" },
	{ "until", COMMAND_TEXT, "Until" },
	{ "by", COMMAND_TEXT, "By" },
	{ "added", COMMAND_TEXT, "Added" },
	{ "note", COMMAND_TEXT, "Note" },
	END
};

static const char *const posting_whats[] = { "forget", "list", "retry",
					     NULL };

static const struct command_field journal_fields[] = {
	COMMAND_FIELD("what", CHOICE, "What to do", .choices = posting_whats,
		      .required = true),
	COMMAND_FIELD("limit", UINT, "Most messages to list", .def = "100",
		      .min = 1, .max = 10000),
	COMMAND_FIELD("after", TEXT, "List only those behind that place, by "
				     "which an answer ends"),
	COMMAND_FIELD("serial", TEXT, "Retry only the message of that "
				      "serial"),
	COMMAND_FIELD("title", TEXT, "Forget what waits for the section that "
				     "had that title"),
	COMMAND_FIELD("domain", JID, "The section was that of a daemon of "
				     "that domain, which is gone"),
	END
};

static const struct command_column journal_columns[] = {
	{ "journaling", COMMAND_TEXT, "Journaling" },
	{ "serial", COMMAND_TEXT, "Serial" },
	{ "sent", COMMAND_TEXT, "Sent" },
	{ "from", COMMAND_TEXT, "From" },
	{ "to", COMMAND_TEXT, "To" },
	{ "aside", COMMAND_TEXT, "Set aside" },
	{ "reason", COMMAND_TEXT, "Reason" },
	END
};

static const struct command_field close_fields[] = {
	COMMAND_FIELD("user", JID, "Whose account it was", .person = true,
		      .required = true),
	END
};

static const struct command_field erase_fields[] = {
	COMMAND_FIELD("user", JID, "Who", .person = true, .required = true),
	END
};

static const struct command_column erase_columns[] = {
	{ "outcome", COMMAND_TEXT, "Outcome" },
	{ "matter", COMMAND_TEXT, "Matter" },
	{ "messages", COMMAND_UINT, "Messages" },
	END
};

static const struct command_field import_fields[] = {
	ARCHIVE_IMPORT_FIELDS,
	PERIOD_FIELDS,
	END
};

static const struct command_column import_columns[] = {
	ARCHIVE_IMPORT_COLUMNS("user", "User"),
	END
};

static const struct command_column retention_columns[] = {
	{ "rule", COMMAND_TEXT, "Rule" },
	{ "archives", COMMAND_UINT, "Archives" },
	{ "messages", COMMAND_UINT, "Messages" },
	{ "held", COMMAND_UINT, "Held" },
	{ "oldest", COMMAND_TEXT, "Oldest" },
	END
};

const struct command archive_commands[] = {
	{
		.name = "search", .title = "Search messages",
		.help = "Messages of all users, the latest first, with what "
			"was written.  Each search goes into the audit log "
			"before anything is shown.",
		.fields = search_fields, .columns = search_columns,
		.allows = role_is_auditor, .run = lookup_run,
	},
	{
		.name = "events", .title = "Show events",
		.help = "What people did rather than said, as far as sections "
			"\"events\" of configurations want it, the latest "
			"first.  Each look goes into the audit log before "
			"anything is shown.",
		.fields = event_fields, .columns = event_columns,
		.allows = role_is_auditor, .run = annals_run,
	},
	{
		.name = "export", .title = "Export messages",
		.help = "Messages of all users, whole and in order, with "
			"SHA256SUMS of all files, whose own sum is in the "
			"audit log: so it shows when any was changed.  "
			"annexctl writes them.",
		.fields = export_fields, .columns = export_columns,
		.files = true, .local = true, .run = export_run,
	},
	{
		.name = "audit", .title = "Show the audit log",
		.help = "Who has read or exported what: list shows the "
			"latest first; verify looks whether any entry was "
			"changed or taken out, and says the hash of the last. "
			" Keep that elsewhere, and give it the next time: so "
			"it shows when all were written anew.",
		.fields = audit_fields, .columns = audit_columns,
		.allows = role_is_auditor, .run = inspection_run,
	},
	{
		.name = "held", .title = "List held stanzas",
		.help = "What is kept until somebody has reviewed it, the "
			"oldest first, with what was written.",
		.fields = held_fields, .columns = held_columns,
		.allows = review_allows, .run = review_held,
	},
	{
		.name = "release", .title = "Release a held stanza",
		.help = "Lets it go on, with the time when it was sent.",
		.fields = review_fields, .allows = review_allows,
		.run = review_release,
	},
	{
		.name = "reject", .title = "Reject a held stanza",
		.help = "Removes it for good; what a matter holds of it stays "
			"as an event.  Its sender is told where the policy "
			"has a notice.",
		.fields = review_fields, .allows = review_allows,
		.run = review_reject,
	},
	{
		.name = "policy", .title = "Try policies",
		.help = "test: what the rules of policies, those in force or "
			"of another file, would have done with messages that "
			"are archived.  Nothing is done with them, and no "
			"server is asked.  It goes into the audit log first.",
		.fields = policy_fields, .columns = policy_columns,
		.local = true, .run = rehearsal_run,
	},
	{
		.name = "estimate", .title = "Estimate the size",
		.help = "How large the archive becomes, by what its messages "
			"take now, indexes included; where there are few, by "
			"what they usually take.",
		.fields = estimate_fields, .columns = estimate_columns,
		.record = true, .run = estimate_run,
	},
	{
		.name = "hold-add", .title = "Hold messages",
		.help = "From now on messages from and to an address, or all "
			"addresses of a domain, are neither removed nor "
			"changed in the archive, whatever else says so: all "
			"of them, or those sent in some time.",
		.fields = hold_add_fields, .run = matter_add,
	},
	{
		.name = "hold-list", .title = "List holds",
		.help = "What is held, in the order of the matters.",
		.fields = hold_list_fields, .columns = hold_columns,
		.run = matter_list,
	},
	{
		.name = "hold-remove", .title = "Remove holds",
		.help = "What a matter held is held no more by it, all of it "
			"or that of one address or domain.",
		.fields = hold_remove_fields, .run = matter_remove,
	},
	{
		.name = "close", .title = "Close an account's archive",
		.help = "From now on nobody who has that address reads in his "
			"archive what there is, as he is another: what the "
			"router's module does by itself of each account that "
			"the router removes.",
		.fields = close_fields, .run = closing_run,
	},
	{
		.name = "erase", .title = "Erase a person",
		.help = "Removes what somebody has written, in all archives, "
			"his own archive, and what of him waits for a "
			"reviewer; and replaces his address in those of "
			"others.  What is held stays, and goes once "
			"its last hold is removed.  It goes on when nobody "
			"waits for it any more, and after a restart.",
		.fields = erase_fields, .columns = erase_columns,
		.run = erasure_run,
	},
	{
		.name = "journal", .title = "Show mails set aside",
		.help = "Messages whose mails the server of a section "
			"journaling has refused for good: list shows them; "
			"retry has them sent again, all or one; forget "
			"removes all that waits for a section that is not in "
			"the configuration any more, or whose daemon has "
			"been gone for thirty days.",
		.fields = journal_fields, .columns = journal_columns,
		.run = posting_run,
	},
	{
		.name = "retention", .title = "Show what is over",
		.help = "What goes by each rule of the setting retention the "
			"next time all archives are looked through: from how "
			"many archives, and how many messages, one counting "
			"for each archive that it is in; and how many would "
			"but are held.  Nothing goes by this.",
		.columns = retention_columns, .run = forecast_run,
	},
	{
		.name = "import", .title = "Import a router's archive",
		.help = "Takes over what Prosody or ejabberd has archived for "
			"its users: what was taken before is not taken "
			"again.  Rows tell what is not taken, and why.",
		.fields = import_fields, .columns = import_columns,
		.local = true, .run = legacy_run,
	},
	END
};
