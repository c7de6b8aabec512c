#include "components/archive/policy/question.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/content.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/request.h"
#include "shared/str.h"
#include "shared/xml.h"

static const char *const kinds[] = {
	[STANZA_MESSAGE] = "message",
	[STANZA_PRESENCE] = "subscription",
	[STANZA_IQ] = "iq",
};

/* NULL adds nothing. */
static void
add(json_t *root, const char *name, const char *text)
{
	json_t *value;

	if (text == NULL)
		return;
	ensure((value = json_string(text)) != NULL);
	ensure(json_object_set_new(root, name, value) == 0);
}

static const char *
direction_of(const struct question *question)
{
	const struct jid *to = question->stanza->to;

	if (question->point == HOOK_POINT_RECEIVE)
		return "in";
	return to == NULL || strcmp(to->domain, question->host) == 0 ?
	       "local" : "out";
}

/* No recipient is the sender's own account (RFC 6120 section 8.1.1). */
static const char *
recipient_of(const struct stanza *stanza)
{
	if (stanza->to != NULL)
		return stanza->to->full;
	return stanza->from == NULL ? NULL : stanza->from->bare;
}

static const char *
type_of(const struct stanza *stanza)
{
	if (stanza->kind == STANZA_MESSAGE && *stanza->type == '\0')
		return "normal";
	return stanza->type;
}

/* What a child has no language of has the message's. */
static json_t *
describe(struct arena *arena, const struct xml *message, const struct xml *el)
{
	const char *lang = xml_lang(el);
	json_t *one = json_object();

	ensure(one != NULL);
	add(one, "text", xml_text(arena, el));
	add(one, "lang", lang != NULL ? lang : xml_lang(message));
	return one;
}

/* The first of that name, and all of them. */
static void
add_texts(json_t *root, const struct question *question, const char *name,
	  const char *all)
{
	const struct xml *message = question->stanza->el;
	const struct xml *el = xml_child(message, NS_CLIENT, name);
	json_t *list;

	if (el == NULL)
		return;
	add(root, name, xml_text(question->arena, el));
	ensure((list = json_array()) != NULL);
	for (; el != NULL; el = xml_next(el, NS_CLIENT, name))
		ensure(json_array_append_new(list, describe(
			question->arena, message, el)) == 0);
	ensure(json_object_set_new(root, all, list) == 0);
}

static void
add_message(json_t *root, const struct question *question)
{
	struct arena *arena = question->arena;
	const struct xml *el = question->stanza->el;

	add_texts(root, question, "subject", "subjects");
	add(root, "thread", xml_child_text(arena, el, NS_CLIENT, "thread"));
	add_texts(root, question, "body", "bodies");
	ensure(json_object_set_new(root, "encrypted", json_boolean(
		content_is_encrypted(el))) == 0);
}

static void
add_xml(json_t *root, const struct xml *el)
{
	struct str text = { 0 };

	xml_print(&text, el, "");
	add(root, "xml", text.data);
	str_fini(&text);
}

static void
add_all(json_t *root, const struct question *question)
{
	const struct stanza *stanza = question->stanza;
	char time[CLOCK_TEXT_SIZE];

	add(root, "id", question->id);
	add(root, "time", clock_print(question->stamp, time));
	add(root, "host", question->host);
	add(root, "point", question->point == HOOK_POINT_SEND ? "send" :
	    "receive");
	add(root, "direction", direction_of(question));
	add(root, "profile", question->profile);
	add(root, "kind", kinds[stanza->kind]);
	add(root, "type", type_of(stanza));
	add(root, "from", stanza->from == NULL ? NULL : stanza->from->full);
	add(root, "to", recipient_of(stanza));
	if (stanza->kind == STANZA_MESSAGE)
		add_message(root, question);
	add_xml(root, stanza->el);
}

struct question
question_of(const struct hook_event *event)
{
	return (struct question){
		.arena = event->req->arena, .id = event->id,
		.host = event->host->domain, .point = event->point,
		.profile = event->profile, .stamp = event->stamp,
		.stanza = &event->stanza,
	};
}

void
question_print(struct str *out, const struct question *question)
{
	json_t *root = json_object();
	char *text;

	ensure(root != NULL);
	add_all(root, question);
	ensure((text = json_dumps(root, JSON_COMPACT)) != NULL);
	str_addz(out, text);
	free(text);
	json_decref(root);
}
