#include "components/archive/archive.h"

#include "components/archive/intake/disclosure.h"
#include "components/archive/journaling/journaling.h"
#include "components/archive/keep/compliance.h"
#include "components/archive/policy/policy.h"
#include "components/archive/retention/pending.h"
#include "components/archive/rules/clause.h"
#include "shared/archive_profile.h"
#include "shared/archive_row.h"
#include "shared/groups.h"
#include "shared/metric.h"

/* So that one message always fits into the journal. */
#define JOURNAL_BYTES_MIN (2 * ARCHIVE_ROW_MAX)

const struct setting archive_settings_table[] = {
	COMPONENT_SETTINGS(archive_settings, "Message archive"),
	SETTING_FIXED(STRING, archive_settings, journal,
		      "/var/lib/annex/archive.journal",
		      "The file where messages wait until the database has "
		      "them; an SQLite file, made when it is not there."),
	{ .name = "journal_bytes", .type = SETTING_BYTES, .def = "1G",
	  .offset = SETTING_OFFSET(size_t, archive_settings, journal_bytes),
	  .min = JOURNAL_BYTES_MIN, .restart = true,
	  .help = "How much may wait there, or was put aside, 8M at least; "
		  "beyond that the router keeps its copies." },
	SETTING_RANGE(UINT, archive_settings, page_max, "100", 10, 250,
		      "How many messages users get in one answer at most, when "
		      "they read their archives."),
	SETTING(BOOL, archive_settings, preferences, "no",
		"Whether users choose which of their messages are kept for "
		"them (XEP-0441); where not, all are, whatever they chose "
		"before."),
	SETTING_CHOICE(archive_settings, default_preference, "always",
		       "always never",
		       "What holds for those who have not chosen, where they "
		       "may."),
	SETTING(LIST, archive_settings, auditors, "",
		"Addresses of those who may search all messages by XMPP, and "
		"see the log of who did."),
	SETTING(LIST, archive_settings, reviewers, "",
		"Addresses of those who may see, release and reject by XMPP "
		"what is held for review."),
	SETTING(LIST, archive_settings, retention, "",
		"How long messages stay, rules such as \"user "
		"romeo@example.org 30d\": the first counts that is about a "
		"message; what none is about stays for ever."),
	SETTING_RANGE(SECS, archive_settings, retention_pause, "1h", 1, 0,
		      "How long until all archives are looked through again "
		      "for what is over."),
	SETTING(SECS, archive_settings, held_for, "0s",
		"How long what is held for review or until a server works "
		"waits for a decision; then it goes, unless a legal hold "
		"covers it.  0: it waits for ever."),
	SETTING_RANGE(UINT, archive_settings, held_max, "100000", 0,
		      PENDING_COUNTED,
		      "How many stanzas may be held at once, for review or "
		      "until a server works, about; with more it goes by "
		      "on_failure of the policy, where spool is closed.  0: "
		      "any number."),
	{ .name = "retract", .type = SETTING_STRING,
	  .offset = SETTING_OFFSET(const char *, archive_settings, retract),
	  .def = "tombstone", .choices = "tombstone keep", .restart = true,
	  .help = "What becomes of a message that its sender retracts "
		  "(XEP-0424): all that is left is that there was one, unless "
		  "it is held (tombstone); or its text stays, for auditors "
		  "alone (keep)." },
	SETTING(BOOL, archive_settings, rooms_elsewhere, "no",
		"Whether what users say and are shown in rooms that annex-muc "
		"does not keep, other servers' or the router's own, is kept "
		"for auditors; of some of them: sections compliance."),
	SETTING_SECTIONS(archive_settings, group, &groups_section,
			 "People whom policies and rules of retention name "
			 "together, as \"group NAME\"; and sections "
			 "\"events\", \"disclosure\", \"journaling\" "
			 "and \"compliance\" by the name alone."),
	SETTING_SECTIONS(archive_settings, rule, &clause_section,
			 "Rules that policies name.  One is about a stanza of "
			 "which all is true that it says."),
	SETTING_SECTIONS(archive_settings, policy, &policy_section,
			 "How the stanzas are judged that the router's module "
			 "holds by the profile of that name; those of profiles "
			 "without one by the policy \"default\"."),
	SETTING_SECTIONS(archive_settings, events, &archive_profile_section,
			 "Events that go into the archive as well: invitation, "
			 "subscription, file, presence.  One is recorded when "
			 "any of these sections wants it."),
	SETTING_SECTIONS(archive_settings, disclosure, &disclosure_section,
			 "People who are told that what they say to each other "
			 "is archived; the first section counts that is about "
			 "one of both."),
	SETTING_SECTIONS(archive_settings, journaling, &journaling_section,
			 "Where messages are mailed to as well, as to an "
			 "archive of mail (SMTP journaling): those stored from "
			 "the first start with that section on."),
	SETTING_SECTIONS(archive_settings, compliance, &compliance_section,
			 "Whose messages are kept, for auditors alone, though "
			 "somebody asks that they are not."),
	{ .name = NULL }
};

void
archive_add_metrics(struct archive *archive)
{
	static const char *const outcomes[ARCHIVE_COUNTS] = {
		[ARCHIVE_COUNT_KEPT] = "outcome=\"kept\"",
		[ARCHIVE_COUNT_PASSED] = "outcome=\"passed_over\"",
		[ARCHIVE_COUNT_REFUSED] = "outcome=\"refused\"",
		[ARCHIVE_COUNT_LOST] = "outcome=\"lost\"",
	};

	for (size_t i = 0; i < ARCHIVE_COUNTS; i++)
		archive->counts[i] = metric_counter(
			archive->runtime->metrics,
			"annex_archive_copies_total", outcomes[i],
			"Copies of messages, by what became of them.");
	archive->cut = metric_counter(
		archive->runtime->metrics, "annex_archive_copies_cut_total",
		"", "Copies of which only a part is kept, as the rest was "
		"beyond a limit.");
}

void
archive_add(struct archive *archive, enum archive_count what, uint64_t n)
{
	metric_add(archive->counts[what], n);
}
