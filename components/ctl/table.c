#include "components/ctl/table.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "components/ctl/answer.h"
#include "components/ctl/screen.h"
#include "shared/error.h"
#include "shared/str.h"

/* Rows shown together. */
#define ROWS 1000
/* No column is made narrower to fit a terminal. */
#define NARROW 8
#define GAP 2

struct table {
	const json_t *columns;
	size_t count;		/* of them */
	bool record;
	FILE *out;
	char **cells;		/* ROWS times count */
	size_t rows;
	size_t *widths;
	bool began;		/* the heading is there */
};

struct table *
table_new(const json_t *command, FILE *out)
{
	struct table *table = calloc(1, sizeof(*table));

	ensure(table != NULL);
	table->columns = json_object_get(command, "columns");
	table->count = json_array_size(table->columns);
	table->record = json_is_true(json_object_get(command, "record"));
	table->out = out;
	table->cells = calloc(ROWS * (table->count + 1), sizeof(char *));
	table->widths = calloc(table->count + 1, sizeof(size_t));
	ensure(table->cells != NULL && table->widths != NULL);
	return table;
}

static void
clear(struct table *table)
{
	for (size_t i = 0; i < table->rows * table->count; i++)
		free(table->cells[i]);
	table->rows = 0;
}

void
table_free(struct table **table)
{
	if (*table == NULL)
		return;
	clear(*table);
	free((*table)->cells);
	free((*table)->widths);
	free(*table);
	*table = NULL;
}

static void
add_lines(struct str *text, const json_t *lines, const char *between)
{
	const json_t *line;
	size_t i;

	json_array_foreach(lines, i, line) {
		if (i > 0)
			str_addz(text, between);
		if (json_is_string(line))
			str_addz(text, json_string_value(line));
	}
}

static char *
cell_text(const struct table *table, const json_t *value)
{
	struct str text = { 0 };
	char *clean;

	str_addz(&text, "");
	if (json_is_string(value))
		str_addz(&text, json_string_value(value));
	else if (json_is_integer(value))
		str_addf(&text, "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
	else if (json_is_boolean(value))
		str_addz(&text, json_is_true(value) ? "yes" : "no");
	else if (json_is_array(value))
		add_lines(&text, value, table->record ? "\n" : ", ");
	clean = screen_clean(text.data, table->record);
	str_fini(&text);
	return clean;
}

static const json_t *
column(const struct table *table, size_t i)
{
	return json_array_get(table->columns, i);
}

static const char *
label(const struct table *table, size_t i)
{
	return answer_text(column(table, i), "label");
}

static void
widen(struct table *table, size_t i, const char *text)
{
	size_t width = screen_measure(text);

	if (width > table->widths[i])
		table->widths[i] = width;
}

static size_t
widest(const struct table *table)
{
	size_t found = 0;

	for (size_t i = 1; i < table->count; i++)
		if (table->widths[i] > table->widths[found])
			found = i;
	return found;
}

/* Where it does not fit, the widest columns give way. */
static void
measure(struct table *table)
{
	size_t limit = screen_width(table->out);
	size_t total = GAP * (table->count - 1);

	for (size_t i = 0; i < table->count; i++) {
		widen(table, i, label(table, i));
		for (size_t row = 0; row < table->rows; row++)
			widen(table, i, table->cells[row * table->count + i]);
		total += table->widths[i];
	}
	while (limit > 0 && total > limit) {
		size_t i = widest(table);

		if (table->widths[i] <= NARROW)
			return;
		table->widths[i]--;
		total--;
	}
}

static bool
is_number(const struct table *table, size_t i)
{
	return strcmp(answer_text(column(table, i), "type"), "uint") == 0;
}

static void
pad(const struct table *table, size_t width)
{
	for (; width > 0; width--)
		fputc(' ', table->out);
}

/* Numbers stand at the right; nothing follows the last text. */
static void
print_cell(const struct table *table, size_t i, const char *text)
{
	size_t width = screen_measure(text), room = table->widths[i];
	bool last = i + 1 == table->count;

	if (width > room) {
		fprintf(table->out, "%.*s\xe2\x80\xa6",
			(int)screen_fit(text, room - 1), text);
		width = room;
	} else {
		if (is_number(table, i))
			pad(table, room - width);
		fputs(text, table->out);
		if (is_number(table, i))
			width = room;
	}
	if (!last)
		pad(table, room - width + GAP);
}

static void
print_heading(struct table *table)
{
	bool colours = screen_has_colours(table->out);

	if (table->began)
		return;
	table->began = true;
	if (colours)
		fputs("\033[1m", table->out);
	for (size_t i = 0; i < table->count; i++)
		print_cell(table, i, label(table, i));
	fputs(colours ? "\033[0m\n" : "\n", table->out);
}

static void
print_rows(struct table *table)
{
	measure(table);
	print_heading(table);
	for (size_t row = 0; row < table->rows; row++) {
		for (size_t i = 0; i < table->count; i++)
			print_cell(table, i,
				   table->cells[row * table->count + i]);
		fputc('\n', table->out);
	}
}

/* The lines of a value stand below each other. */
static void
print_value(const struct table *table, size_t width, const char *text)
{
	const char *end;

	for (; (end = strchr(text, '\n')) != NULL; text = end + 1) {
		fprintf(table->out, "%.*s\n", (int)(end - text), text);
		pad(table, width);
	}
	fprintf(table->out, "%s\n", text);
}

static void
print_record(struct table *table)
{
	const char *on = "", *off = "";
	size_t width = 0;

	if (screen_has_colours(table->out)) {
		on = "\033[1m";
		off = "\033[0m";
	}
	for (size_t i = 0; i < table->count; i++)
		if (screen_measure(label(table, i)) > width)
			width = screen_measure(label(table, i));
	for (size_t i = 0; i < table->count; i++) {
		const char *name = label(table, i);

		fprintf(table->out, "%s%s:%s", on, name, off);
		pad(table, width - screen_measure(name) + 1);
		print_value(table, width + 2, table->cells[i]);
	}
}

static void
flush(struct table *table)
{
	if (table->rows == 0 || table->count == 0)
		return;
	if (table->record)
		print_record(table);
	else
		print_rows(table);
	fflush(table->out);
	clear(table);
}

void
table_add(struct table *table, const json_t *row)
{
	char **cells = table->cells + table->rows * table->count;

	for (size_t i = 0; i < table->count; i++)
		cells[i] = cell_text(table, json_object_get(
			row, answer_text(column(table, i), "name")));
	table->rows++;
	if (table->record || table->rows == ROWS)
		flush(table);
}

void
table_end(struct table *table)
{
	flush(table);
}
