#include "components/offline/contents.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "components/offline/inquiry.h"
#include "components/offline/offline.h"
#include "components/offline/shelf.h"
#include "shared/arena.h"
#include "shared/disco.h"
#include "shared/error.h"
#include "shared/hook_answer.h"
#include "shared/hook_event.h"
#include "shared/hook_host.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/rsm.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Around the items, in the stanza by which they are sent. */
#define WRAPPING 4096

/* A page being made; in the arena of its request. */
struct contents {
	struct hook_event *event;
	struct offline *offline;
	struct rsm rsm;
	int64_t serial;		/* from where it begins */
	struct xml **items;	/* as they were read: those of a page before
				   another from its end */
	size_t count;
};

static bool
is_backward(const struct contents *contents)
{
	return contents->rsm.mode == RSM_BEFORE ||
	       contents->rsm.mode == RSM_LAST;
}

static struct xml *
make_item(const struct contents *contents, const struct shelf_message *message)
{
	struct arena *arena = contents->event->req->arena;
	struct xml *query = disco_query(arena, NS_DISCO_ITEMS, NULL);
	char node[INQUIRY_NODE_SIZE];

	inquiry_print_node(message->serial, node);
	disco_add_item(arena, query, contents->event->stanza.from->bare,
		       jid_join(arena, message->sender, message->resource),
		       arena_strdup(arena, node));
	query = query->first;
	xml_remove(query);
	return query;
}

static size_t
measure(const struct xml *item)
{
	struct str text = { 0 };
	size_t len;

	xml_print(&text, item, NS_DISCO_ITEMS);
	len = text.len;
	str_fini(&text);
	return len;
}

/* As many as a stanza takes, one at least. */
static void
take_items(struct contents *contents, const struct store_result *result)
{
	size_t rows = store_rows(result), bytes = WRAPPING;
	struct shelf_message message;
	struct xml *item;

	contents->items = arena_alloc(contents->event->req->arena,
				      (rows + 1) * sizeof(item));
	for (size_t i = 0; i < rows; i++) {
		shelf_get_header(result, i, &message);
		item = make_item(contents, &message);
		bytes += measure(item);
		if (i > 0 && bytes > contents->event->host->stanza_bytes)
			return;
		contents->items[contents->count++] = item;
	}
}

static void
add_items(struct contents *contents, struct xml *query)
{
	size_t last = contents->count - 1;

	for (size_t i = 0; i < contents->count; i++)
		xml_append(query, contents->items[is_backward(contents) ?
						  last - i : i]);
}

static void
add_set(const struct contents *contents, struct xml *query, size_t total)
{
	struct rsm_page page = { .index = -1, .count = (long)total };

	if (query->first != NULL) {
		page.first = xml_attr(query->first, "node");
		page.last = xml_attr(query->last, "node");
	}
	if (contents->rsm.mode != RSM_NONE || total > contents->count)
		rsm_add(contents->event->req->arena, query, &page);
}

static void
on_counted(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct contents *contents = ctx;
	struct xml *query;

	if (err != NULL) {
		hook_finish(contents->event, NULL, err);
		return;
	}
	query = disco_query(contents->event->req->arena, NS_DISCO_ITEMS,
			    NS_OFFLINE);
	add_items(contents, query);
	add_set(contents, query,
		shelf_total(result, contents->event->stanza.from->bare));
	hook_finish(contents->event, query, NULL);
}

static void
count(struct contents *contents)
{
	shelf_count(contents->offline->shelf,
		    contents->event->stanza.from->bare, on_counted, contents);
}

static void
on_read(void *ctx, const struct store_result *result, const struct error *err)
{
	struct contents *contents = ctx;

	if (err != NULL) {
		hook_finish(contents->event, NULL, err);
		return;
	}
	take_items(contents, result);
	count(contents);
}

static void
read_headers(struct contents *contents)
{
	struct shelf *shelf = contents->offline->shelf;
	const char *jid = contents->event->stanza.from->bare;
	unsigned max = (unsigned)contents->rsm.max;

	if (is_backward(contents))
		shelf_read_headers_below(shelf, jid, contents->serial, max,
					 on_read, contents);
	else
		shelf_read_headers(shelf, jid, contents->serial, max, on_read,
				   contents);
}

/* A message that was removed meanwhile still says where. */
static int
find_place(struct contents *contents, struct error *err)
{
	const struct rsm *rsm = &contents->rsm;

	if (rsm->mode == RSM_INDEX)
		return error_set(err, ERROR_FEATURE_NOT_IMPLEMENTED,
				 "headers are paged by node");
	if (rsm->mode == RSM_LAST)
		contents->serial = INT64_MAX;
	else if (rsm->item != NULL &&
		 inquiry_parse_node(rsm->item, &contents->serial) < 0)
		return error_set(err, ERROR_ITEM_NOT_FOUND, "no such message");
	return 0;
}

int
contents_list(struct hook_event *event, struct offline *offline,
	      const struct xml *query, struct error *err)
{
	struct arena *arena = event->req->arena;
	struct contents *contents = arena_alloc(arena, sizeof(*contents));

	contents->event = event;
	contents->offline = offline;
	if (rsm_parse(arena, query, CONTENTS_MAX, &contents->rsm, err) < 0 ||
	    find_place(contents, err) < 0)
		return -1;
	if (contents->rsm.count_only)
		count(contents);
	else
		read_headers(contents);
	return REQUEST_PARKED;
}
