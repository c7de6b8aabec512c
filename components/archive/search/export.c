#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "components/archive/command/sieve.h"
#include "components/archive/commands.h"
#include "components/archive/format/format.h"
#include "components/archive/format/record.h"
#include "components/archive/search/eventlist.h"
#include "shared/arena.h"
#include "shared/audit.h"
#include "shared/call.h"
#include "shared/clock.h"
#include "shared/digest.h"
#include "shared/error.h"
#include "shared/request.h"
#include "shared/serial.h"
#include "shared/str.h"

/* As sha256sum(1) writes and reads it: of each file, in order. */
#define SUMS "SHA256SUMS"
/* A row of a file has about so many bytes. */
#define CHUNK_BYTES 65536

struct export {
	struct archive_search *search;
	struct arena *arena;		/* of a part's texts */
	const struct format *format;
	int64_t first, end;	/* times: of the first message; where it
				   ends */
	uint64_t seen, messages, events, files;
	struct eventlist_filter deeds;	/* of the events, if wanted */
	bool with_events;
	uint64_t damaged;	/* of the messages, as is stored of them */
	struct str text;		/* of the file, not told yet */
	char *file;			/* being written; NULL: none */
	struct digest *digest, *sums;	/* of the file; of SHA256SUMS */
	char sums_hash[DIGEST_TEXT_SIZE];
};

static void
fini(struct call *call)
{
	struct export *export = call->state;

	archive_search_free(&export->search);
	arena_free(&export->arena);
	str_fini(&export->text);
	free(export->file);
	digest_free(&export->digest);
	digest_free(&export->sums);
}

static void
tell(struct call *call, const char *file, const char *text)
{
	call_row(call, (const char *[]){ file, text });
}

static void
tell_chunk(struct call *call)
{
	struct export *export = call->state;

	if (export->text.len == 0)
		return;
	digest_add(export->digest, export->text.data, export->text.len);
	tell(call, export->file, export->text.data);
	str_clear(&export->text);
}

static void
end_file(struct call *call)
{
	struct export *export = call->state;
	char hash[DIGEST_TEXT_SIZE];
	const char *line;

	if (export->file == NULL)
		return;
	tell_chunk(call);
	line = arena_printf(export->arena, "%s  %s\n",
			    digest_end(&export->digest, hash), export->file);
	digest_add(export->sums, line, strlen(line));
	tell(call, SUMS, line);
	free(export->file);
	export->file = NULL;
}

static void
begin_file(struct call *call, const char *name, const char *head)
{
	struct export *export = call->state;

	if (export->file != NULL && str_same(export->file, name))
		return;
	end_file(call);
	export->file = str_dup(name);
	export->files++;
	export->digest = digest_new();
	str_addz(&export->text, head);
}

static void
add_message(struct call *call, const struct format_item *item)
{
	struct export *export = call->state;

	begin_file(call, format_file(export->format, export->arena,
				     item->row), export->format->head);
	if (!export->format->print(&export->text, export->arena, item))
		export->damaged++;
	export->messages++;
	if (export->text.len >= CHUNK_BYTES)
		tell_chunk(call);
}

/* How many there are is not known, but how much of the time is done. */
static void
tell_progress(struct call *call, int64_t reached)
{
	struct export *export = call->state;
	int64_t done = serial_time(reached) - export->first;
	int64_t whole = export->end - export->first;

	if (export->first == 0 || done <= 0 || done > whole)
		return;
	call_progress(call, export->seen, (uint64_t)
		      ((double)export->seen * (double)whole / (double)done));
}

static char *
summary(const struct call *call)
{
	const struct export *export = call->state;
	json_t *json = json_pack("{s:s, s:s, s:I, s:I, s:s}",
				 "folder", call_text(call, "folder"),
				 "format", export->format->name,
				 "messages", (json_int_t)export->messages,
				 "files", (json_int_t)export->files,
				 "sums", export->sums_hash);
	char *text;

	if (export->damaged > 0)
		json_object_set_new(json, "damaged",
				    json_integer((json_int_t)export->damaged));
	if (export->with_events)
		json_object_set_new(json, "events", json_integer(
				(json_int_t)export->events));
	ensure((text = json_dumps(json, JSON_COMPACT)) != NULL);
	json_decref(json);
	return text;
}

static void
on_end_noted(void *ctx, const struct error *err)
{
	struct call *call = ctx;
	const struct export *export = call->state;

	if (err == NULL && export->with_events)
		call_say(call, "Events: %" PRIu64 ".", export->events);
	if (err == NULL && export->damaged > 0)
		call_say(call, "Of %" PRIu64 " messages what is stored of the "
			 "stanza is no XML any more: they are marked as "
			 "damaged.", export->damaged);
	if (err == NULL)
		call_say(call, "Messages: %" PRIu64 ", files: %" PRIu64
			 ".  The SHA-256 of " SUMS " is %s.",
			 export->messages, export->files, export->sums_hash);
	call_end(call, err);
}

/* Whoever has the files can tell by the log whether they are what was
   exported. */
static void
note_end(struct call *call)
{
	struct export *export = call->state;
	char *detail;

	end_file(call);
	tell(call, SUMS, "");
	digest_end(&export->sums, export->sums_hash);
	detail = summary(call);
	audit_note(call->runtime->store, &(struct audit_event){
			   call->who, "exported", detail },
		   on_end_noted, call);
	free(detail);
}

static void
add_event(struct call *call, const struct archive_event *event)
{
	struct export *export = call->state;

	begin_file(call, export->format->event_file,
		   export->format->event_head);
	export->format->print_event(&export->text, export->arena, event);
	export->events++;
	export->deeds.after = event->mark.serial;
	if (export->text.len >= CHUNK_BYTES)
		tell_chunk(call);
}

static void read_events(struct call *call);

static void
on_events(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	struct call *call = ctx;
	struct export *export = call->state;

	if (err != NULL || call_is_cancelled(call)) {
		call_end(call, err);
		return;
	}
	arena_reset(export->arena);
	for (size_t i = 0; i < store_rows(result); i++) {
		const struct archive_event event =
			eventlist_event(export->arena, result, i);

		add_event(call, &event);
	}
	if (store_rows(result) < EVENTLIST_ROWS)
		note_end(call);
	else
		call_then(call, read_events);
}

static void
read_events(struct call *call)
{
	const struct export *export = call->state;

	eventlist_read(call->runtime->store, &export->deeds, EVENTLIST_ROWS,
		       on_events, call);
}

static void read_part(struct call *call);

static void
on_part(void *ctx, const struct archive_search_part *part,
	const struct error *err)
{
	struct call *call = ctx;
	struct export *export = call->state;

	if (err != NULL || call_is_cancelled(call)) {
		call_end(call, err);
		return;
	}
	arena_reset(export->arena);
	for (size_t i = 0; i < part->count; i++)
		add_message(call, &(struct format_item){
			&part->rows[i], part->audiences[i] });
	if (export->first == 0 && part->count > 0)
		export->first = serial_time(part->rows[0].mark.serial);
	export->seen = part->seen;
	tell_progress(call, part->reached);
	if (!part->complete)
		call_then(call, read_part);
	else if (export->with_events)
		call_then(call, read_events);
	else
		note_end(call);
}

static void
read_part(struct call *call)
{
	const struct export *export = call->state;

	archive_search_next(export->search, on_part, call);
}

/* Of the same people, rooms and times. */
static int
read_deeds(const struct call *call, const struct archive_search_filter *filter,
	   struct export *export, struct error *err)
{
	export->with_events = call_bool(call, "events");
	if (!export->with_events)
		return 0;
	if (export->format->event_file == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "events: not in this format");
	if (filter->with != NULL || filter->shown != NULL ||
	    filter->text != NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "events: they are neither with anybody nor "
				 "shown to anybody, and have no text");
	export->deeds = eventlist_all;
	export->deeds.who = filter->who;
	export->deeds.room = filter->room;
	export->deeds.start = filter->start;
	export->deeds.end = filter->end;
	return 0;
}

int
export_run(struct call *call, void *ctx, struct error *err)
{
	struct archive_search_filter filter;
	struct export *export = arena_alloc(call->arena, sizeof(*export));
	int64_t now = clock_now();

	(void)ctx;
	export->format = format_find(call_text(call, "format"));
	if (sieve_read(call, &filter, err) < 0 ||
	    read_deeds(call, &filter, export, err) < 0)
		return -1;
	filter.audience = true;
	if (archive_search_new(call->runtime->store, &filter, &export->search,
			       err) < 0)
		return -1;
	export->arena = arena_new();
	export->end = filter.end < now ? filter.end : now;
	export->sums = digest_new();
	call->state = export;
	call->fini = fini;
	audit_call(call, read_part);
	return CALL_PARKED;
}
