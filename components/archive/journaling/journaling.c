#include "components/archive/journaling/journaling.h"

#include <stdlib.h>
#include <string.h>

#include "components/archive/format/record.h"
#include "components/archive/journaling/smtp.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/groups.h"
#include "shared/section.h"
#include "shared/str.h"

static const struct setting settings[] = {
	SETTING(STRING, journaling_settings, server, "",
		"The mail server, smtps://HOST (TLS from the first, port "
		"465), or smtp://HOST:PORT."),
	SETTING(BOOL, journaling_settings, starttls, "yes",
		"Whether smtp:// goes on with TLS (STARTTLS), and not without; "
		"no only for a server on this machine."),
	SETTING(STRING, journaling_settings, ca, "",
		"A file of certificates that the server must be vouched for "
		"by; empty for those the system trusts."),
	SETTING(STRING, journaling_settings, cert, "",
		"A file with our certificate, for servers that ask for one."),
	SETTING(STRING, journaling_settings, key, "",
		"A file with its key."),
	SETTING(STRING, journaling_settings, user, "",
		"Who we are for the server; empty when it does not ask."),
	SETTING(SECRET, journaling_settings, password, "",
		"The password of that user; \"file:PATH\" reads a file."),
	SETTING(STRING, journaling_settings, from, "",
		"The address that mails come from, and that hears of those "
		"that cannot be delivered."),
	SETTING(STRING, journaling_settings, to, "",
		"The address of the archive, as its provider has named it."),
	SETTING(LIST, journaling_settings, users, "",
		"Whose messages are mailed, sent and received, in rooms what "
		"they say themselves; with those of domains, groups and "
		"rooms.  All four empty: all messages."),
	SETTING(LIST, journaling_settings, domains, "",
		"The same of all users and rooms of these domains."),
	SETTING(LIST, journaling_settings, groups, "",
		"The same of all of these groups: sections group."),
	SETTING(LIST, journaling_settings, rooms, "",
		"The same of what is said in these rooms."),
	SETTING(LIST, journaling_settings, kinds, "",
		"Only messages of these types: normal, chat, groupchat; empty "
		"for all that are archived."),
	SETTING_RANGE(SECS, journaling_settings, window, "0s", 0, 7 * 86400,
		      "0: a mail for each message.  Else a mail has what was "
		      "said in a conversation in so long, and is sent then."),
	SETTING_RANGE(UINT, journaling_settings, connections, "2", 1, 32,
		      "Most mails on their way at once."),
	SETTING_RANGE(SECS, journaling_settings, timeout, "2m", 1, 3600,
		      "How long the server may take for one."),
	SETTING_RANGE(UINT, journaling_settings, refusals, "5", 1, 1000,
		      "After so many refusals for good, while others are "
		      "taken, a mail is set aside."),
	SETTING_RANGE(SECS, journaling_settings, alarm, "1h", 1, 0,
		      "How old what waits may be, besides its window, before "
		      "that wants somebody's attention."),
	{ .name = NULL }
};

const struct setting_section journaling_section = {
	"journaling", settings, sizeof(struct journaling_settings)
};

struct journaling {
	struct arena *arena;
	const char *title;
	struct journaling_settings own;
	struct groups *groups;
};

static struct smtp_plan
plan_of(const struct journaling_settings *own)
{
	return (struct smtp_plan){
		.server = own->server, .starttls = own->starttls,
		.ca = own->ca, .cert = own->cert, .key = own->key,
		.user = own->user, .password = own->password,
		.from = own->from, .to = own->to,
		.connections = own->connections,
		.timeout_ms = own->timeout * 1000,
	};
}

static int
check_kinds(const char *const *list, struct error *err)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, "normal") != 0 &&
		    strcmp(*list, "chat") != 0 &&
		    strcmp(*list, "groupchat") != 0)
			return error_set(err, ERROR_BAD_REQUEST, "%.40s is "
					 "none of normal, chat and groupchat",
					 *list);
	return 0;
}

static int
check_own(const struct journaling_settings *own, const struct groups *groups,
	  struct error *err)
{
	const struct smtp_plan plan = plan_of(own);

	return smtp_check(&plan, err) < 0 ||
	       section_check_addresses(own->users, false, err) < 0 ||
	       section_check_addresses(own->domains, true, err) < 0 ||
	       groups_check(groups, own->groups, err) < 0 ||
	       section_check_addresses(own->rooms, false, err) < 0 ||
	       check_kinds(own->kinds, err) < 0 ? -1 : 0;
}

int
journaling_check(const struct setting_titled *titled,
		 const struct groups *groups, struct error *err)
{
	for (; titled->title != NULL; titled++) {
		struct error why = { 0 };

		if (check_own(titled->values, groups, &why) < 0)
			return error_set(err, ERROR_BAD_REQUEST, "\"%.60s\": "
					 "%s", titled->title, why.text);
	}
	return 0;
}

static const char *const *
copy_list(struct arena *arena, const char *const *list)
{
	const char **copy;
	size_t count = 0;

	while (list[count] != NULL)
		count++;
	copy = arena_alloc(arena, (count + 1) * sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = arena_strdup(arena, list[i]);
	return copy;
}

static void
copy_texts(struct arena *arena, struct journaling_settings *own)
{
	const char **texts[] = {
		&own->server, &own->ca, &own->cert, &own->key, &own->user,
		&own->password, &own->from, &own->to,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = arena_strdup(arena, *texts[i]);
}

struct journaling *
journaling_new(const struct setting_titled *titled, struct groups *groups)
{
	struct journaling *journaling = calloc(1, sizeof(*journaling));
	struct journaling_settings *own;

	ensure(journaling != NULL);
	journaling->arena = arena_new();
	journaling->title = arena_strdup(journaling->arena, titled->title);
	own = &journaling->own;
	*own = *(const struct journaling_settings *)titled->values;
	copy_texts(journaling->arena, own);
	own->users = copy_list(journaling->arena, own->users);
	own->domains = copy_list(journaling->arena, own->domains);
	own->groups = copy_list(journaling->arena, own->groups);
	own->rooms = copy_list(journaling->arena, own->rooms);
	own->kinds = copy_list(journaling->arena, own->kinds);
	journaling->groups = groups_ref(groups);
	return journaling;
}

void
journaling_free(struct journaling **journaling)
{
	if (*journaling == NULL)
		return;
	groups_unref(&(*journaling)->groups);
	arena_free(&(*journaling)->arena);
	free(*journaling);
	*journaling = NULL;
}

const char *
journaling_title(const struct journaling *journaling)
{
	return journaling->title;
}

const struct journaling_settings *
journaling_settings(const struct journaling *journaling)
{
	return &journaling->own;
}

void
journaling_plan(const struct journaling *journaling, struct smtp_plan *plan_r)
{
	*plan_r = plan_of(&journaling->own);
}

static bool
has(const char *const *list, const char *text, size_t len)
{
	for (; *list != NULL; list++)
		if (strncmp(*list, text, len) == 0 && (*list)[len] == '\0')
			return true;
	return false;
}

/* An address, or that of a room's archive, which goes on behind a slash. */
static bool
is_of(const char *const *domains, const char *address)
{
	const char *at = strchr(address, '@');
	const char *domain = at == NULL ? address : at + 1;

	return has(domains, domain, strcspn(domain, "/"));
}

/* The same. */
static bool
is_in_groups(const struct journaling *journaling, const char *address)
{
	char *bare = str_dup(address);
	bool found;

	bare[strcspn(bare, "/")] = '\0';
	found = groups_any_has(journaling->groups, journaling->own.groups,
			       bare);
	free(bare);
	return found;
}

static bool
is_said_in(const char *const *rooms, const struct archive_row *row)
{
	return row->type == ARCHIVE_GROUPCHAT &&
	       has(rooms, row->recipient, strcspn(row->recipient, "/"));
}

bool
journaling_wants(const struct journaling *journaling,
		 const struct archive_row *row)
{
	const struct journaling_settings *own = &journaling->own;
	const char *kind = record_type(row);

	if (own->kinds[0] != NULL && !has(own->kinds, kind, strlen(kind)))
		return false;
	if (own->users[0] == NULL && own->domains[0] == NULL &&
	    own->groups[0] == NULL && own->rooms[0] == NULL)
		return true;
	return has(own->users, row->sender, strlen(row->sender)) ||
	       has(own->users, row->recipient, strlen(row->recipient)) ||
	       is_of(own->domains, row->sender) ||
	       is_of(own->domains, row->recipient) ||
	       is_in_groups(journaling, row->sender) ||
	       is_in_groups(journaling, row->recipient) ||
	       is_said_in(own->rooms, row);
}
