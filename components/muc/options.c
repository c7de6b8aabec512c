#include "components/muc/options.h"

#include <inttypes.h>
#include <string.h>

#include "components/muc/option.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/ns.h"
#include "shared/store.h"

static const char *const allowpm[] = {
	"anyone", "participants", "moderators", "none", NULL
};
static const char *const whois[] = { "moderators", "anyone", NULL };
static const char *const roles[] = {
	"moderator", "participant", "visitor", NULL
};
static const char *const users[] = {
	"10", "20", "30", "50", "100", "200", "500", "1000", "none", NULL
};

#define PREFIX "muc#roomconfig_"
#define OPTION(kind, member, text, list) \
	{ PREFIX #member, OPTION_##kind, offsetof(struct options, member), \
	  text, list }

static const struct option table[] = {
	OPTION(TEXT, roomname, "Natural-language room name", NULL),
	OPTION(TEXT, roomdesc, "Short description of the room", NULL),
	OPTION(TEXT, lang, "Natural language for room discussions", NULL),
	OPTION(BOOL, persistentroom, "Keep the room when it is empty", NULL),
	OPTION(BOOL, publicroom, "List the room publicly", NULL),
	OPTION(BOOL, membersonly, "Only members may enter", NULL),
	OPTION(BOOL, passwordprotectedroom, "A password is needed to enter",
	       NULL),
	OPTION(SECRET, roomsecret, "Password", NULL),
	OPTION(BOOL, moderatedroom, "Only those with voice may speak", NULL),
	OPTION(BOOL, allowinvites,
	       "Members of a members-only room may invite others", NULL),
	OPTION(BOOL, changesubject, "Occupants may change the subject", NULL),
	OPTION(BOOL, enablelogging, "Log the discussions publicly", NULL),
	OPTION(BOOL, enablearchiving, "Keep what is said in the archive",
	       NULL),
	OPTION(CHOICE, allowpm, "Who may send private messages", allowpm),
	OPTION(CHOICE, whois, "Who may discover real addresses", whois),
	OPTION(SET, presencebroadcast, "Roles whose presence is broadcast",
	       roles),
	OPTION(SET, getmemberlist, "Roles that may retrieve the member list",
	       roles),
	OPTION(USERS, maxusers, "Most occupants at a time", users),
	{ "{" NS_ANNEX "}roomconfig_showabsent", OPTION_BOOL,
	  offsetof(struct options, showabsent),
	  "Show members who are not in the room", NULL },
	{ "muc#maxhistoryfetch", OPTION_NUMBER,
	  offsetof(struct options, maxhistoryfetch),
	  "Most messages of the past shown on entering", NULL },
	OPTION(TEXT, pubsub, "Associated publish-subscribe node", NULL),
};

#define TABLE_LEN (sizeof(table) / sizeof(table[0]))
#define ARCHIVING offsetof(struct options, enablearchiving)

void
options_init(struct options *options)
{
	memset(options, 0, sizeof(*options));
	for (size_t i = 0; i < TABLE_LEN; i++)
		option_init(&table[i], options);
	options->publicroom = true;
	options->presencebroadcast = OPTION_MODERATOR | OPTION_PARTICIPANT |
				     OPTION_VISITOR;
	options->maxhistoryfetch = 20;
}

void
options_copy(struct options *to, const struct options *from)
{
	*to = *from;
	for (size_t i = 0; i < TABLE_LEN; i++)
		option_own(&table[i], to);
}

void
options_fini(struct options *options)
{
	for (size_t i = 0; i < TABLE_LEN; i++)
		option_fini(&table[i], options);
	memset(options, 0, sizeof(*options));
}

bool
options_equal(const struct options *a, const struct options *b)
{
	for (size_t i = 0; i < TABLE_LEN; i++)
		if (!option_equal(&table[i], a, b))
			return false;
	return true;
}

int
options_check(const struct options *options, struct error *err)
{
	if (options->passwordprotectedroom && options->roomsecret[0] == '\0')
		return error_set_type(err, ERROR_NOT_ACCEPTABLE,
				      ERROR_TYPE_MODIFY,
				      "a password-protected room needs a "
				      "password");
	return 0;
}

int
options_submit(struct options *options, const struct form *form,
	       struct error *err)
{
	for (size_t i = 0; i < TABLE_LEN; i++) {
		const struct form_field *field =
			form_find(form, table[i].var);

		if (field != NULL &&
		    option_read(&table[i], options, field, err) < 0)
			return -1;
	}
	return options_check(options, err);
}

int
options_set(struct options *options, const char *name, const char *value,
	    struct error *err)
{
	for (size_t i = 0; i < TABLE_LEN; i++)
		if (strcmp(option_name(&table[i]), name) == 0)
			return option_set(&table[i], options, value, err);
	return error_set(err, ERROR_NOT_ACCEPTABLE, "no option %s", name);
}

void
options_print(const struct options *options, bool archiving,
	      struct arena *arena, struct xml *form)
{
	for (size_t i = 0; i < TABLE_LEN; i++)
		if (archiving || table[i].offset != ARCHIVING)
			option_print(&table[i], options, arena, form);
}

const char *
options_text(const struct options *options, struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < TABLE_LEN; i++) {
		struct store_value value = option_value(&table[i], options,
							arena);

		if (table[i].type == OPTION_SECRET)
			continue;
		text = arena_printf(arena, "%s%s%s=", text, *text ? "\n" : "",
				    option_name(&table[i]));
		text = value.type == STORE_INT ?
		       arena_printf(arena, "%s%" PRId64, text, value.number) :
		       arena_printf(arena, "%s%s", text, value.text);
	}
	return text;
}

static const char *
text_of(const struct option *option, const struct options *options,
	struct arena *arena)
{
	struct store_value value = option_value(option, options, arena);

	if (option->type == OPTION_SECRET)
		return NULL;
	return value.type == STORE_INT ?
	       arena_printf(arena, "%" PRId64, value.number) : value.text;
}

void
options_differ(const struct options *was, const struct options *is,
	       void (*fn)(void *ctx, const char *name, const char *value),
	       void *ctx)
{
	struct arena *arena = arena_new();

	for (size_t i = 0; i < TABLE_LEN; i++)
		if (!option_equal(&table[i], was, is))
			fn(ctx, option_name(&table[i]),
			   text_of(&table[i], is, arena));
	arena_free(&arena);
}

const char *
options_columns(struct arena *arena)
{
	const char *columns = option_name(&table[0]);

	for (size_t i = 1; i < TABLE_LEN; i++)
		columns = arena_printf(arena, "%s, %s", columns,
				       option_name(&table[i]));
	return columns;
}

size_t
options_count(void)
{
	return TABLE_LEN;
}

void
options_values(const struct options *options, struct arena *arena,
	       struct store_value *values)
{
	for (size_t i = 0; i < TABLE_LEN; i++)
		values[i] = option_value(&table[i], options, arena);
}

void
options_load(struct options *options, const struct store_result *result,
	     size_t row, size_t first)
{
	for (size_t i = 0; i < TABLE_LEN; i++)
		option_load(&table[i], options, result, row, first + i);
}
