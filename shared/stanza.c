#include "shared/stanza.h"

#include <stdbool.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/jid_routed.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"

static const char *const kind_names[] = {
	[STANZA_MESSAGE] = "message",
	[STANZA_PRESENCE] = "presence",
	[STANZA_IQ] = "iq",
};

const char *
stanza_kind_name(enum stanza_kind kind)
{
	return kind_names[kind];
}

/* RFC 6121 section 5.2.2. */
static const char *const message_types[] = {
	"chat", "error", "groupchat", "headline", "normal", NULL,
};

/* RFC 6121 section 4.7.1. */
static const char *const presence_types[] = {
	"error", "probe", "subscribe", "subscribed", "unavailable",
	"unsubscribe", "unsubscribed", NULL,
};

/* RFC 6120 section 8.2.3. */
static const char *const iq_types[] = {
	"error", "get", "result", "set", NULL,
};

/* An element in another namespace ends the walk: a forwarded stanza inside it
   says jabber:client itself. */
static void
to_client(struct xml *el)
{
	if (el->name == NULL || !str_same(el->ns, NS_COMPONENT))
		return;
	el->ns = NS_CLIENT;
	for (struct xml *child = el->first; child != NULL; child = child->next)
		to_client(child);
}

static int
read_kind(const struct xml *el, enum stanza_kind *kind_r, struct error *err)
{
	for (int kind = STANZA_MESSAGE; kind <= STANZA_IQ; kind++) {
		if (xml_is(el, NS_CLIENT, kind_names[kind])) {
			*kind_r = (enum stanza_kind)kind;
			return 0;
		}
	}
	return error_set(err, ERROR_BAD_REQUEST, "not a stanza");
}

typedef int address_fn(struct arena *arena, const char *text,
		       const struct jid **jid_r, struct error *err);

static int
read_addresses(struct arena *arena, address_fn *fn, struct stanza *stanza,
	       struct error *err)
{
	const char *from = xml_attr(stanza->el, "from");
	const char *to = xml_attr(stanza->el, "to");

	if (from != NULL && fn(arena, from, &stanza->from, err) < 0)
		return -1;
	return to == NULL ? 0 : fn(arena, to, &stanza->to, err);
}

static int
check_presence(const struct stanza *presence, struct error *err)
{
	if (xml_attr(presence->el, "type") != NULL &&
	    !str_is_one_of(presence->type, presence_types))
		return error_set(err, ERROR_BAD_REQUEST,
				 "presence of an unknown type");
	return 0;
}

/* RFC 6120 section 8.2.3. */
static int
check_iq(const struct stanza *iq, struct error *err)
{
	const struct xml *payload = xml_child(iq->el, NULL, NULL);
	bool is_request = strcmp(iq->type, "get") == 0 ||
			  strcmp(iq->type, "set") == 0;

	if (!str_is_one_of(iq->type, iq_types))
		return error_set(err, ERROR_BAD_REQUEST,
				 "an IQ of an unknown type");
	if (iq->id == NULL)
		return error_set(err, ERROR_BAD_REQUEST, "an IQ without id");
	if (is_request && payload == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "an IQ without payload");
	if (strcmp(iq->type, "error") != 0 && payload != NULL &&
	    xml_next(payload, NULL, NULL) != NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "an IQ with more than one payload");
	return 0;
}

static int
check(struct stanza *stanza, struct error *err)
{
	switch (stanza->kind) {
	case STANZA_MESSAGE:
		/* RFC 6121 section 5.2.2: unknown means normal. */
		if (!str_is_one_of(stanza->type, message_types))
			stanza->type = "";
		return 0;
	case STANZA_PRESENCE:
		return check_presence(stanza, err);
	case STANZA_IQ:
		return check_iq(stanza, err);
	}
	return 0;
}

static int
parse(struct arena *arena, struct xml *el, address_fn *fn,
      struct stanza *stanza_r, struct error *err)
{
	const char *type = xml_attr(el, "type");

	memset(stanza_r, 0, sizeof(*stanza_r));
	stanza_r->type = type == NULL ? "" : type;
	to_client(el);
	if (read_kind(el, &stanza_r->kind, err) < 0)
		return -1;
	stanza_r->el = el;
	stanza_r->id = xml_attr(el, "id");
	if (read_addresses(arena, fn, stanza_r, err) < 0)
		return -1;
	return check(stanza_r, err);
}

int
stanza_parse(struct arena *arena, struct xml *el, struct stanza *stanza_r,
	     struct error *err)
{
	return parse(arena, el, jid_parsez, stanza_r, err);
}

int
stanza_parse_routed(struct arena *arena, struct xml *el,
		    struct stanza *stanza_r, struct error *err)
{
	return parse(arena, el, jid_routed, stanza_r, err);
}

/* An empty attribute would be an empty address or type, which no stanza may
   have. */
static void
set(struct arena *arena, struct xml *el, const char *name, const char *value)
{
	if (value != NULL && *value != '\0')
		xml_set(arena, el, name, value);
}

struct xml *
stanza_new(struct arena *arena, const char *kind, const char *from,
	   const char *to, const char *type)
{
	struct xml *el = xml_new(arena, NS_CLIENT, kind);

	set(arena, el, "from", from);
	set(arena, el, "to", to);
	set(arena, el, "type", type);
	return el;
}

static struct xml *
answer(struct arena *arena, const struct stanza *stanza, const char *type)
{
	const struct jid *from = stanza->to, *to = stanza->from;
	struct xml *el = stanza_new(arena, kind_names[stanza->kind],
				    from == NULL ? NULL : from->full,
				    to == NULL ? NULL : to->full, type);

	return xml_set(arena, el, "id", stanza->id);
}

struct xml *
stanza_result(struct arena *arena, const struct stanza *iq)
{
	return answer(arena, iq, "result");
}

static bool
is_answerable(const struct stanza *stanza)
{
	return stanza->el != NULL && stanza->from != NULL &&
	       !str_same(stanza->type, "error") &&
	       !str_same(stanza->type, "result");
}

/* What was sent goes back to its sender (RFC 6120 section 8.3.1); only an
   <error/> in it would pass for ours. */
static void
copy_payload(struct arena *arena, const struct xml *from, struct xml *to)
{
	const struct xml *child = xml_child(from, NULL, NULL);

	for (; child != NULL; child = xml_next(child, NULL, NULL)) {
		if (!xml_is(child, NS_CLIENT, "error"))
			xml_append(to, xml_copy(arena, child));
	}
}

struct xml *
stanza_error(struct arena *arena, const struct stanza *stanza,
	     const struct error *err, const char *by)
{
	struct xml *el, *error;

	if (!is_answerable(stanza))
		return NULL;
	el = answer(arena, stanza, "error");
	copy_payload(arena, stanza->el, el);
	error = xml_add(arena, el, NS_CLIENT, "error");
	xml_set(arena, error, "type", error_type_name(err));
	if (stanza->kind != STANZA_IQ)
		xml_set(arena, error, "by", by);
	xml_add(arena, error, NS_STANZAS, error_cond_name(err->cond));
	if (err->text[0] != '\0')
		xml_set_lang(arena,
			     xml_add_text(arena, error, NS_STANZAS, "text",
					  arena_strdup(arena, err->text)),
			     "en");
	if (err->detail != NULL)
		xml_add(arena, error, err->detail_ns, err->detail);
	return el;
}

static enum error_type
read_type(const struct xml *error)
{
	static const struct {
		const char *name;
		enum error_type type;
	} types[] = {
		{ "auth", ERROR_TYPE_AUTH },
		{ "cancel", ERROR_TYPE_CANCEL },
		{ "continue", ERROR_TYPE_CONTINUE },
		{ "modify", ERROR_TYPE_MODIFY },
		{ "wait", ERROR_TYPE_WAIT },
	};
	const char *name = xml_attr(error, "type");

	for (size_t i = 0; name != NULL && i < sizeof(types) / sizeof(*types);
	     i++) {
		if (strcmp(types[i].name, name) == 0)
			return types[i].type;
	}
	return ERROR_TYPE_DEFAULT;
}

void
stanza_read_error(struct arena *arena, const struct xml *el,
		  struct error *err_r)
{
	const struct xml *error = xml_child(el, NS_CLIENT, "error");
	enum error_cond cond = ERROR_UNDEFINED_CONDITION;
	const struct xml *child;
	const char *text;

	memset(err_r, 0, sizeof(*err_r));
	err_r->cond = cond;
	if (error == NULL)
		return;
	child = xml_child(error, NS_STANZAS, NULL);
	/* The order is the condition first, but not everybody's. */
	while (child != NULL && strcmp(child->name, "text") == 0)
		child = xml_next(child, NS_STANZAS, NULL);
	if (child != NULL)
		cond = error_cond_find(child->name);
	text = xml_child_text(arena, error, NS_STANZAS, "text");
	error_set_type(err_r, cond, read_type(error), "%s",
		       text == NULL ? "" : text);
}
