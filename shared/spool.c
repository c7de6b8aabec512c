#include "shared/spool.h"

#include <string.h>
#include <uv.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

bool
spool_page_is_full(const struct spool_page *page)
{
	return page->count == SPOOL_PAGE ||
	       arena_bytes(page->arena) > SPOOL_PAGE_BYTES ||
	       uv_hrtime() - page->began_ns > SPOOL_PAGE_NS;
}

struct spool_record *
spool_page_add(struct spool_page *page, const char *place)
{
	struct spool_record *record = &page->records[page->count++];

	ensure(page->count <= SPOOL_PAGE);
	*record = (struct spool_record){ .place = place };
	return record;
}

void
spool_page_blame(struct spool_page *page, const char *place,
		 const char *fault)
{
	spool_page_add(page, place)->fault = arena_strdup(page->arena, fault);
}

/* What they stand in decides about the namespace of those without one. */
int
spool_read_message(struct arena *arena, const char *text,
		   struct stanza *stanza_r, struct error *err)
{
	struct str whole = { 0 };
	struct xml *el;
	int ret;

	str_addf(&whole, "<spool xmlns='" NS_CLIENT "'>%s</spool>", text);
	ret = parser_document(arena, whole.data, whole.len,
			      &parser_limits_default, &el, err);
	str_fini(&whole);
	if (ret < 0)
		return -1;
	el = xml_child(el, NS_CLIENT, "message");
	if (el == NULL)
		return error_set(err, ERROR_BAD_REQUEST, "it is no message");
	xml_remove(el);
	return stanza_parse_routed(arena, el, stanza_r, err);
}

/* What would be taken for other parts of an address is no user. */
int
spool_read_user(struct arena *arena, const char *user, const char *host,
		const struct jid **jid_r, struct error *err)
{
	struct error why = { 0 };

	if (*user == '\0' || strpbrk(user, "@/") != NULL ||
	    jid_parsez(arena, arena_printf(arena, "%s@%s", user, host), jid_r,
		       &why) < 0)
		return error_set(err, ERROR_JID_MALFORMED,
				 "%s@%s is no user", user, host);
	return 0;
}
