#include "shared/mam_result.h"

#include <stddef.h>

#include "shared/forward.h"
#include "shared/ns.h"
#include "shared/xml.h"

struct xml *
mam_result_new(struct arena *arena, const char *from, const char *to,
	       const struct mam_result *result)
{
	struct xml *message = stanza_new(arena, "message", from, to, NULL);
	struct xml *el = xml_add(arena, message, NS_MAM, "result");

	xml_set(arena, el, "queryid", result->queryid);
	xml_set(arena, el, "id", result->id);
	forward_add(arena, el, result->message, result->stamp);
	return message;
}
