#include "components/archive/policy/verdict.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "components/archive/archive.h"
#include "components/archive/keep/note.h"
#include "components/archive/policy/held.h"
#include "components/archive/policy/policy.h"
#include "shared/archive_event.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/digest.h"
#include "shared/error.h"
#include "shared/hook_event.h"
#include "shared/jid.h"
#include "shared/request.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

static const char *const words[] = {
	[RULING_ALLOW] = "allow", [RULING_BLOCK] = "block",
	[RULING_MODIFY] = "modify", [RULING_HOLD] = "hold",
};

/* As much as is kept; a character is not cut. */
static size_t
length_of(const struct str *text)
{
	size_t len = text->len;

	if (len <= VERDICT_STANZA_MAX)
		return len;
	len = VERDICT_STANZA_MAX;
	while (len > 0 && ((unsigned char)text->data[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static void
add_stanza(json_t *detail, const struct xml *el)
{
	struct str text = { 0 };
	size_t len;

	xml_print(&text, el, "");
	len = length_of(&text);
	json_object_set_new(detail, "stanza",
			    json_stringn(text.data, len));
	if (len < text.len)
		json_object_set_new(detail, "cut", json_true());
	str_fini(&text);
}

static json_t *
describe(const struct stanza *stanza, const struct verdict *verdict)
{
	const struct policy *policy = verdict->policy;
	json_t *detail = json_pack(
		"{s:s, s:s, s:s*, s:s*, s:s}", "verdict", words[verdict->kind],
		"policy", policy->name, "rule", verdict->rule,
		"why", verdict->why, "of", stanza->el->name);

	ensure(detail != NULL);
	if (policy->keep_stanza)
		add_stanza(detail, stanza->el);
	return detail;
}

/* With the NUL, so that no two texts become another two. */
static void
add(struct digest *digest, const char *text)
{
	digest_add(digest, text, strlen(text) + 1);
}

/* By one id a stanza may be judged as it is sent and as it comes, what is said
   in a room as it comes for each inside, and one that was replaced again: but
   to say the same of the same twice tells nothing. */
static unsigned
number_of(const struct hook_event *cause, const struct archive_event *event)
{
	struct digest *digest = digest_new();
	char number[DIGEST_TEXT_SIZE];
	struct str stanza = { 0 };

	xml_print(&stanza, cause->stanza.el, "");
	add(digest, cause->point == HOOK_POINT_SEND ? "send" : "receive");
	add(digest, event->recipient);
	add(digest, event->detail);
	add(digest, stanza.data);
	str_fini(&stanza);
	digest_end(&digest, number);
	number[8] = '\0';
	return (unsigned)strtoul(number, NULL, 16);
}

/* No recipient is the sender's own account (RFC 6120 section 8.1.1). */
static struct archive_event
event_of(const struct stanza *stanza)
{
	const struct jid *from = stanza->from;
	const struct jid *to = stanza->to != NULL ? stanza->to : from;

	return (struct archive_event){
		.kind = ARCHIVE_EVENT_VERDICT, .sender = from->bare,
		.resource = from->resource, .recipient = to->bare,
	};
}

void
verdict_note(struct archive *archive, const struct hook_event *cause,
	     const struct verdict *verdict)
{
	const struct stanza *stanza = &cause->stanza;
	struct archive_event event;

	if (archive->journal == NULL || stanza->from == NULL)
		return;
	event = event_of(stanza);
	event.detail = archive_event_detail(cause->req->arena,
					    describe(stanza, verdict));
	note_put(archive, cause, &event, number_of(cause, &event));
}

/* It is held by that profile's policy. */
static json_t *
describe_ending(const struct verdict_ending *ending)
{
	const struct xml *el = ending->stanza->el;
	json_t *detail = json_pack("{s:s, s:s, s:s}", "verdict", ending->word,
				   "policy", ending->held->profile,
				   "of", el->name);

	ensure(detail != NULL);
	add_stanza(detail, el);
	return detail;
}

void
verdict_print_ending(struct archive *archive,
		     const struct verdict_ending *ending, struct str *text)
{
	const struct held *held = ending->held;
	struct archive_event event = event_of(ending->stanza);
	struct archive_row row;

	event.mark = (struct archive_mark){
		.serial = serial_next(&archive->serial, clock_now()),
		.stamp = held->stamp,
		.uid = arena_printf(ending->arena, "%.200s %s", held->uid,
				    ending->word),
	};
	event.detail = archive_event_detail(ending->arena,
					    describe_ending(ending));
	row = archive_event_row(&event);
	archive_row_print(text, &row);
}
