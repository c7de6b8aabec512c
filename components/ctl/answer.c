#include "components/ctl/answer.h"

#include <string.h>

const char *
answer_text(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text != NULL ? text : "";
}

bool
answer_flag(const json_t *json, const char *key)
{
	return json_is_true(json_object_get(json, key));
}

const json_t *
answer_command(const json_t *description, const char *name)
{
	const json_t *command;
	size_t i;

	json_array_foreach(json_object_get(description, "commands"), i,
			   command)
		if (strcmp(answer_text(command, "name"), name) == 0)
			return command;
	return NULL;
}
