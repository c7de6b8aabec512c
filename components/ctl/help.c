#include "components/ctl/help.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "components/ctl/answer.h"
#include "components/ctl/words.h"
#include "shared/str.h"

#define SUFFIX ".sock"
#define WIDTH 79
#define INDENT 24

/* Words in lines, which begin at a column; the first is at that one. */
static void
wrap(const char *text, size_t indent, FILE *out)
{
	size_t at = indent;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (at > indent && at + len + 1 > WIDTH) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent) {
			fputc(' ', out);
			at++;
		}
		fprintf(out, "%.*s", (int)len, text);
		at += len;
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void
print_entry(const char *name, const char *text, FILE *out)
{
	fprintf(out, "  %-*s", INDENT - 4, name);
	if (strlen(name) > INDENT - 4)
		fprintf(out, "\n  %-*s", INDENT - 4, "");
	fputs("  ", out);
	wrap(text, INDENT, out);
}

static int
is_socket(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > strlen(SUFFIX) &&
	       strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX) == 0;
}

size_t
help_components(const char *folder, void (*fn)(void *ctx, const char *name),
		void *ctx)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, is_socket, alphasort);

	for (int i = 0; i < n; i++) {
		char *name = entries[i]->d_name;

		name[strlen(name) - strlen(SUFFIX)] = '\0';
		fn(ctx, name);
		free(entries[i]);
	}
	if (n < 0)
		return 0;
	free(entries);
	return (size_t)n;
}

static void
print_component(void *ctx, const char *name)
{
	FILE *out = ctx;

	fprintf(out, "  %s\n", name);
}

void
help_all(const char *folder, FILE *out)
{
	fprintf(out,
		"Usage: annexctl [OPTION] COMPONENT COMMAND [ARGUMENT]...\n"
		"\n"
		"  -f, --folder FOLDER   where the sockets are [%s]\n"
		"  -s, --socket PATH     the socket of the component\n"
		"  -j, --json            rows as JSON, one a line\n"
		"      --version         print the version\n"
		"  -h, --help            print this; behind a component, its "
		"commands;\n"
		"                        behind a command, its arguments\n"
		"\n"
		"Components that are, or were, running here:\n", folder);
	if (help_components(folder, print_component, out) == 0)
		fputs("  (none)\n", out);
}

void
help_component(const json_t *description, FILE *out)
{
	const json_t *command;
	size_t i;

	fprintf(out, "Usage: annexctl %s COMMAND [ARGUMENT]...\n\n"
		"Commands:\n", answer_text(description, "component"));
	json_array_foreach(json_object_get(description, "commands"), i,
			   command)
		print_entry(answer_text(command, "name"),
			    answer_text(command, "title"), out);
}

static void
add_upper(struct str *str, const char *text)
{
	for (; *text != '\0'; text++)
		str_addc(str, (char)toupper((unsigned char)*text));
}

static bool
is_word(const json_t *field)
{
	return answer_flag(field, "required") || answer_flag(field, "rest");
}

/* What stands for a value. */
static const char *
value_word(const json_t *field)
{
	const char *type = answer_text(field, "type");

	if (strcmp(type, "uint") == 0)
		return "number";
	return strcmp(type, "jid") == 0 ? "address" : type;
}

static void
add_option(struct str *line, const json_t *field)
{
	str_addf(line, " [--%s", answer_text(field, "name"));
	if (words_takes_value(field)) {
		str_addc(line, '=');
		add_upper(line, value_word(field));
	}
	str_addc(line, ']');
}

static void
add_word(struct str *line, const json_t *field)
{
	bool required = answer_flag(field, "required");

	str_addz(line, required ? " " : " [");
	add_upper(line, answer_text(field, "name"));
	str_addz(line, required ? "" : "]");
	str_addz(line, answer_flag(field, "rest") ? "..." : "");
}

static void
print_usage(const json_t *description, const json_t *command, FILE *out)
{
	struct str line = { 0 };
	const json_t *field, *fields = json_object_get(command, "fields");
	size_t i;

	str_addf(&line, "annexctl %s %s", answer_text(description, "component"),
		 answer_text(command, "name"));
	json_array_foreach(fields, i, field)
		if (!is_word(field))
			add_option(&line, field);
	json_array_foreach(fields, i, field)
		if (is_word(field))
			add_word(&line, field);
	fputs("Usage: ", out);
	wrap(line.data, strlen("Usage: "), out);
	fputc('\n', out);
	str_fini(&line);
}

static void
add_range(struct str *text, const json_t *field)
{
	const json_t *min = json_object_get(field, "min");
	const json_t *max = json_object_get(field, "max");

	if (max != NULL)
		str_addf(text, ", %" JSON_INTEGER_FORMAT " to %"
			 JSON_INTEGER_FORMAT, json_integer_value(min),
			 json_integer_value(max));
}

static void
add_choices(struct str *text, const json_t *choices)
{
	const json_t *choice;
	size_t i;

	json_array_foreach(choices, i, choice)
		str_addf(text, "%s%s", i == 0 ? ": " : ", ",
			 json_string_value(choice));
}

static void
print_field(const json_t *field, FILE *out)
{
	const char *name = answer_text(field, "name");
	const char *usual = answer_text(field, "default");
	bool has_value = words_takes_value(field);
	struct str head = { 0 }, text = { 0 };

	if (is_word(field)) {
		add_upper(&head, name);
	} else {
		str_addf(&head, "--%s%s", name, has_value ? " " : "");
		if (has_value)
			add_upper(&head, value_word(field));
	}
	str_addz(&text, answer_text(field, "label"));
	add_choices(&text, json_object_get(field, "choices"));
	add_range(&text, field);
	if (*usual != '\0')
		str_addf(&text, " [%s]", has_value ? usual :
			 strcmp(usual, "1") == 0 ? "yes" : "no");
	print_entry(head.data, text.data, out);
	str_fini(&head);
	str_fini(&text);
}

void
help_command(const json_t *description, const json_t *command, FILE *out)
{
	const json_t *field, *fields = json_object_get(command, "fields");
	size_t i;

	print_usage(description, command, out);
	wrap(answer_text(command, "help"), 0, out);
	if (json_array_size(fields) > 0)
		fputc('\n', out);
	json_array_foreach(fields, i, field)
		print_field(field, out);
}
