#include "components/ctl/words.h"

#include <string.h>

#include "components/ctl/answer.h"
#include "components/ctl/screen.h"

static bool
is_list(const json_t *field)
{
	return strcmp(answer_text(field, "type"), "list") == 0;
}

bool
words_takes_value(const json_t *field)
{
	return strcmp(answer_text(field, "type"), "bool") != 0;
}

const json_t *
words_field(const json_t *command, const char *name, size_t len)
{
	const json_t *field;
	size_t i;

	json_array_foreach(json_object_get(command, "fields"), i, field)
		if (strlen(answer_text(field, "name")) == len &&
		    strncmp(answer_text(field, "name"), name, len) == 0)
			return field;
	return NULL;
}

const json_t *
words_place(const json_t *command, size_t n)
{
	const json_t *field;
	size_t i;

	json_array_foreach(json_object_get(command, "fields"), i, field) {
		if (answer_flag(field, "rest"))
			return field;
		if (answer_flag(field, "required") && n-- == 0)
			return field;
	}
	return NULL;
}

static bool
give(json_t *fields, const json_t *field, const char *value)
{
	const char *name = answer_text(field, "name");
	json_t *given = json_object_get(fields, name);

	if (given != NULL && !is_list(field)) {
		screen_complain("%s is given twice", name);
		return false;
	}
	if (given == NULL && is_list(field)) {
		given = json_array();
		json_object_set_new(fields, name, given);
	}
	if ((given != NULL ?
	     json_array_append_new(given, json_string(value)) :
	     json_object_set_new(fields, name, json_string(value))) < 0) {
		screen_complain("%s: not UTF-8", name);
		return false;
	}
	return true;
}

/* People write yes and no. */
static const char *
bool_value(const char *text)
{
	if (strcmp(text, "yes") == 0 || strcmp(text, "on") == 0)
		return "1";
	return strcmp(text, "no") == 0 || strcmp(text, "off") == 0 ?
	       "0" : text;
}

/* word stands behind "--".  Returns how many words it took; 0 when it makes no
   sense. */
static size_t
read_option(const json_t *command, json_t *fields, const char *word,
	    const char *next)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const json_t *field = words_field(command, word, len);

	if (field == NULL && equals == NULL && strncmp(word, "no-", 3) == 0) {
		field = words_field(command, word + 3, len - 3);
		if (field != NULL && !words_takes_value(field))
			return give(fields, field, "0");
		field = NULL;
	}
	if (field == NULL) {
		screen_complain("there is no option --%.*s", (int)len, word);
		return 0;
	}
	if (!words_takes_value(field))
		return give(fields, field, equals ? bool_value(equals + 1) :
						    "1");
	if (equals != NULL)
		return give(fields, field, equals + 1);
	if (next != NULL)
		return give(fields, field, next) ? 2 : 0;
	screen_complain("--%s needs a value", word);
	return 0;
}

static bool
read_place(const json_t *command, json_t *fields, size_t *place,
	   const char *word)
{
	const json_t *field;

	/* What was given by its name stands there no more. */
	while ((field = words_place(command, *place)) != NULL &&
	       !is_list(field) &&
	       json_object_get(fields, answer_text(field, "name")) != NULL)
		(*place)++;
	if (field == NULL) {
		screen_complain("%s is one word too many", word);
		return false;
	}
	if (!answer_flag(field, "rest"))
		(*place)++;
	return give(fields, field, words_takes_value(field) ? word :
			   bool_value(word));
}

static bool
has_all(const json_t *command, const json_t *fields)
{
	const json_t *field;
	size_t i;

	json_array_foreach(json_object_get(command, "fields"), i, field) {
		const char *name = answer_text(field, "name");

		if (!answer_flag(field, "required") ||
		    json_object_get(fields, name) != NULL)
			continue;
		screen_complain("%s is missing: %s", name,
				answer_text(field, "label"));
		return false;
	}
	return true;
}

json_t *
words_read(const json_t *command, const char *const *words, size_t count)
{
	json_t *fields = json_object();
	bool options = true, good = true;
	size_t place = 0;

	for (size_t i = 0; good && i < count;) {
		const char *next = i + 1 < count ? words[i + 1] : NULL;
		size_t used = 1;

		if (options && strcmp(words[i], "--") == 0)
			options = false;
		else if (options && strncmp(words[i], "--", 2) == 0)
			used = read_option(command, fields, words[i] + 2,
					   next);
		else
			good = read_place(command, fields, &place, words[i]);
		good = good && used > 0;
		i += used;
	}
	if (good && has_all(command, fields))
		return fields;
	json_decref(fields);
	return NULL;
}
