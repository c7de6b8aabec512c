#include "shared/archive_row.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "shared/archive_about.h"
#include "shared/archive_rest.h"
#include "shared/archive_row-private.h"
#include "shared/arena.h"
#include "shared/content.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Of what is stored, which has more nodes than came, as each namespace is an
   attribute again, and stands in an element of ours. */
#define WRAPPER_BYTES 64
static const struct parser_limits rest_limits = {
	.bytes = ARCHIVE_ROW_MAX + WRAPPER_BYTES,
	.depth = 129,
	.nodes = UINT_MAX,
};

#define ALL_IN_REST (ARCHIVE_BODY_IN_REST | ARCHIVE_SUBJECT_IN_REST | \
		     ARCHIVE_THREAD_IN_REST)

/* By enum archive_type; "" is the first as well. */
static const char *const types[] = {
	"normal", "chat", "groupchat", "headline", "error",
};

/* The children that stand by themselves, in the order in which they are
   printed. */
static const struct column {
	const char *name;
	unsigned in_rest;
} columns[] = {
	{ "subject", ARCHIVE_SUBJECT_IN_REST },
	{ "body", ARCHIVE_BODY_IN_REST },
	{ "thread", ARCHIVE_THREAD_IN_REST },
};

/* Those that a message has, or NULL. */
struct found {
	const struct xml *els[ARRAY_LEN(columns)];
};

static const char **
column_text(struct archive_row *row, const struct column *column)
{
	switch (column->in_rest) {
	case ARCHIVE_SUBJECT_IN_REST:
		return &row->subject;
	case ARCHIVE_BODY_IN_REST:
		return &row->body;
	default:
		return &row->thread;
	}
}

/* Whether its text is all that there is. */
static bool
is_plain(const struct xml *el)
{
	return el->attrs == NULL && xml_child(el, NULL, NULL) == NULL;
}

static struct found
find_columns(const struct xml *message)
{
	struct found found;

	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		found.els[i] = xml_child(message, NS_CLIENT, columns[i].name);
	return found;
}

static void
take_columns(struct arena *arena, const struct found *found,
	     struct archive_row *row)
{
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		const struct xml *el = found->els[i];

		if (el == NULL)
			continue;
		*column_text(row, &columns[i]) = xml_text(arena, el);
		if (!is_plain(el))
			row->mark.flags |= columns[i].in_rest;
	}
}

static void
lose_columns(struct archive_row *row)
{
	row->subject = row->body = row->thread = NULL;
	row->mark.flags &= ~(unsigned)ALL_IN_REST;
	row->mark.flags |= ARCHIVE_REST_LOST;
}

static bool
is_in_column(const struct found *found, const struct xml *el)
{
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		if (el == found->els[i])
			return is_plain(el);
	return false;
}

static size_t
room_after(size_t room, const char *ns)
{
	size_t len = strlen(ns);

	return len < room ? room - len : 0;
}

/* What is left of room once el is printed, as far as namespaces take it: one
   that was declared once is written wherever it is used. */
static size_t
room_after_all(size_t room, const struct xml *el, const char *ns)
{
	const struct xml_attr *attr;
	const struct xml *child;

	if (!str_same(el->ns, ns))
		room = room_after(room, el->ns);
	for (attr = el->attrs; attr != NULL && room > 0; attr = attr->next)
		if (attr->ns != NULL && !str_same(attr->ns, XML_NS))
			room = room_after(room, attr->ns);
	for (child = xml_child(el, NULL, NULL); child != NULL && room > 0;
	     child = xml_next(child, NULL, NULL))
		room = room_after_all(room, child, el->ns);
	return room;
}

/* Returns false when it is too large, or could not be read again; then there is
   no more of it than it takes to see that. */
static bool
print_rest(struct str *out, const struct xml *message,
	   const struct found *found)
{
	const struct xml *el;

	if (room_after_all(ARCHIVE_ROW_MAX, message, NS_CLIENT) == 0 ||
	    !archive_rest_is_readable(message))
		return false;
	for (el = xml_child(message, NULL, NULL);
	     el != NULL && out->len <= ARCHIVE_ROW_MAX;
	     el = xml_next(el, NULL, NULL))
		if (!is_in_column(found, el))
			xml_print(out, el, NS_CLIENT);
	return out->len <= ARCHIVE_ROW_MAX &&
	       archive_rest_is_fair(message, out->len);
}

/* Once all else is in the row. */
static void
take_rest(struct arena *arena, const struct xml *message,
	  const struct found *found, struct archive_row *row)
{
	struct str out = { 0 };

	if (!print_rest(&out, message, found) ||
	    archive_row_bytes(row) + out.len > ARCHIVE_ROW_MAX) {
		row->mark.flags &= ~(unsigned)ALL_IN_REST;
		row->mark.flags |= ARCHIVE_REST_LOST;
	} else if (out.len > 0) {
		row->rest = arena_dup(arena, out.data, out.len);
	}
	str_fini(&out);
}

static enum archive_type
find_type(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(type, types[i]) == 0)
			return (enum archive_type)i;
	return ARCHIVE_NORMAL;
}

static void
take_addresses(const struct stanza *stanza, struct archive_row *row)
{
	const struct jid *to = stanza->to;

	row->sender = stanza->from->bare;
	row->resource = stanza->from->resource;
	row->recipient = to != NULL ? to->bare : row->sender;
	row->to_resource = to != NULL ? to->resource : "";
}

int
archive_row_of(struct arena *arena, const struct stanza *stanza,
	       const struct archive_mark *mark, struct archive_row *row_r,
	       struct error *err)
{
	const struct xml *el = stanza->el;
	struct found found;

	if (stanza->kind != STANZA_MESSAGE || stanza->from == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "only messages of somebody are archived");
	found = find_columns(el);
	*row_r = (struct archive_row){
		.mark = *mark, .type = find_type(stanza->type),
		.id = stanza->id, .lang = xml_lang(el),
	};
	row_r->about = archive_about_find(el, &row_r->relation);
	take_addresses(stanza, row_r);
	take_columns(arena, &found, row_r);
	if (archive_row_bytes(row_r) > ARCHIVE_ROW_MAX)
		lose_columns(row_r);
	take_rest(arena, el, &found, row_r);
	if (content_is_encrypted(el))
		row_r->mark.flags |= ARCHIVE_ENCRYPTED;
	return archive_row_check(row_r, err);
}

static int
add_rest(struct arena *arena, struct xml *message, const char *rest,
	 struct error *err)
{
	struct xml *all, *el;
	char *text;

	if (rest == NULL)
		return 0;
	text = arena_printf(arena, "<rest xmlns='" NS_CLIENT "'>%s</rest>",
			    rest);
	if (parser_document(arena, text, strlen(text), &rest_limits, &all,
			    err) < 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "what is stored of a message is no XML");
	while ((el = xml_child(all, NULL, NULL)) != NULL) {
		xml_remove(el);
		xml_append(message, el);
	}
	return 0;
}

enum archive_type
archive_row_type(int64_t number)
{
	return number < 0 || number > ARCHIVE_ERROR ? ARCHIVE_NORMAL :
	       (enum archive_type)number;
}

bool
archive_row_is_removed(const struct archive_mark *mark)
{
	return (mark->flags & ARCHIVE_ERASED) != 0 ||
	       (mark->ways & ARCHIVE_CONCEALED) != 0;
}

int
archive_row_message(struct arena *arena, const struct archive_row *row,
		    struct xml **message_r, struct error *err)
{
	struct archive_row copy = *row;
	const char *from, *to;
	struct xml *el;

	if ((size_t)row->type >= ARRAY_LEN(types))
		return error_set(err, ERROR_BAD_REQUEST,
				 "what is stored of a message has no type");
	from = jid_join(arena, row->sender, row->resource);
	to = jid_join(arena, row->recipient, row->to_resource);
	el = stanza_new(arena, "message", from, to,
			row->type == ARCHIVE_NORMAL ? NULL : types[row->type]);
	xml_set(arena, el, "id", row->id);
	if (row->lang != NULL)
		xml_set_lang(arena, el, row->lang);
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		const char *text = *column_text(&copy, &columns[i]);

		if (text != NULL && !(row->mark.flags & columns[i].in_rest))
			xml_add_text(arena, el, NULL, columns[i].name, text);
	}
	*message_r = el;
	return add_rest(arena, el, row->rest, err);
}

int
archive_row_remains(struct arena *arena, const struct archive_row *row,
		    struct xml **message_r, struct error *err)
{
	struct archive_row left = *row;

	*message_r = NULL;
	if (row->remains == NULL)
		return 0;
	left.lang = left.subject = left.body = left.thread = NULL;
	left.rest = row->remains;
	return archive_row_message(arena, &left, message_r, err);
}
