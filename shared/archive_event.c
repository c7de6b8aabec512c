#include "shared/archive_event.h"

#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"

static const char *const names[ARCHIVE_EVENTS] = {
	[ARCHIVE_EVENT_NONE] = "message",
	[ARCHIVE_EVENT_JOIN] = "join",
	[ARCHIVE_EVENT_LEAVE] = "leave",
	[ARCHIVE_EVENT_KICK] = "kick",
	[ARCHIVE_EVENT_INVITATION] = "invitation",
	[ARCHIVE_EVENT_CREATION] = "creation",
	[ARCHIVE_EVENT_CONFIGURATION] = "configuration",
	[ARCHIVE_EVENT_AFFILIATION] = "affiliation",
	[ARCHIVE_EVENT_DESTRUCTION] = "destruction",
	[ARCHIVE_EVENT_SUBSCRIPTION] = "subscription",
	[ARCHIVE_EVENT_FILE] = "file",
	[ARCHIVE_EVENT_PRESENCE] = "presence",
	[ARCHIVE_EVENT_VERDICT] = "verdict",
	[ARCHIVE_EVENT_REMOVAL] = "removal",
};

const char *
archive_event_name(enum archive_event_kind kind)
{
	ensure(kind < ARCHIVE_EVENTS);
	return names[kind];
}

enum archive_event_kind
archive_event_find(const char *name)
{
	for (size_t i = ARCHIVE_EVENT_NONE + 1; i < ARCHIVE_EVENTS; i++)
		if (strcmp(names[i], name) == 0)
			return (enum archive_event_kind)i;
	return ARCHIVE_EVENT_NONE;
}

const char *
archive_event_detail(struct arena *arena, json_t *object)
{
	const char *copy;
	char *text;

	if (json_object_size(object) == 0) {
		json_decref(object);
		return NULL;
	}
	ensure((text = json_dumps(object, JSON_COMPACT)) != NULL);
	copy = arena_strdup(arena, text);
	free(text);
	json_decref(object);
	return copy;
}

/* A row without ways would not be stored. */
struct archive_row
archive_event_row(const struct archive_event *event)
{
	struct archive_row row = {
		.mark = event->mark, .event = event->kind,
		.sender = event->sender, .recipient = event->recipient,
		.resource = event->resource, .to_resource = "",
		.id = event->about, .body = event->detail,
	};

	ensure(event->kind > ARCHIVE_EVENT_NONE &&
	       event->kind < ARCHIVE_EVENTS);
	row.mark.ways = ARCHIVE_SENT;
	row.mark.flags = 0;
	if (strlen(row.resource) > ARCHIVE_EVENT_MAX)
		row.resource = "";
	if (row.body != NULL && strlen(row.body) > ARCHIVE_EVENT_MAX)
		row.body = NULL;
	return row;
}

struct archive_event
archive_event_of(const struct archive_row *row)
{
	ensure(row->event > ARCHIVE_EVENT_NONE &&
	       row->event < ARCHIVE_EVENTS);
	return (struct archive_event){
		.mark = row->mark, .kind = row->event,
		.sender = row->sender, .resource = row->resource,
		.recipient = row->recipient, .about = row->id,
		.detail = row->body,
	};
}
