#include "shared/adhoc_form.h"

#include <string.h>

#include "shared/arena.h"
#include "shared/command.h"
#include "shared/form.h"
#include "shared/xml.h"

/* Of the elements around a value. */
#define FIELD_BYTES 50

static const char *const types[] = {
	[COMMAND_TEXT] = "text-single",
	[COMMAND_SECRET] = "text-private",
	[COMMAND_BOOL] = "boolean",
	[COMMAND_UINT] = "text-single",
	[COMMAND_JID] = "jid-single",
	[COMMAND_CHOICE] = "list-single",
	[COMMAND_LIST] = "text-multi",
	[COMMAND_LINES] = "text-multi",
};

static void
add_field(struct arena *arena, struct xml *form,
	  const struct command_field *field)
{
	const char *const *choice = field->choices;
	struct xml *el = form_add(arena, form, types[field->type],
				  field->name, field->label);

	if (field->required)
		form_set_required(arena, el);
	if (field->def != NULL)
		form_add_value(arena, el, field->def);
	for (; choice != NULL && *choice != NULL; choice++)
		form_add_option(arena, el, *choice, *choice);
}

struct xml *
adhoc_form_new(struct arena *arena, const struct command *command)
{
	struct xml *form = form_new(arena, "form", NULL);

	form_add_title(arena, form, command->title);
	form_add_instructions(arena, form, command->help);
	for (size_t i = 0; i < command_field_count(command); i++)
		add_field(arena, form, &command->fields[i]);
	return form;
}

/* What somebody is to choose from is just a text in an answer. */
static const char *
column_type(const struct command_column *column)
{
	return column->type == COMMAND_CHOICE ? "text-single" :
	       types[column->type];
}

struct xml *
adhoc_form_result(struct arena *arena, const struct command *command)
{
	struct xml *form = form_new(arena, "result", NULL);
	struct xml *reported;

	form_add_title(arena, form, command->title);
	if (command->record)
		return form;
	reported = xml_add(arena, form, NULL, "reported");
	for (size_t i = 0; i < command_column_count(command); i++)
		form_add(arena, reported, column_type(&command->columns[i]),
			 command->columns[i].name, command->columns[i].label);
	return form;
}

/* A line is a value where there may be several. */
static void
add_values(struct arena *arena, struct xml *field, enum command_type type,
	   const char *text)
{
	const char *end;

	if (type == COMMAND_LIST || type == COMMAND_LINES)
		for (; (end = strchr(text, '\n')) != NULL; text = end + 1)
			form_add_value(arena, field,
				       arena_dup(arena, text,
						 (size_t)(end - text)));
	form_add_value(arena, field, arena_strdup(arena, text));
}

size_t
adhoc_form_add_row(struct arena *arena, const struct command *command,
		   struct xml *form, const char *const *cells)
{
	struct xml *row = command->record ? form :
			  xml_add(arena, form, NULL, "item");
	size_t bytes = FIELD_BYTES;

	for (size_t i = 0; i < command_column_count(command); i++) {
		const struct command_column *column = &command->columns[i];
		struct xml *field;

		if (cells[i] == NULL && command->record)
			continue;
		field = form_add(arena, row, command->record ?
				 column_type(column) : NULL, column->name,
				 command->record ? column->label : NULL);
		add_values(arena, field, column->type,
			   cells[i] != NULL ? cells[i] : "");
		bytes += FIELD_BYTES + strlen(column->name) +
			 (cells[i] != NULL ? strlen(cells[i]) : 0);
	}
	return bytes;
}
