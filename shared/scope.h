/*
 * scope.h - the XML namespaces in force where a parser is.
 *
 * This follows Namespaces in XML 1.0 in place of expat, which writes the
 * whole namespace before each attribute that has a prefix: a stanza of 200
 * kB would take gigabytes.  Here a namespace is a pointer, and declarations
 * are limited in number and length.
 */
#ifndef SHARED_SCOPE_H
#define SHARED_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;

/* In force at once, and of one namespace's name; ordinary stanzas have a few
   of fifty bytes. */
#define SCOPE_MAX 64
#define SCOPE_URI_MAX 1024

struct scope_binding {
	const char *prefix;	/* "" for the default namespace */
	size_t prefix_len;
	const char *uri;
	const char *here;	/* uri in the present arena, or NULL */
	unsigned depth;		/* of the element that declares it */
};

/* All zero is one without declarations and without arena. */
struct scope {
	struct arena *arena;
	struct scope_binding list[SCOPE_MAX];
	unsigned count;
};

/* The arena for what is read from now on.  Declarations that stay in force
   must be in an arena that lives longer. */
void scope_set_arena(struct scope *scope, struct arena *arena);

/* Takes the declarations from an element's attributes (name, value, ...,
   NULL) before its names are resolved; leave ends all that were made at this
   depth or deeper.  Returns 0; or, with err, 1 when a prefix was left out, or
   -1 when the default namespace was, as of the element nothing can be said
   then. */
int scope_enter(struct scope *scope, unsigned depth, const char **attrs,
		struct error *err);
void scope_leave(struct scope *scope, unsigned depth);

/* Resolve a name as it was written.  ns_r is in the arena, "" for an element
   without namespace, NULL for an attribute without prefix; name_r is part of
   written.  Return 0, or -1: ERROR_BAD_REQUEST, or ERROR_POLICY_VIOLATION for
   a limit. */
int scope_element(struct scope *scope, const char *written,
		  const char **ns_r, const char **name_r, struct error *err);
int scope_attr(struct scope *scope, const char *written,
	       const char **ns_r, const char **name_r, struct error *err);

/* Whether the attribute of this name declares a namespace. */
bool scope_is_declaration(const char *written);

#endif
