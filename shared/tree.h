/*
 * tree.h - an element as a parser builds it, tag by tag, within limits.
 *
 * Embedded in the parser, which says where the tree goes and when it is
 * whole.
 */
#ifndef SHARED_TREE_H
#define SHARED_TREE_H

#include <stddef.h>

#include "shared/scope.h"
#include "shared/str.h"

struct arena;
struct error;
struct xml;

/* All zero but for max_nodes is one without an element. */
struct tree {
	unsigned max_nodes;	/* elements, attributes and texts */
	struct scope scope;
	struct arena *arena;	/* of all below; the tree does not own it */
	struct xml *root;	/* NULL until its name is known */
	struct xml *el;		/* the innermost open element */
	struct str text;	/* so far, in it */
	unsigned nodes;
};

void tree_fini(struct tree *tree);

/* Forgets the tree before; its namespaces stay in force. */
void tree_begin(struct tree *tree, struct arena *arena);

/* A start tag.  depth counts all open elements, this one included.  attrs are
   names and values as they were written, NULL at the end.  Returns 0; or, with
   err as scope.h says, 1 when attributes or prefixes of it had to be left out,
   or -1 when the element was: nothing in it may follow. */
int tree_open(struct tree *tree, unsigned depth, const char *written,
	      const char **attrs, struct error *err);

/* Text, and an end tag.  Returns 0, or -1 when the element is without that
   text, as it is beyond a limit. */
void tree_add_text(struct tree *tree, const char *text, size_t len);
int tree_close(struct tree *tree, struct error *err);
/* As if a tag came now, in an element that is open. */
int tree_end_text(struct tree *tree, struct error *err);

#endif
