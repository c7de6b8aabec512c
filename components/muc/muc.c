#include "components/muc/muc.h"

#include <stdlib.h>
#include <string.h>

#include "components/muc/chronicle.h"
#include "shared/archive_profile.h"
#include "shared/archive_row.h"
#include "shared/error.h"
#include "shared/groups.h"
#include "shared/jid.h"
#include "shared/section.h"
#include "shared/str.h"

/* So that one message always fits into the journal. */
#define JOURNAL_BYTES_MIN (2 * ARCHIVE_ROW_MAX)

const struct setting muc_settings_table[] = {
	COMPONENT_SETTINGS(muc_settings, "Chatrooms"),
	SETTING(LIST, muc_settings, create, "local",
		"Who may create rooms: everyone, local, admins, addresses, "
		"domains."),
	SETTING(LIST, muc_settings, local, "",
		"The domains of local users; when empty, the service's own "
		"domain without its first label."),
	SETTING(LIST, muc_settings, defaults, "",
		"Options of a new room, as \"membersonly=1\"."),
	SETTING(BOOL, muc_settings, lock_new_rooms, "yes",
		"Keep others out of a new room until its owner has configured "
		"it."),
	SETTING(BOOL, muc_settings, lock_nicks, "no",
		"Give everyone who has registered a nick that nick."),
	SETTING_FIXED(STRING, muc_settings, archive, "none",
		"Of which rooms the archive keeps what is said: none; chosen, "
		"those whose owners have chosen it; persistent, these and all "
		"that stay when nobody is in them; or all."),
	SETTING_FIXED(STRING, muc_settings, journal,
		"/var/lib/annex/muc.journal",
		"The file where that waits until the database has it; an "
		"SQLite file, made when it is not there."),
	{ .name = "journal_bytes", .type = SETTING_BYTES, .def = "1G",
	  .offset = SETTING_OFFSET(size_t, muc_settings, journal_bytes),
	  .min = JOURNAL_BYTES_MIN, .restart = true,
	  .help = "How much may wait there, or was put aside, 8M at least; "
		  "what is said beyond that is not archived, or with log_first "
		  "refused." },
	SETTING(LIST, muc_settings, archive_unwanted, "",
		"Archived rooms, or \"all\" of them, of which messages that "
		"ask not to be stored (XEP-0334) are archived as well, for "
		"auditors alone."),
	SETTING_FIXED(BOOL, muc_settings, log_first, "no",
		"Show nobody what is said in an archived room before it is in "
		"the journal, and refuse what that does not take."),
	{ .name = "retract", .type = SETTING_STRING,
	  .offset = SETTING_OFFSET(const char *, muc_settings, retract),
	  .def = "tombstone", .choices = "tombstone keep", .restart = true,
	  .help = "What becomes of a message in an archive that its author or "
		  "a moderator retracts (XEP-0424, XEP-0425): all that is left "
		  "is that there was one, unless it is held (tombstone); or it "
		  "stays, for auditors alone (keep)." },
	SETTING(UINT, muc_settings, history, "100",
		"Most messages kept for those who enter a room."),
	SETTING(UINT, muc_settings, max_occupants, "1000",
		"Most people in any room; its owners and admins are let in "
		"beyond."),
	SETTING(UINT, muc_settings, max_clients, "20",
		"Most clients of one occupant of a room; 0 is no limit."),
	SETTING(UINT, muc_settings, max_affiliations, "10000",
		"Most people affiliated with one room."),
	SETTING(BYTES, muc_settings, max_message, "64K",
		"The largest message."),
	SETTING(BYTES, muc_settings, max_presence, "16K",
		"The largest presence."),
	SETTING(UINT, muc_settings, enter_rate, "5",
		"How many rooms a second one person may enter; 0 is no "
		"limit."),
	SETTING(UINT, muc_settings, enter_burst, "200",
		"Rooms entered at once before that limit counts."),
	SETTING(UINT, muc_settings, message_rate, "10",
		"Messages a second from one person, to all rooms; 0 is no "
		"limit.  Ten times as often may one ask for a page of an "
		"archive."),
	SETTING(UINT, muc_settings, message_burst, "50",
		"Messages sent at once before that limit counts."),
	SETTING(UINT, muc_settings, presence_rate, "2",
		"Changes of presence a second from one occupant; 0 is no "
		"limit."),
	SETTING(UINT, muc_settings, presence_burst, "20",
		"Changes made at once before that limit counts."),
	SETTING(UINT, muc_settings, request_rate, "6",
		"Registrations and declined invitations a minute from one "
		"person, and a tenth of the changes of affiliation of which "
		"people outside a room are told; 0 is no limit."),
	SETTING(UINT, muc_settings, request_burst, "20",
		"Requests made at once before that limit counts."),
	SETTING(SECS, muc_settings, room_idle, "5m",
		"How long an empty persistent room stays in memory."),
	SETTING_SECTIONS(muc_settings, group, &groups_section,
			 "People whom sections \"events\" name together."),
	SETTING_SECTIONS(muc_settings, events, &archive_profile_section,
			 "Events that go into the archive as well: join, "
			 "leave, kick, invitation, creation, configuration, "
			 "affiliation, destruction.  One is recorded when any "
			 "of these sections wants it."),
	{ .name = NULL }
};

static int
set_default(struct options *options, const char *row, struct error *err)
{
	const char *equals = strchr(row, '=');
	char *name;
	int ret;

	if (equals == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "\"%s\" is not NAME=VALUE", row);
	name = strndup(row, (size_t)(equals - row));
	ensure(name != NULL);
	ret = options_set(options, name, equals + 1, err);
	free(name);
	return ret;
}

static int
read_defaults(const struct muc_settings *settings, struct options *options_r,
	      struct error *err)
{
	options_init(options_r);
	for (size_t i = 0; settings->defaults[i] != NULL; i++) {
		if (set_default(options_r, settings->defaults[i], err) < 0) {
			options_fini(options_r);
			return -1;
		}
	}
	if (options_check(options_r, err) < 0) {
		options_fini(options_r);
		return -1;
	}
	return 0;
}

/* Besides words, who may create rooms is named as in muc_may_create(). */
static int
check_creators(const char *const *create, struct error *err)
{
	static const char *const words[] = {
		"everyone", "local", "admins", NULL
	};

	for (; *create != NULL; create++)
		if (!str_is_one_of(*create, words) &&
		    section_check_address(*create, false, err) < 0)
			return -1;
	return 0;
}

int
muc_check(const void *settings_, const char **which_r, struct error *err)
{
	const struct muc_settings *settings = settings_;
	struct options defaults;
	struct groups *groups;
	int ret;

	*which_r = "create";
	if (check_creators(settings->create, err) < 0)
		return -1;
	*which_r = "local";
	if (section_check_addresses(settings->local, true, err) < 0)
		return -1;
	*which_r = "defaults";
	if (read_defaults(settings, &defaults, err) < 0)
		return -1;
	options_fini(&defaults);
	*which_r = "group";
	if (groups_new(settings->group, &groups, err) < 0)
		return -1;
	ret = chronicle_check(settings, groups, which_r, err);
	groups_unref(&groups);
	return ret;
}

void
muc_reload(void *ctx, const void *settings)
{
	struct muc *muc = ctx;
	struct error err;

	muc->settings = settings;
	options_fini(&muc->defaults);
	ensure(read_defaults(settings, &muc->defaults, &err) == 0);
	groups_unref(&muc->groups);
	ensure(groups_new(muc->settings->group, &muc->groups, &err) == 0);
}

bool
muc_is_admin(const struct muc *muc, const struct jid *jid)
{
	return str_is_one_of(jid->bare, muc->settings->component.admins);
}

static bool
is_local(const struct muc *muc, const char *domain)
{
	const char *dot = strchr(muc->runtime->domain, '.');

	if (*muc->settings->local != NULL)
		return str_is_one_of(domain, muc->settings->local);
	return dot != NULL && strcmp(dot + 1, domain) == 0;
}

bool
muc_may_create(const struct muc *muc, const struct jid *jid)
{
	const char *const *create = muc->settings->create;

	return muc_is_admin(muc, jid) || str_is_one_of("everyone", create) ||
	       (str_is_one_of("local", create) && is_local(muc, jid->domain)) ||
	       str_is_one_of(jid->bare, create) ||
	       str_is_one_of(jid->domain, create);
}
