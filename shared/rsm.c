#include "shared/rsm.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/xml.h"

/* Numbers are xs:int (XEP-0059 section 8), and none here makes sense below
   zero.  No number leaves *value_r as it is. */
static int
read_number(struct arena *arena, const struct xml *set, const char *name,
	    size_t *value_r, struct error *err)
{
	const char *text = xml_child_text(arena, set, NS_RSM, name);
	unsigned long long value;
	char *end;

	if (text == NULL)
		return 0;
	value = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end != '\0' ||
	    value > INT32_MAX)
		return error_set(err, ERROR_BAD_REQUEST,
				 "%s in a result set is not a number", name);
	*value_r = (size_t)value;
	return 0;
}

/* An empty <before/> asks for the last page (XEP-0059 section 2.5); an empty
   <after/> stands before the first item. */
static int
read_mode(struct arena *arena, const struct xml *set, struct rsm *rsm,
	  struct error *err)
{
	const char *after = xml_child_text(arena, set, NS_RSM, "after");
	const char *before = xml_child_text(arena, set, NS_RSM, "before");
	bool index = xml_child(set, NS_RSM, "index") != NULL;

	if ((after != NULL) + (before != NULL) + index > 1)
		return error_set(err, ERROR_BAD_REQUEST,
				 "a page of a result set by more than one of "
				 "after, before and index");
	rsm->mode = RSM_FIRST;
	if (index)
		rsm->mode = RSM_INDEX;
	else if (before != NULL)
		rsm->mode = *before == '\0' ? RSM_LAST : RSM_BEFORE;
	else if (after != NULL && *after != '\0')
		rsm->mode = RSM_AFTER;
	if (rsm->mode == RSM_AFTER)
		rsm->item = after;
	else if (rsm->mode == RSM_BEFORE)
		rsm->item = before;
	return 0;
}

int
rsm_parse(struct arena *arena, const struct xml *el, size_t limit,
	  struct rsm *rsm_r, struct error *err)
{
	const struct xml *set = xml_child(el, NS_RSM, "set");
	size_t max = limit;

	memset(rsm_r, 0, sizeof(*rsm_r));
	rsm_r->max = limit;
	if (set == NULL)
		return 0;
	if (read_mode(arena, set, rsm_r, err) < 0 ||
	    read_number(arena, set, "index", &rsm_r->index, err) < 0 ||
	    read_number(arena, set, "max", &max, err) < 0)
		return -1;
	rsm_r->max = max < limit ? max : limit;
	/* XEP-0059 section 2.7. */
	rsm_r->count_only = max == 0;
	return 0;
}

/* XEP-0059 sections 2.2 and 2.6. */
long
rsm_index(const struct rsm *rsm, size_t items, long count, bool complete)
{
	switch (rsm->mode) {
	case RSM_NONE:
	case RSM_FIRST:
		return 0;
	case RSM_INDEX:
		return (long)rsm->index;
	case RSM_BEFORE:
	case RSM_LAST:
		/* Where the last page begins is known if count is.
		   COMPAT: slixmpp ends a backward walk there. */
		return complete ? 0 : -1;
	case RSM_AFTER:
		break;
	}
	return complete && count >= (long)items ? count - (long)items : -1;
}

static void
add_number(struct arena *arena, struct xml *set, const char *name, long value)
{
	xml_add_text(arena, set, NULL, name,
		     arena_printf(arena, "%ld", value));
}

void
rsm_add(struct arena *arena, struct xml *el, const struct rsm_page *page)
{
	struct xml *set = xml_add(arena, el, NS_RSM, "set"), *first;

	if (page->first != NULL) {
		first = xml_add_text(arena, set, NULL, "first", page->first);
		if (page->index >= 0)
			xml_set(arena, first, "index",
				arena_printf(arena, "%ld", page->index));
		xml_add_text(arena, set, NULL, "last", page->last);
	}
	if (page->count >= 0)
		add_number(arena, set, "count", page->count);
}
