#include "shared/spool.h"

#include <uv.h>

#include "shared/arena.h"
#include "shared/error.h"

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
