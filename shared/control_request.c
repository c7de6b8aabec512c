#include "shared/control_request.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/calls.h"
#include "shared/command.h"
#include "shared/component.h"
#include "shared/error.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

static int
bad_field(struct error *err, const char *name)
{
	return error_set(err, ERROR_BAD_REQUEST,
			 "%s: neither a text, a whole number, true, false, "
			 "nor an array of texts", name);
}

/* NULL when it is none of those that have a text. */
static const char *
scalar(struct arena *arena, const json_t *value)
{
	if (json_is_string(value))
		return arena_strdup(arena, json_string_value(value));
	if (json_is_boolean(value))
		return json_is_true(value) ? "1" : "0";
	if (json_is_integer(value))
		return arena_printf(arena, "%" JSON_INTEGER_FORMAT,
				    json_integer_value(value));
	return NULL;
}

static int
read_field(struct arena *arena, const char *name, const json_t *value,
	   struct form_field *field, struct error *err)
{
	size_t count = json_is_array(value) ? json_array_size(value) : 1;
	const char **texts = arena_alloc(arena, (count + 1) * sizeof(*texts));

	field->var = arena_strdup(arena, name);
	field->values = texts;
	field->count = count;
	for (size_t i = 0; i < count; i++) {
		texts[i] = scalar(arena, json_is_array(value) ?
				  json_array_get(value, i) : value);
		if (texts[i] == NULL)
			return bad_field(err, name);
	}
	return 0;
}

static int
read_fields(struct arena *arena, json_t *fields, struct form *form,
	    struct error *err)
{
	struct form_field *all = arena_alloc(arena, (json_object_size(fields) +
						     1) * sizeof(*all));
	const char *name;
	json_t *value;

	form->type = "submit";
	form->fields = all;
	json_object_foreach(fields, name, value) {
		if (json_is_null(value))
			continue;
		if (read_field(arena, name, value, &all[form->count++],
			       err) < 0)
			return -1;
	}
	return 0;
}

static int
read_request(struct arena *arena, json_t *json,
	     struct control_request *request, struct error *err)
{
	json_t *command = json_object_get(json, "command");
	json_t *fields = json_object_get(json, "fields");

	if (json_is_true(json_object_get(json, "describe"))) {
		request->describe = true;
		return 0;
	}
	if (!json_is_string(command))
		return error_set(err, ERROR_BAD_REQUEST,
				 "neither a command nor describe");
	request->command = arena_strdup(arena, json_string_value(command));
	if (fields != NULL && !json_is_object(fields))
		return error_set(err, ERROR_BAD_REQUEST,
				 "fields is not an object");
	return read_fields(arena, fields, &request->form, err);
}

int
control_request_parse(struct arena *arena, const char *line, size_t len,
		      struct control_request *request_r, struct error *err)
{
	json_error_t why;
	json_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
	int ret;

	memset(request_r, 0, sizeof(*request_r));
	if (json == NULL)
		return error_set(err, ERROR_BAD_REQUEST, "not JSON: %s",
				 why.text);
	ret = read_request(arena, json, request_r, err);
	json_decref(json);
	return ret;
}

static void
set_text(json_t *json, const char *key, const char *text)
{
	if (text != NULL)
		json_object_set_new(json, key, json_string(text));
}

static void
set_flag(json_t *json, const char *key, bool flag)
{
	if (flag)
		json_object_set_new(json, key, json_true());
}

static json_t *
describe_field(const struct command_field *field)
{
	const char *const *choice = field->choices;
	json_t *json = json_object(), *choices;

	set_text(json, "name", field->name);
	set_text(json, "type", command_type_name(field->type));
	set_text(json, "label", field->label);
	set_text(json, "default", field->def);
	set_flag(json, "required", field->required);
	set_flag(json, "rest", field->rest);
	if (field->min > 0)
		json_object_set_new(json, "min", json_integer(field->min));
	if (field->max > 0)
		json_object_set_new(json, "max", json_integer(field->max));
	if (choice == NULL)
		return json;
	choices = json_array();
	for (; *choice != NULL; choice++)
		json_array_append_new(choices, json_string(*choice));
	json_object_set_new(json, "choices", choices);
	return json;
}

static json_t *
describe_column(const struct command_column *column)
{
	json_t *json = json_object();

	set_text(json, "name", column->name);
	set_text(json, "type", command_type_name(column->type));
	set_text(json, "label", column->label);
	return json;
}

static json_t *
describe_command(const struct command *command)
{
	json_t *json = json_object(), *fields = json_array();
	json_t *columns = json_array();

	for (size_t i = 0; i < command_field_count(command); i++)
		json_array_append_new(fields,
				      describe_field(&command->fields[i]));
	for (size_t i = 0; i < command_column_count(command); i++)
		json_array_append_new(columns,
				      describe_column(&command->columns[i]));
	set_text(json, "name", command->name);
	set_text(json, "title", command->title);
	set_text(json, "help", command->help);
	set_flag(json, "record", command->record);
	set_flag(json, "files", command->files);
	json_object_set_new(json, "fields", fields);
	json_object_set_new(json, "columns", columns);
	return json;
}

json_t *
control_describe(const struct calls *calls)
{
	json_t *json = json_object(), *commands = json_array();
	const struct command *command;

	for (size_t n = 0; (command = calls_command(calls, n)) != NULL; n++)
		json_array_append_new(commands, describe_command(command));
	set_text(json, "component", calls_component(calls)->name);
	set_text(json, "version", PACKAGE_VERSION);
	json_object_set_new(json, "commands", commands);
	return json;
}

static json_t *
lines(const char *text)
{
	json_t *json = json_array();

	for (size_t n; *text != '\0'; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		json_array_append_new(json, json_stringn(text, n));
	}
	return json;
}

static json_t *
cell(enum command_type type, const char *text)
{
	json_t *json;

	if (text == NULL)
		return json_null();
	switch (type) {
	case COMMAND_UINT:
		return json_integer(strtoll(text, NULL, 10));
	case COMMAND_BOOL:
		return json_boolean(strcmp(text, "1") == 0);
	case COMMAND_LIST:
		return lines(text);
	default:
		json = json_string(text);
		return json != NULL ? json : json_null();
	}
}

json_t *
control_row(const struct command *command, const char *const *cells)
{
	json_t *json = json_object();

	for (size_t i = 0; i < command_column_count(command); i++)
		json_object_set_new(json, command->columns[i].name,
				    cell(command->columns[i].type, cells[i]));
	return json;
}

json_t *
control_error(const struct error *err)
{
	json_t *json = json_object();

	set_text(json, "condition", error_cond_name(err->cond));
	set_text(json, "text", err->text);
	return json;
}
