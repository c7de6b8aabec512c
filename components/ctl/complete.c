#include "components/ctl/complete.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "components/ctl/answer.h"
#include "components/ctl/help.h"
#include "components/ctl/parley.h"
#include "components/ctl/words.h"
#include "shared/str.h"

#define JSON_MEANING "Rows as JSON, one a line"

/* The word being written. */
struct start {
	const char *text;
	FILE *out;
};

static void
offer(const struct start *start, const char *word, const char *meaning)
{
	if (strncmp(word, start->text, strlen(start->text)) == 0)
		fprintf(start->out, "%s\t%s\n", word, meaning);
}

static void
offer_general(const struct start *start)
{
	offer(start, "--folder", "Where the sockets are");
	offer(start, "--socket", "The socket of the component");
	offer(start, "--json", JSON_MEANING);
	offer(start, "--version", "Which version this is");
	offer(start, "--help", "What can be done");
}

static void
offer_component(void *ctx, const char *name)
{
	offer(ctx, name, "component");
}

static void
offer_commands(const struct start *start, const json_t *description)
{
	const json_t *command;
	size_t i;

	json_array_foreach(json_object_get(description, "commands"), i,
			   command)
		offer(start, answer_text(command, "name"),
		      answer_text(command, "title"));
}

static void
offer_choices(const struct start *start, const json_t *field)
{
	const json_t *choice;
	size_t i;

	json_array_foreach(json_object_get(field, "choices"), i, choice)
		offer(start, json_string_value(choice),
		      answer_text(field, "label"));
	if (!words_takes_value(field)) {
		offer(start, "yes", answer_text(field, "label"));
		offer(start, "no", answer_text(field, "label"));
	}
}

/* All fields have names, those that stand in order as well. */
static void
offer_options(const struct start *start, const json_t *command)
{
	struct str word = { 0 };
	const json_t *field;
	size_t i;

	json_array_foreach(json_object_get(command, "fields"), i, field) {
		if (json_is_true(json_object_get(field, "required")))
			continue;
		str_clear(&word);
		str_addf(&word, "--%s", answer_text(field, "name"));
		offer(start, word.data, answer_text(field, "label"));
	}
	offer(start, "--help", "What the command does");
	offer(start, "--json", JSON_MEANING);
	str_fini(&word);
}

/* "--NAME=START", in one word. */
static void
offer_values(const struct start *start, const json_t *command)
{
	const char *equals = strchr(start->text, '=');
	const json_t *field = words_field(command, start->text + 2,
					  (size_t)(equals - start->text) - 2);
	struct str word = { 0 };
	const json_t *choice;
	size_t i;

	json_array_foreach(json_object_get(field, "choices"), i, choice) {
		str_clear(&word);
		str_addf(&word, "%.*s=%s", (int)(equals - start->text),
			 start->text, json_string_value(choice));
		offer(start, word.data, answer_text(field, "label"));
	}
	str_fini(&word);
}

/* Whether the word is an option whose value is the next one. */
static const json_t *
waiting(const json_t *command, const char *word)
{
	const json_t *field;

	if (strncmp(word, "--", 2) != 0 || strchr(word, '=') != NULL)
		return NULL;
	field = words_field(command, word + 2, strlen(word) - 2);
	return field != NULL && words_takes_value(field) ? field : NULL;
}

/* How many words before the last are no options, nor values of them. */
static size_t
count_places(const json_t *command, const char *const *words, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < count; i++) {
		if (waiting(command, words[i]) != NULL)
			i++;
		else if (strncmp(words[i], "--", 2) != 0)
			n++;
	}
	return n;
}

/* words are those behind the command. */
static void
complete_argument(const struct start *start, const json_t *command,
		  const char *const *words, size_t count)
{
	const json_t *field = count < 2 ? NULL :
			      waiting(command, words[count - 2]);

	if (field == NULL && strncmp(start->text, "--", 2) == 0) {
		if (strchr(start->text, '=') != NULL)
			offer_values(start, command);
		else
			offer_options(start, command);
		return;
	}
	if (field == NULL)
		field = words_place(command,
				    count_places(command, words, count));
	if (field != NULL)
		offer_choices(start, field);
}

static json_t *
describe(const char *folder, const char *socket, const char *name)
{
	struct parley *parley = parley_new(folder, socket, name);
	json_t *description = parley == NULL ? NULL : parley_describe(parley);

	parley_free(&parley);
	return description;
}

void
complete_words(const char *folder, const char *socket,
	       const char *const *words, size_t count, FILE *out)
{
	struct start start = { count > 0 ? words[count - 1] : "", out };
	json_t *description;
	const json_t *command;

	if (count <= 1) {
		if (*start.text == '-')
			offer_general(&start);
		else
			help_components(folder, offer_component, &start);
		return;
	}
	description = describe(folder, socket, words[0]);
	command = answer_command(description, words[1]);
	if (count == 2)
		offer_commands(&start, description);
	else if (command != NULL)
		complete_argument(&start, command, words + 2, count - 2);
	json_decref(description);
}
