#include "components/muc/option.h"

#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/ns.h"
#include "shared/store.h"
#include "shared/str.h"

#define OPTION_TEXT_MAX	1000
#define HISTORY_MAX	1000
#define USERS_MAX	100000

enum option_type {
	OPTION_BOOL,	/* boolean */
	OPTION_TEXT,	/* text-single */
	OPTION_SECRET,	/* text-private */
	OPTION_CHOICE,	/* list-single: index into words */
	OPTION_SET,	/* list-multi: bits, in the order of words */
	OPTION_USERS,	/* list-single: a number or none */
	OPTION_NUMBER,	/* text-single */
};

struct option {
	const char *var;
	enum option_type type;
	size_t offset;
	const char *label;
	const char *const *words;
};

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

static const char *
column(const struct option *option)
{
	const char *at = strchr(option->var, '_');

	return at ? at + 1 : strchr(option->var, '#') + 1;
}

static void *
member(const struct options *options, const struct option *option)
{
	return (char *)options + option->offset;
}

static bool *
bool_of(const struct options *options, const struct option *option)
{
	return member(options, option);
}

static unsigned *
number_of(const struct options *options, const struct option *option)
{
	return member(options, option);
}

/* 0 for what is no number. */
static unsigned
number_in(const struct options *options, const struct option *option)
{
	return option->type >= OPTION_CHOICE ? *number_of(options, option) : 0;
}

static char **
text_of(const struct options *options, const struct option *option)
{
	return member(options, option);
}

static bool
is_text(const struct option *option)
{
	return option->type == OPTION_TEXT || option->type == OPTION_SECRET;
}

static void
set_text(char **to, const char *text)
{
	free(*to);
	*to = strdup(text);
	ensure(*to != NULL);
}

void
options_init(struct options *options)
{
	memset(options, 0, sizeof(*options));
	for (size_t i = 0; i < TABLE_LEN; i++)
		if (is_text(&table[i]))
			set_text(text_of(options, &table[i]), "");
	options->publicroom = true;
	options->presencebroadcast = OPTION_MODERATOR | OPTION_PARTICIPANT |
				     OPTION_VISITOR;
	options->maxhistoryfetch = 20;
}

void
options_copy(struct options *to, const struct options *from)
{
	*to = *from;
	for (size_t i = 0; i < TABLE_LEN; i++) {
		if (!is_text(&table[i]))
			continue;
		*text_of(to, &table[i]) = NULL;
		set_text(text_of(to, &table[i]), *text_of(from, &table[i]));
	}
}

void
options_fini(struct options *options)
{
	for (size_t i = 0; i < TABLE_LEN; i++)
		if (is_text(&table[i]))
			free(*text_of(options, &table[i]));
	memset(options, 0, sizeof(*options));
}

bool
options_equal(const struct options *a, const struct options *b)
{
	for (size_t i = 0; i < TABLE_LEN; i++) {
		const struct option *option = &table[i];

		if (is_text(option)) {
			if (strcmp(*text_of(a, option), *text_of(b, option)))
				return false;
		} else if (option->type == OPTION_BOOL) {
			if (*bool_of(a, option) != *bool_of(b, option))
				return false;
		} else if (number_in(a, option) != number_in(b, option)) {
			return false;
		}
	}
	return true;
}

static int
refuse(const struct option *option, const char *why, struct error *err)
{
	return error_set_type(err, ERROR_NOT_ACCEPTABLE, ERROR_TYPE_MODIFY,
			      "%s: %s", option->var, why);
}

/* The place of word among words, or -1. */
static int
word_index(const char *const *words, const char *word)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

static int
read_set(const struct option *option, const struct form_field *field,
	 unsigned *bits_r, struct error *err)
{
	*bits_r = 0;
	for (size_t i = 0; i < field->count; i++) {
		int n = word_index(option->words, field->values[i]);

		/* "none" is what some clients send for nothing. */
		if (n < 0 && strcmp(field->values[i], "none") != 0)
			return refuse(option, "no such role", err);
		if (n >= 0)
			*bits_r |= 1U << n;
	}
	return 0;
}

static int
read_users(const struct option *option, const struct form_field *field,
	   unsigned *number_r, struct error *err)
{
	/* "" and "0" stand for none in clients that write a number. */
	if (field->count == 0 || field->values[0][0] == '\0' ||
	    strcmp(field->values[0], "none") == 0) {
		*number_r = 0;
		return 0;
	}
	if (form_field_uint(field, 0, USERS_MAX, number_r, err) < 0)
		return refuse(option, "not a number of people", err);
	return 0;
}

static int
read_text(const struct option *option, const struct form_field *field,
	  char **text, struct error *err)
{
	const char *value = field->count > 0 ? field->values[0] : "";

	if (field->count > 1)
		return refuse(option, "one line is wanted", err);
	if (strlen(value) > OPTION_TEXT_MAX)
		return refuse(option, "too long", err);
	set_text(text, value);
	return 0;
}

static int
read_choice(const struct option *option, const struct form_field *field,
	    unsigned *index_r, struct error *err)
{
	int n = field->count == 1 ?
		word_index(option->words, field->values[0]) : -1;

	if (n < 0)
		return refuse(option, "no such choice", err);
	*index_r = (unsigned)n;
	return 0;
}

static int
read_field(struct options *options, const struct option *option,
	   const struct form_field *field, struct error *err)
{
	unsigned *number = number_of(options, option);

	switch (option->type) {
	case OPTION_BOOL:
		if (form_field_bool(field, bool_of(options, option), err) < 0)
			return refuse(option, "neither yes nor no", err);
		return 0;
	case OPTION_TEXT:
	case OPTION_SECRET:
		return read_text(option, field, text_of(options, option), err);
	case OPTION_CHOICE:
		return read_choice(option, field, number, err);
	case OPTION_SET:
		return read_set(option, field, number, err);
	case OPTION_USERS:
		return read_users(option, field, number, err);
	case OPTION_NUMBER:
		if (form_field_uint(field, 0, HISTORY_MAX, number, err) < 0)
			return refuse(option, "not a number up to 1000", err);
		return 0;
	}
	return 0;
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
		    read_field(options, &table[i], field, err) < 0)
			return -1;
	}
	return options_check(options, err);
}

/* Splits value at spaces into at most max words. */
static size_t
split(char *value, const char **words, size_t max)
{
	char *rest = NULL;
	size_t n = 0;

	for (char *word = strtok_r(value, " ", &rest);
	     word != NULL && n < max; word = strtok_r(NULL, " ", &rest))
		words[n++] = word;
	return n;
}

int
options_set(struct options *options, const char *name, const char *value,
	    struct error *err)
{
	const char *words[8] = { value };
	struct form_field field = { .values = words, .count = 1 };
	char *copy = strdup(value);
	int ret = -1;
	size_t i;

	ensure(copy != NULL);
	for (i = 0; i < TABLE_LEN; i++)
		if (strcmp(column(&table[i]), name) == 0)
			break;
	if (i == TABLE_LEN) {
		error_set(err, ERROR_NOT_ACCEPTABLE, "no option %s", name);
	} else {
		if (table[i].type == OPTION_SET)
			field.count = split(copy, words, 8);
		ret = read_field(options, &table[i], &field, err);
	}
	free(copy);
	return ret;
}

static const char *
number_text(struct arena *arena, const struct option *option, unsigned number)
{
	if (option->type == OPTION_USERS && number == 0)
		return "none";
	return arena_printf(arena, "%u", number);
}

static void
print_choices(const struct option *option, struct arena *arena,
	      struct xml *field)
{
	for (size_t i = 0; option->words != NULL && option->words[i]; i++)
		form_add_option(arena, field, NULL, option->words[i]);
}

static void
print_numbers(const struct options *options, const struct option *option,
	      struct arena *arena, struct xml *field)
{
	unsigned number = number_in(options, option);
	const char *text = number_text(arena, option, number);

	form_add_value(arena, field, text);
	if (option->type == OPTION_USERS &&
	    word_index(option->words, text) < 0)
		form_add_option(arena, field, NULL, text);
}

static void
print_values(const struct options *options, const struct option *option,
	     struct arena *arena, struct xml *field)
{
	unsigned number = number_in(options, option);

	switch (option->type) {
	case OPTION_BOOL:
		form_add_bool(arena, field, *bool_of(options, option));
		break;
	case OPTION_TEXT:
	case OPTION_SECRET:
		form_add_value(arena, field, *text_of(options, option));
		break;
	case OPTION_CHOICE:
		form_add_value(arena, field, option->words[number]);
		break;
	case OPTION_SET:
		for (unsigned i = 0; option->words[i] != NULL; i++)
			if (number & 1U << i)
				form_add_value(arena, field,
					       option->words[i]);
		break;
	case OPTION_USERS:
	case OPTION_NUMBER:
		print_numbers(options, option, arena, field);
		break;
	}
}

void
options_print(const struct options *options, struct arena *arena,
	      struct xml *form)
{
	static const char *const types[] = {
		[OPTION_BOOL] = "boolean",
		[OPTION_TEXT] = "text-single",
		[OPTION_SECRET] = "text-private",
		[OPTION_CHOICE] = "list-single",
		[OPTION_SET] = "list-multi",
		[OPTION_USERS] = "list-single",
		[OPTION_NUMBER] = "text-single",
	};

	for (size_t i = 0; i < TABLE_LEN; i++) {
		struct xml *field = form_add(arena, form, types[table[i].type],
					     table[i].var, table[i].label);

		print_values(options, &table[i], arena, field);
		print_choices(&table[i], arena, field);
	}
}

const char *
options_columns(struct arena *arena)
{
	const char *columns = column(&table[0]);

	for (size_t i = 1; i < TABLE_LEN; i++)
		columns = arena_printf(arena, "%s, %s", columns,
				       column(&table[i]));
	return columns;
}

size_t
options_count(void)
{
	return TABLE_LEN;
}

/* A set is stored as its words, so that people can read the table. */
static const char *
set_text_of(struct arena *arena, const struct option *option, unsigned bits)
{
	const char *text = "";

	for (unsigned i = 0; option->words[i] != NULL; i++)
		if (bits & 1U << i)
			text = arena_printf(arena, "%s%s%s", text,
					    *text ? " " : "",
					    option->words[i]);
	return text;
}

void
options_values(const struct options *options, struct arena *arena,
	       struct store_value *values)
{
	for (size_t i = 0; i < TABLE_LEN; i++) {
		const struct option *option = &table[i];
		unsigned number = number_in(options, option);

		if (is_text(option))
			values[i] = store_text(*text_of(options, option));
		else if (option->type == OPTION_BOOL)
			values[i] = store_int(*bool_of(options, option));
		else if (option->type == OPTION_CHOICE)
			values[i] = store_text(option->words[number]);
		else if (option->type == OPTION_SET)
			values[i] = store_text(set_text_of(arena, option,
							   number));
		else
			values[i] = store_int(number);
	}
}

/* What the table cannot say (someone edited it) keeps its default. */
void
options_load(struct options *options, const struct store_result *result,
	     size_t row, size_t first)
{
	struct error ignored;

	for (size_t i = 0; i < TABLE_LEN; i++) {
		const struct option *option = &table[i];
		const char *text = store_get_text(result, row, first + i);
		int64_t number = store_get_int(result, row, first + i);

		if (option->type == OPTION_BOOL)
			*bool_of(options, option) = number != 0;
		else if (option->type == OPTION_USERS ||
			 option->type == OPTION_NUMBER)
			*number_of(options, option) = (unsigned)number;
		else if (text != NULL)
			options_set(options, column(option), text, &ignored);
	}
}
