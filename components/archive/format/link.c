#include "components/archive/format/link.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "shared/archive_about.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/serial.h"
#include "shared/str.h"
#include "shared/xml.h"

/* archive_row.h. */
enum { RELATION, UID, SERIAL, STAMP, SENDER, RESOURCE, TEXT };

static const char *
text_at(const json_t *item, size_t i)
{
	return json_string_value(json_array_get(item, i));
}

static int64_t
number_at(const json_t *item, size_t i)
{
	return json_integer_value(json_array_get(item, i));
}

/* What is between <reaction/> and </reaction>, of all of them. */
static const char *
join_reactions(struct arena *arena, const struct xml *all)
{
	const struct xml *el = xml_child(xml_child(all, NS_REACTIONS,
						   "reactions"),
					 NS_REACTIONS, "reaction");
	struct str out = { 0 };
	const char *text;

	for (; el != NULL; el = xml_next(el, NS_REACTIONS, "reaction"))
		str_addf(&out, "%s%s", out.len > 0 ? " " : "",
			 xml_text(arena, el));
	text = out.len > 0 ? arena_dup(arena, out.data, out.len) : NULL;
	str_fini(&out);
	return text;
}

static const char *
read_reactions(struct arena *arena, const char *rest)
{
	const char *text = arena_printf(arena, "<rest xmlns='" NS_CLIENT "'>"
					"%s</rest>", rest);
	struct error err;
	struct xml *all;

	if (parser_document(arena, text, strlen(text), &parser_limits_default,
			    &all, &err) < 0)
		return NULL;
	return join_reactions(arena, all);
}

static const char *
read_text(struct arena *arena, const json_t *item)
{
	const char *text = text_at(item, TEXT);

	if (text == NULL)
		return NULL;
	return number_at(item, RELATION) == ARCHIVE_REACTION ?
	       read_reactions(arena, text) : arena_strdup(arena, text);
}

static const char *
read_sent(struct arena *arena, const json_t *item)
{
	int64_t stamp = number_at(item, STAMP);
	char when[CLOCK_TEXT_SIZE];

	if (stamp == 0)
		stamp = serial_time(number_at(item, SERIAL));
	return arena_strdup(arena, clock_print(stamp, when));
}

static const char *
read_from(struct arena *arena, const json_t *item)
{
	const char *sender = text_at(item, SENDER);
	const char *resource = text_at(item, RESOURCE);

	return sender == NULL ? "" : jid_join(arena, sender, resource);
}

/* Returns false where it is about nothing that is known here. */
static bool
read_link(struct arena *arena, const json_t *item, struct link *link)
{
	int64_t relation = number_at(item, RELATION);
	const char *name = archive_about_name((enum archive_relation)relation);
	const char *uid = text_at(item, UID);

	if (relation < 0 || relation > ARCHIVE_DISPLAYED || name == NULL ||
	    uid == NULL)
		return false;
	*link = (struct link){
		.relation = name, .uid = arena_strdup(arena, uid),
		.from = read_from(arena, item),
		.sent = read_sent(arena, item),
		.text = read_text(arena, item),
	};
	return true;
}

struct link *
link_list(struct arena *arena, const struct archive_row *row, size_t *count_r)
{
	json_t *all = row->links == NULL ? NULL :
		      json_loads(row->links, 0, NULL);
	size_t size = json_array_size(all);
	struct link *links = arena_alloc(arena, (size + 1) * sizeof(*links));

	*count_r = 0;
	for (size_t i = 0; i < size; i++)
		if (read_link(arena, json_array_get(all, i),
			      &links[*count_r]))
			(*count_r)++;
	json_decref(all);
	return links;
}

static size_t
count_of(const struct link *links, size_t count, const char *relation)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += str_same(links[i].relation, relation);
	return n;
}

const char *
link_summary(struct arena *arena, const struct archive_row *row)
{
	size_t count, n;
	const struct link *links = link_list(arena, row, &count);
	struct str out = { 0 };
	const char *text;

	for (unsigned i = 1; count > 0 && i <= ARCHIVE_DISPLAYED; i++) {
		const char *name = archive_about_name(
			(enum archive_relation)i);

		if ((n = count_of(links, count, name)) > 0)
			str_addf(&out, "%s%s %zu", out.len > 0 ? ", " : "",
				 name, n);
	}
	text = out.len > 0 ? arena_dup(arena, out.data, out.len) : NULL;
	str_fini(&out);
	return text;
}
