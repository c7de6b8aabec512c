#include "shared/prosody_item.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/markup.h"
#include "shared/spool.h"
#include "shared/str.h"
#include "shared/term.h"
#include "shared/xml.h"

/* A stanza that is being printed. */
struct printing {
	struct arena *arena;
	struct str out;
	unsigned prefixes;	/* given to namespaces of attributes */
	struct error *err;
};

/* A child, and its number in the table. */
struct child {
	int64_t number;
	const struct term *term;
};

static int
fail(struct printing *printing, const char *what)
{
	return error_set(printing->err, ERROR_BAD_REQUEST, "no stanza: %s",
			 what);
}

/* One with a namespace is stored as NAMESPACE\1NAME, in old files as
   NAMESPACE|NAME. */
static int
add_spaced_attr(struct printing *printing, const char *key, size_t at,
		const char *value)
{
	struct arena *arena = printing->arena;
	const char *name = key + at + 1;
	unsigned prefix = ++printing->prefixes;

	if (!markup_is_name(name) || strchr(name, ':') != NULL)
		return fail(printing, "an attribute's name");
	markup_add_attr(&printing->out, arena_printf(arena, "xmlns:a%u",
						     prefix),
			arena_dup(arena, key, at));
	markup_add_attr(&printing->out, arena_printf(arena, "a%u:%s", prefix,
						     name), value);
	return 0;
}

/* What Prosody added to the stanza when it was stored is not its own. */
static bool
is_added(const char *key)
{
	return str_same(key, "stamp") || str_same(key, "stamp_legacy");
}

static int
add_attr(struct printing *printing, const struct term *attr, bool top)
{
	const char *key = term_text(attr->key), *value = term_text(attr);
	size_t at;

	if (key == NULL || value == NULL)
		return fail(printing, "an attribute that is no text");
	if (top && is_added(key))
		return 0;
	at = strcspn(key, "\1|");
	if (key[at] != '\0')
		return add_spaced_attr(printing, key, at, value);
	if (!markup_is_name(key))
		return fail(printing, "an attribute's name");
	markup_add_attr(&printing->out, key, value);
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct child *one = a, *other = b;

	return (one->number > other->number) - (one->number < other->number);
}

/* Those of the table that have a number, in the order of these: Lua may have
   written them in any.  Returns how many there are. */
static size_t
sort_children(struct arena *arena, const struct term *table,
	      struct child **children_r)
{
	const struct term *item;
	struct child *children;
	size_t count = 0;
	int64_t number = 0;

	for (item = table->first; item != NULL; item = item->next)
		count++;
	children = arena_alloc(arena, (count + 1) * sizeof(*children));
	count = 0;
	for (item = table->first; item != NULL; item = item->next) {
		if (item->key == NULL)
			number++;
		else if (item->key->kind != TERM_NUMBER)
			continue;
		children[count++] = (struct child){
			item->key == NULL ? number :
			strtoll(item->key->text, NULL, 10), item,
		};
	}
	qsort(children, count, sizeof(*children), compare);
	*children_r = children;
	return count;
}

static int add_element(struct printing *printing, const struct term *table,
		       bool top);

static int
add_child(struct printing *printing, const struct term *term)
{
	const char *text = term_text(term);

	if (term->kind == TERM_LIST)
		return add_element(printing, term, false);
	if (text == NULL)
		return fail(printing, "a child that is neither element nor "
			    "text");
	xml_escape(&printing->out, text);
	return 0;
}

static int
add_element(struct printing *printing, const struct term *table, bool top)
{
	const struct term *attr = term_find(table, "attr");
	const char *name = term_text(term_find(table, "name"));
	struct child *children;
	size_t count;

	if (!markup_is_name(name))
		return fail(printing, "an element's name");
	str_addf(&printing->out, "<%s", name);
	if (attr != NULL && attr->kind == TERM_LIST)
		for (attr = attr->first; attr != NULL; attr = attr->next)
			if (add_attr(printing, attr, top) < 0)
				return -1;
	str_addc(&printing->out, '>');
	count = sort_children(printing->arena, table, &children);
	for (size_t i = 0; i < count; i++)
		if (add_child(printing, children[i].term) < 0)
			return -1;
	str_addf(&printing->out, "</%s>", name);
	return 0;
}

/* XEP-0091 writes 20020910T23:08:25. */
static int
parse_legacy(const char *text, int64_t *stamp_r)
{
	char iso[] = "0000-00-00T00:00:00Z";

	if (text == NULL || strlen(text) != 17)
		return -1;
	memcpy(iso, text, 4);
	memcpy(iso + 5, text + 4, 2);
	memcpy(iso + 8, text + 6, 11);
	return clock_parse(iso, stamp_r);
}

/* By the most exact of the times that there are; the oldest files have only
   the last. */
static void
read_stamp(const struct term *item, int64_t *stamp_r)
{
	const struct term *attr = term_find(item, "attr");
	const char *stamp = term_text(term_find(attr, "stamp"));

	if (term_stamp(term_find(item, "when"), stamp_r) == 0 ||
	    (stamp != NULL && clock_parse(stamp, stamp_r) == 0))
		return;
	parse_legacy(term_text(term_find(attr, "stamp_legacy")), stamp_r);
}

int
prosody_item_read(struct arena *arena, const struct term *item,
		  struct spool_record *record, struct error *err)
{
	struct printing printing = { .arena = arena, .err = err };
	int ret = add_element(&printing, item, true);
	const char *key = term_text(term_find(item, "key"));

	if (ret == 0) {
		record->stanza = arena_dup(arena, printing.out.data,
					   printing.out.len);
		read_stamp(item, &record->stamp);
		record->peer = term_text(term_find(item, "with"));
		if (key != NULL)
			record->key = key;
	}
	str_fini(&printing.out);
	return ret;
}
