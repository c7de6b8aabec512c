#include "shared/handler.h"

#include <string.h>

#include "shared/jid.h"
#include "shared/str.h"
#include "shared/xml.h"

static enum handler_kind
message_kind(const char *type)
{
	if (str_same(type, "error"))
		return MESSAGE_ERROR;
	return str_same(type, "groupchat") ? MESSAGE_GROUPCHAT : MESSAGE;
}

static enum handler_kind
presence_kind(const char *type)
{
	if (strcmp(type, "error") == 0)
		return PRESENCE_ERROR;
	if (*type == '\0' || strcmp(type, "unavailable") == 0)
		return PRESENCE;
	return PRESENCE_SUBSCRIPTION;
}

static enum handler_kind
iq_kind(const char *type)
{
	if (strcmp(type, "get") == 0)
		return IQ_GET;
	return strcmp(type, "set") == 0 ? IQ_SET : IQ_ANSWER;
}

enum handler_kind
handler_kind_of(const struct stanza *stanza)
{
	switch (stanza->kind) {
	case STANZA_MESSAGE:
		return message_kind(stanza->type);
	case STANZA_PRESENCE:
		return presence_kind(stanza->type);
	case STANZA_IQ:
		break;
	}
	return iq_kind(stanza->type);
}

enum handler_to
handler_to_of(const struct jid *to)
{
	if (*to->local == '\0')
		return *to->resource == '\0' ? TO_HOST : TO_ANY;
	return *to->resource == '\0' ? TO_BARE : TO_FULL;
}

bool
handler_finds_payload(const struct handler *handler, struct request *req)
{
	struct xml *el = req->stanza.el;
	bool named = handler->ns != NULL || handler->name != NULL;

	if (req->stanza.kind == STANZA_IQ)
		req->payload = xml_child(el, NULL, NULL);
	else
		req->payload = named ? xml_child(el, handler->ns,
						 handler->name) : NULL;
	if (!named)
		return true;
	return req->payload != NULL &&
	       xml_is(req->payload, handler->ns, handler->name);
}
