#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/command.h"
#include "shared/control_request.h"
#include "shared/error.h"

static const char *const words[] = { "one", "two", NULL };

/* One of each type. */
static const struct command_field fields[] = {
	COMMAND_FIELD("text", TEXT, "Text", .required = true),
	COMMAND_FIELD("flag", BOOL, "Flag", .def = "0"),
	COMMAND_FIELD("number", UINT, "Number", .min = 1, .max = 99),
	COMMAND_FIELD("jid", JID, "Address"),
	COMMAND_FIELD("word", CHOICE, "Word", .choices = words),
	COMMAND_FIELD("lines", LINES, "Lines"),
	COMMAND_FIELD("rest", LIST, "Rest", .rest = true),
	{ .name = NULL }
};

static const struct command_column columns[] = {
	{ "text", COMMAND_TEXT, "Text" }, { "flag", COMMAND_BOOL, "Flag" },
	{ "number", COMMAND_UINT, "Number" }, { "jid", COMMAND_JID, "Jid" },
	{ "word", COMMAND_CHOICE, "Word" }, { "lines", COMMAND_LINES, "Lines" },
	{ "rest", COMMAND_LIST, "Rest" }, { .name = NULL }
};

static const struct command command = {
	.name = "test", .fields = fields, .columns = columns,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was understood can be said. */
static void
answer(const struct command_argument *args)
{
	const char *cells[7];
	json_t *row;
	char *text;

	for (size_t i = 0; i < 7; i++)
		cells[i] = args[i].texts[0];
	ensure((row = control_row(&command, cells)) != NULL);
	ensure((text = json_dumps(row, JSON_COMPACT)) != NULL);
	free(text);
	json_decref(row);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const struct command_argument *args;
	struct control_request request;
	struct error err = { 0 };

	if (control_request_parse(arena, (const char *)data, size, &request,
				  &err) == 0 && !request.describe) {
		ensure(request.command != NULL);
		if (command_read(&command, &request.form, arena, &args,
				 &err) == 0)
			answer(args);
	}
	if (err.cond != ERROR_NONE)
		json_decref(control_error(&err));
	arena_free(&arena);
	return 0;
}
