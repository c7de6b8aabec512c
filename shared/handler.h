/*
 * handler.h - which handlers a stanza is for.
 */
#ifndef SHARED_HANDLER_H
#define SHARED_HANDLER_H

#include <stdbool.h>

#include "shared/request.h"

/* What a handler must be of. */
enum handler_kind handler_kind_of(const struct stanza *stanza);

/* Whom it must take stanzas to; TO_ANY for host/resource, which only handlers
   of any address want. */
enum handler_to handler_to_of(const struct jid *to);

/* Whether the element is there that the handler names, if it names one.  Makes
   it the request's payload; that of an IQ is its child in any case. */
bool handler_finds_payload(const struct handler *handler, struct request *req);

#endif
