#include "components/archive/format/format.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "components/archive/format/link.h"
#include "components/archive/format/mail.h"
#include "components/archive/format/record.h"
#include "shared/archive_about.h"
#include "shared/archive_event.h"
#include "shared/archive_row.h"
#include "shared/archive_texts.h"
#include "shared/arena.h"
#include "shared/clock.h"
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

/* There are no blanks in addresses. */
static const char *
in_one_line(struct arena *arena, const char *lines)
{
	char *line = arena_strdup(arena, lines);

	for (char *c = line; *c != '\0'; c++)
		if (*c == '\n')
			*c = ' ';
	return line;
}

/* Which has nothing of the rest but its bodies. */
static bool
print_csv(struct str *out, struct arena *arena, const struct format_item *item)
{
	const struct archive_row *row = item->row;

	add_cell(out, record_serial(arena, row), ",");
	add_cell(out, record_sent(arena, row), ",");
	add_cell(out, record_from(arena, row), ",");
	add_cell(out, record_to(arena, row), ",");
	add_cell(out, record_type(row), ",");
	add_cell(out, row->subject, ",");
	add_cell(out, archive_texts_bodies(arena, row), ",");
	add_cell(out, has_flag(row, ARCHIVE_ENCRYPTED) ? "yes" : "no", ",");
	add_cell(out, row->mark.uid, ",");
	add_cell(out, archive_about_name(row->relation), ",");
	add_cell(out, row->original, ",");
	add_cell(out, record_copies_line(arena, row), ",");
	add_cell(out, in_one_line(arena, item->audience), "\r\n");
	return true;
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

/* named is what the message says itself; id is that one's in the archive, where
   it has it. */
static void
set_about(json_t *json, const struct archive_row *row)
{
	json_t *about;

	if (row->about == NULL)
		return;
	about = json_object();
	set(about, "relation", archive_about_name(row->relation));
	set(about, "named", row->about);
	set(about, "id", row->original);
	json_object_set_new(json, "about", about);
}

static void
set_linked(json_t *json, struct arena *arena, const struct archive_row *row)
{
	size_t count;
	const struct link *links = link_list(arena, row, &count);
	json_t *list;

	if (count == 0)
		return;
	list = json_array();
	for (size_t i = 0; i < count; i++) {
		json_t *item = json_object();

		set(item, "relation", links[i].relation);
		set(item, "id", links[i].uid);
		set(item, "from", links[i].from);
		set(item, "sent", links[i].sent);
		set(item, "text", links[i].text);
		json_array_append_new(list, item);
	}
	json_object_set_new(json, "linked", list);
}

static void
set_copies(json_t *json, const struct archive_row *row)
{
	const char *names[RECORD_COPIES];
	size_t count = record_copies(row, names);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(names[i]));
	json_object_set_new(json, "copies", list);
}

static void
set_lines(json_t *json, const char *key, const char *text)
{
	json_t *lines = json_array();

	ensure(lines != NULL);
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		json_array_append_new(lines, json_stringn(text, len));
		text += len + (text[len] != '\0');
	}
	json_object_set_new(json, key, lines);
}

static bool
print_jsonl(struct str *out, struct arena *arena,
	    const struct format_item *item)
{
	const struct archive_row *row = item->row;
	const char *stanza = record_stanza(arena, row);
	json_t *json = json_object();
	char *text;

	set(json, "serial", record_serial(arena, row));
	set(json, "sent", record_sent(arena, row));
	set(json, "from", record_from(arena, row));
	set(json, "to", record_to(arena, row));
	set(json, "type", record_type(row));
	set(json, "subject", row->subject);
	set(json, "text", archive_texts_bodies(arena, row));
	set(json, "thread", row->thread);
	if (row->type == ARCHIVE_GROUPCHAT)
		set_lines(json, "shown", item->audience);
	set_copies(json, row);
	set_bool(json, "encrypted", has_flag(row, ARCHIVE_ENCRYPTED));
	set_bool(json, "remote", has_flag(row, ARCHIVE_REMOTE));
	set_bool(json, "component", has_flag(row, ARCHIVE_COMPONENT));
	set(json, "id", row->mark.uid);
	set_about(json, row);
	set_linked(json, arena, row);
	set(json, "stanza", stanza);
	if (stanza == NULL) {
		set_bool(json, "damaged", true);
		set(json, "rest", row->rest);
	}
	text = json_dumps(json, JSON_COMPACT);
	ensure(text != NULL);
	str_addf(out, "%s\n", text);
	free(text);
	json_decref(json);
	return stanza != NULL;
}

static bool
print_eml(struct str *out, struct arena *arena, const struct format_item *item)
{
	return mail_print(out, arena, item->row, &(struct mail_style){
		.eol = "\r\n", .headers = "", .audience = item->audience });
}

static bool
print_mbox(struct str *out, struct arena *arena,
	   const struct format_item *item)
{
	return mail_print_mbox(out, arena, item->row, item->audience);
}

static void
print_event_csv(struct str *out, struct arena *arena,
		const struct archive_event *event)
{
	char time[CLOCK_TEXT_SIZE];

	add_cell(out, arena_printf(arena, "%" PRId64, event->mark.serial),
		 ",");
	add_cell(out, clock_print(event->mark.stamp, time), ",");
	add_cell(out, archive_event_name(event->kind), ",");
	add_cell(out, record_client(arena, event), ",");
	add_cell(out, event->recipient, ",");
	add_cell(out, event->about, ",");
	add_cell(out, event->detail, ",");
	add_cell(out, event->mark.uid, "\r\n");
}

/* As an object; what somebody has made of it is left out. */
static void
set_detail(json_t *json, const char *detail)
{
	json_t *object = detail == NULL ? NULL :
			 json_loads(detail, 0, NULL);

	if (object != NULL)
		json_object_set_new(json, "detail", object);
}

static void
print_event_jsonl(struct str *out, struct arena *arena,
		  const struct archive_event *event)
{
	char time[CLOCK_TEXT_SIZE];
	json_t *json = json_object();
	char *text;

	set(json, "serial", arena_printf(arena, "%" PRId64,
					 event->mark.serial));
	set(json, "time", clock_print(event->mark.stamp, time));
	set(json, "kind", archive_event_name(event->kind));
	set(json, "who", record_client(arena, event));
	set(json, "where", event->recipient);
	set(json, "about", event->about);
	set_detail(json, event->detail);
	set(json, "id", event->mark.uid);
	text = json_dumps(json, JSON_COMPACT);
	ensure(text != NULL);
	str_addf(out, "%s\n", text);
	free(text);
	json_decref(json);
}

static const struct format formats[] = {
	{ "csv", "messages.csv",
	  "serial,sent,from,to,type,subject,text,encrypted,id,"
	  "relation,about,copies,shown\r\n",
	  print_csv, "events.csv",
	  "serial,time,kind,who,where,about,detail,id\r\n",
	  print_event_csv },
	{ "eml", NULL, "", print_eml, NULL, NULL, NULL },
	{ "jsonl", "messages.jsonl", "", print_jsonl, "events.jsonl", "",
	  print_event_jsonl },
	{ "mbox", "messages.mbox", "", print_mbox, NULL, NULL, NULL },
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
