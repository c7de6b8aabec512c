#include "shared/command.h"

#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/jid.h"
#include "shared/jid_routed.h"
#include "shared/str.h"

size_t
command_field_count(const struct command *command)
{
	size_t n = 0;

	while (command->fields != NULL && command->fields[n].name != NULL)
		n++;
	return n;
}

size_t
command_column_count(const struct command *command)
{
	size_t n = 0;

	while (command->columns != NULL && command->columns[n].name != NULL)
		n++;
	return n;
}

const char *
command_type_name(enum command_type type)
{
	static const char *const names[] = {
		[COMMAND_TEXT] = "text",
		[COMMAND_SECRET] = "secret",
		[COMMAND_BOOL] = "bool",
		[COMMAND_UINT] = "uint",
		[COMMAND_JID] = "jid",
		[COMMAND_CHOICE] = "choice",
		[COMMAND_LIST] = "list",
		[COMMAND_LINES] = "lines",
	};

	return names[type];
}

/* Clients leave a line empty where nothing was written. */
static size_t
copy_texts(struct arena *arena, const struct form_field *given,
	   const char **texts)
{
	size_t n = 0;

	for (size_t i = 0; i < given->count; i++)
		if (given->values[i][0] != '\0')
			texts[n++] = arena_strdup(arena, given->values[i]);
	return n;
}

/* A text-multi is a value for each line (XEP-0004 section 3.3). */
static const char *
join_lines(struct arena *arena, const struct form_field *given)
{
	size_t len = 1;
	char *text, *at;

	for (size_t i = 0; i < given->count; i++)
		len += strlen(given->values[i]) + 1;
	text = at = arena_alloc(arena, len);
	for (size_t i = 0; i < given->count; i++) {
		size_t n = strlen(given->values[i]);

		if (i > 0)
			*at++ = '\n';
		memcpy(at, given->values[i], n);
		at += n;
	}
	return text;
}

static int
check_choice(const struct command_field *field, const char *text,
	     struct error *err)
{
	struct str known = { 0 };

	for (size_t i = 0; field->choices[i] != NULL; i++) {
		if (strcmp(field->choices[i], text) == 0) {
			str_fini(&known);
			return 0;
		}
		str_addf(&known, "%s%s", i == 0 ? "" : ", ",
			 field->choices[i]);
	}
	error_set(err, ERROR_BAD_REQUEST, "%s: %.40s is none of %s",
		  field->name, text, known.data);
	str_fini(&known);
	return -1;
}

static int
check_uint(const struct command_field *field, const char *text,
	   struct error *err)
{
	const struct form_field given = {
		.var = field->name, .values = &text, .count = 1,
	};
	unsigned max = field->max != 0 ? field->max : ~0U, number;

	return form_field_uint(&given, field->min, max, &number, err);
}

static int
read_bool(const struct command_field *field, const char **text,
	  struct error *err)
{
	const struct form_field given = {
		.var = field->name, .values = text, .count = 1,
	};
	bool value;

	if (form_field_bool(&given, &value, err) < 0)
		return -1;
	*text = value ? "1" : "0";
	return 0;
}

static int
read_jid(const struct command_field *field, struct arena *arena,
	 const char *text, struct command_argument *arg, struct error *err)
{
	struct error why = { 0 };

	if (jid_sought(arena, text, &arg->jid, &why) < 0)
		return error_set(err, ERROR_JID_MALFORMED, "%s: %s",
				 field->name, why.text);
	if (field->person && *arg->jid->local == '\0')
		return error_set(err, ERROR_BAD_REQUEST, "%s: %s is a domain",
				 field->name, arg->jid->bare);
	return 0;
}

/* The first of texts is there. */
static int
read_text(const struct command_field *field, struct arena *arena,
	  const char **texts, struct command_argument *arg, struct error *err)
{
	switch (field->type) {
	case COMMAND_BOOL:
		return read_bool(field, texts, err);
	case COMMAND_UINT:
		return check_uint(field, texts[0], err);
	case COMMAND_JID:
		return read_jid(field, arena, texts[0], arg, err);
	case COMMAND_CHOICE:
		return check_choice(field, texts[0], err);
	default:
		return 0;
	}
}

static int
read_argument(const struct command_field *field,
	      const struct form_field *given, struct arena *arena,
	      struct command_argument *arg, struct error *err)
{
	size_t room = given != NULL ? given->count : 0;
	const char **texts = arena_alloc(arena, (room + 2) * sizeof(*texts));
	size_t count = room > 0 ? copy_texts(arena, given, texts) : 0;

	arg->texts = texts;
	if (count == 0 && field->required)
		return error_set(err, ERROR_BAD_REQUEST, "%s is missing",
				 field->name);
	if (count == 0 && field->def != NULL)
		texts[count++] = field->def;
	if (count == 0 || field->type == COMMAND_LIST)
		return 0;
	if (field->type == COMMAND_LINES) {
		if (room > 1)
			texts[0] = join_lines(arena, given);
		texts[1] = NULL;
		return 0;
	}
	if (count > 1)
		return error_set(err, ERROR_BAD_REQUEST,
				 "%s: one value is wanted", field->name);
	return read_text(field, arena, texts, arg, err);
}

static bool
has_field(const struct command *command, const char *name)
{
	for (size_t i = 0; i < command_field_count(command); i++)
		if (strcmp(command->fields[i].name, name) == 0)
			return true;
	return false;
}

int
command_read(const struct command *command, const struct form *form,
	     struct arena *arena, const struct command_argument **args_r,
	     struct error *err)
{
	size_t count = command_field_count(command);
	struct command_argument *args = arena_alloc(arena, (count + 1) *
						    sizeof(*args));

	for (size_t i = 0; i < form->count; i++)
		if (!has_field(command, form->fields[i].var))
			return error_set(err, ERROR_BAD_REQUEST,
					 "there is no field %s",
					 form->fields[i].var);
	for (size_t i = 0; i < count; i++) {
		const struct command_field *field = &command->fields[i];

		if (read_argument(field, form_find(form, field->name), arena,
				  &args[i], err) < 0)
			return -1;
	}
	*args_r = args;
	return 0;
}

/* Behind a "=", and in a URL that says who asks, there may be a secret. */
size_t
command_shown(const struct command_field *field, const char *text)
{
	const char *url = strstr(text, "://");
	size_t len = strlen(text), open = len;

	if (field->type == COMMAND_SECRET)
		return 0;
	if (!field->quiet)
		return len;
	if (strcspn(text, "=") < open)
		open = strcspn(text, "=") + 1;
	if (url != NULL && strchr(url, '@') != NULL &&
	    (size_t)(url - text) < open)
		open = (size_t)(url - text) + 3;
	return open < len ? open : len;
}
