/*
 * xml.h - XML elements as trees, and their text.
 *
 * Trees live in an arena and share its strings.  A tree can only be printed
 * as well-formed XML: names come from code or from the parser, values are
 * escaped, characters that XML 1.0 forbids and bytes that are not UTF-8 are
 * dropped.
 */
#ifndef SHARED_XML_H
#define SHARED_XML_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct str;

#define XML_NS "http://www.w3.org/XML/1998/namespace"

struct xml_attr {
	const char *ns;		/* NULL, as nearly always, or its namespace */
	const char *name;
	const char *value;
	struct xml_attr *next;
};

struct xml {
	const char *ns;		/* never NULL in an element */
	const char *name;	/* NULL in a text node */
	const char *text;	/* NULL in an element */
	struct xml_attr *attrs;
	struct xml *parent;
	struct xml *first, *last;	/* children */
	struct xml *next;		/* sibling */
};

/* Reading.  name is always without prefix; ns NULL matches any namespace,
   name NULL any element.  NULL when there is none.  el may be NULL: it has
   nothing. */

bool xml_is(const struct xml *el, const char *ns, const char *name);
const char *xml_attr(const struct xml *el, const char *name);
const char *xml_lang(const struct xml *el);
struct xml *xml_child(const struct xml *el, const char *ns, const char *name);
/* The next sibling that matches. */
struct xml *xml_next(const struct xml *el, const char *ns, const char *name);
/* A copy of all text directly in the element, "" when there is none. */
const char *xml_text(struct arena *arena, const struct xml *el);
/* The same of a child; NULL when there is no such child. */
const char *xml_child_text(struct arena *arena, const struct xml *el,
			   const char *ns, const char *name);

/* Building.  Strings are borrowed: they must live as long as the arena. */

struct xml *xml_new(struct arena *arena, const char *ns, const char *name);
/* A new last child; ns NULL takes the parent's. */
struct xml *xml_add(struct arena *arena, struct xml *parent, const char *ns,
		    const char *name);
/* A new last child holding just text. */
struct xml *xml_add_text(struct arena *arena, struct xml *parent,
			 const char *ns, const char *name, const char *text);
/* Sets or replaces; value NULL removes.  Returns el. */
struct xml *xml_set(struct arena *arena, struct xml *el, const char *name,
		    const char *value);
struct xml *xml_set_lang(struct arena *arena, struct xml *el,
			 const char *lang);
void xml_put_text(struct arena *arena, struct xml *el, const char *text);
/* Hangs child, which has no parent, last under parent. */
void xml_append(struct xml *parent, struct xml *child);
void xml_remove(struct xml *child);
/* A deep copy that shares nothing with the original, strings included. */
struct xml *xml_copy(struct arena *arena, const struct xml *el);

/* Printing.  ns is the default namespace in force where the text will
   stand; xmlns is written wherever it changes. */

void xml_print(struct str *out, const struct xml *el, const char *ns);
/* Adds text with & < > ' " escaped. */
void xml_escape(struct str *out, const char *text);
/* The start tag only, left open before its '>', so that a caller can add
   attributes with xml_print_attr(). */
void xml_print_start(struct str *out, const struct xml *el, const char *ns);
void xml_print_attr(struct str *out, const char *name, const char *value);
/* The rest: '>' with the children and the end tag, or '/>'. */
void xml_print_rest(struct str *out, const struct xml *el);

#endif
