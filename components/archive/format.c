#include "components/archive/format.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "components/archive/mail.h"
#include "components/archive/record.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/str.h"

/* RFC 4180.  A cell that a spreadsheet would take for a formula begins with a
   "'", as messages are written by strangers. */
static void
add_cell(struct str *out, const char *text, const char *end)
{
	str_addc(out, '"');
	if (text != NULL && *text != '\0' &&
	    strchr("=+-@\t\r\n", *text) != NULL)
		str_addc(out, '\'');
	for (; text != NULL && *text != '\0'; text++) {
		if (*text == '"')
			str_addc(out, '"');
		str_addc(out, *text);
	}
	str_addf(out, "\"%s", end);
}

static bool
has_flag(const struct archive_row *row, unsigned flag)
{
	return (row->mark.flags & flag) != 0;
}

static void
print_csv(struct str *out, struct arena *arena, const struct archive_row *row)
{
	add_cell(out, record_serial(arena, row), ",");
	add_cell(out, record_sent(arena, row), ",");
	add_cell(out, record_from(arena, row), ",");
	add_cell(out, record_to(arena, row), ",");
	add_cell(out, record_type(row), ",");
	add_cell(out, row->subject, ",");
	add_cell(out, row->body, ",");
	add_cell(out, has_flag(row, ARCHIVE_ENCRYPTED) ? "yes" : "no", ",");
	add_cell(out, row->mark.uid, "\r\n");
}

/* NULL is left out. */
static void
set(json_t *json, const char *key, const char *text)
{
	if (text != NULL)
		json_object_set_new(json, key, json_string(text));
}

static void
set_bool(json_t *json, const char *key, bool value)
{
	json_object_set_new(json, key, json_boolean(value));
}

static void
print_jsonl(struct str *out, struct arena *arena,
	    const struct archive_row *row)
{
	json_t *json = json_object();
	char *text;

	set(json, "serial", record_serial(arena, row));
	set(json, "sent", record_sent(arena, row));
	set(json, "from", record_from(arena, row));
	set(json, "to", record_to(arena, row));
	set(json, "type", record_type(row));
	set(json, "subject", row->subject);
	set(json, "text", row->body);
	set(json, "thread", row->thread);
	set_bool(json, "encrypted", has_flag(row, ARCHIVE_ENCRYPTED));
	set_bool(json, "remote", has_flag(row, ARCHIVE_REMOTE));
	set_bool(json, "component", has_flag(row, ARCHIVE_COMPONENT));
	set(json, "id", row->mark.uid);
	set(json, "stanza", record_stanza(arena, row));
	text = json_dumps(json, JSON_COMPACT);
	ensure(text != NULL);
	str_addf(out, "%s\n", text);
	free(text);
	json_decref(json);
}

static void
print_eml(struct str *out, struct arena *arena, const struct archive_row *row)
{
	mail_print(out, arena, row, "\r\n");
}

static const struct format formats[] = {
	{ "csv", "messages.csv",
	  "serial,sent,from,to,type,subject,text,encrypted,id\r\n",
	  print_csv },
	{ "eml", NULL, "", print_eml },
	{ "jsonl", "messages.jsonl", "", print_jsonl },
	{ "mbox", "messages.mbox", "", mail_print_mbox },
};

const struct format *
format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (str_same(formats[i].name, name))
			return &formats[i];
	error_panic(__FILE__, __LINE__, name);
}

/* Folders by day, so that none has too many. */
const char *
format_file(const struct format *format, struct arena *arena,
	    const struct archive_row *row)
{
	if (format->file != NULL)
		return format->file;
	return arena_printf(arena, "%.10s/%s.%s", record_sent(arena, row),
			    record_serial(arena, row), format->name);
}
