/*
 * rsm.h - result set management (XEP-0059).
 */
#ifndef SHARED_RSM_H
#define SHARED_RSM_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;
struct xml;

enum rsm_mode {
	RSM_NONE,	/* no <set/> was sent */
	RSM_FIRST,	/* the first page */
	RSM_AFTER,	/* the page after an item */
	RSM_BEFORE,	/* the page before an item */
	RSM_LAST,	/* the last page: an empty <before/> */
	RSM_INDEX,	/* from a position */
};

struct rsm {
	enum rsm_mode mode;
	const char *item;	/* of RSM_AFTER and RSM_BEFORE */
	size_t index;		/* of RSM_INDEX */
	size_t max;		/* never above the limit given */
	bool count_only;	/* <max>0</max> */
};

/* Reads the <set/> in el, if any.  limit bounds max, and is max when none was
   asked for.  Returns 0, or -1 with ERROR_BAD_REQUEST. */
int rsm_parse(struct arena *arena, const struct xml *el, size_t limit,
	      struct rsm *rsm_r, struct error *err);

/* Where in the whole set a page begins, as far as the request tells without
   counting what is before it.  count is exactly that of the set, or -1;
   complete says that nothing is left in the direction of paging.  -1: it is
   not known, or better not told. */
long rsm_index(const struct rsm *rsm, size_t items, long count,
	       bool complete);

struct rsm_page {
	const char *first, *last;	/* NULL on an empty page */
	long index;			/* of first; -1 unknown */
	long count;			/* of all items; -1 unknown */
};

/* Adds the <set/>; texts are borrowed. */
void rsm_add(struct arena *arena, struct xml *el, const struct rsm_page *page);

#endif
