#include "components/offline/inquiry.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "components/offline/offline.h"
#include "components/offline/shelf.h"
#include "shared/arena.h"
#include "shared/disco.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/hook_answer.h"
#include "shared/hook_event.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/xml.h"

char *
inquiry_print_node(int64_t serial, char node[INQUIRY_NODE_SIZE])
{
	snprintf(node, INQUIRY_NODE_SIZE, "%019" PRId64, serial);
	return node;
}

int
inquiry_parse_node(const char *node, int64_t *serial_r)
{
	char again[INQUIRY_NODE_SIZE];
	int64_t serial = 0;

	if (node == NULL || strlen(node) != INQUIRY_NODE_SIZE - 1 ||
	    sscanf(node, "%" SCNd64, &serial) != 1 || serial <= 0 ||
	    strcmp(inquiry_print_node(serial, again), node) != 0)
		return -1;
	*serial_r = serial;
	return 0;
}

static void
on_count(void *ctx, const struct store_result *result, const struct error *err)
{
	struct hook_event *event = ctx;
	struct arena *arena = event->req->arena;
	struct xml *query, *form;
	size_t count;

	if (err != NULL) {
		hook_finish(event, NULL, err);
		return;
	}
	count = shelf_total(result, event->stanza.from->bare);
	query = disco_query(arena, NS_DISCO_INFO, NS_OFFLINE);
	disco_add_identity(arena, query, "automation", "message-list", NULL);
	disco_add_feature(arena, query, NS_OFFLINE);
	disco_add_feature(arena, query, NS_RSM);
	form = form_new(arena, "result", NS_OFFLINE);
	form_add_value(arena, form_add(arena, form, NULL,
				       "number_of_messages", NULL),
		       arena_printf(arena, "%zu", count));
	xml_append(query, form);
	hook_finish(event, query, NULL);
}

int
inquiry_count(struct hook_event *event, struct offline *offline)
{
	shelf_count(offline->shelf, event->stanza.from->bare,
		    on_count, event);
	return REQUEST_PARKED;
}
