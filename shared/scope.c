#include "shared/scope.h"

#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/xml.h"

#define XMLNS_NS "http://www.w3.org/2000/xmlns/"

void
scope_set_arena(struct scope *scope, struct arena *arena)
{
	scope->arena = arena;
	for (unsigned i = 0; i < scope->count; i++)
		scope->list[i].here = NULL;
}

bool
scope_is_declaration(const char *written)
{
	return written[0] == 'x' && strncmp(written, "xmlns", 5) == 0 &&
	       (written[5] == '\0' || written[5] == ':');
}

/* What stands after a colon must be a name without one.  The parser below
   has checked its characters, but not that the first may be first: beyond
   ASCII that takes a table, and nobody has such names. */
static int
check_local(const char *local, struct error *err)
{
	unsigned char c = (unsigned char)local[0], letter = c | 0x20;

	if (strchr(local, ':') != NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "a name with two colons");
	if (c >= 0x80)
		return error_set(err, ERROR_POLICY_VIOLATION,
				 "a prefix before a name beyond ASCII");
	if ((letter < 'a' || letter > 'z') && c != '_')
		return error_set(err, ERROR_BAD_REQUEST,
				 "a prefix before what is no name");
	return 0;
}

/* Namespaces in XML 1.0 section 3: reserved prefixes and namespace names. */
static int
check_reserved(const char *prefix, const char *uri, struct error *err)
{
	if (strcmp(prefix, "xmlns") == 0 || strcmp(uri, XMLNS_NS) == 0 ||
	    (strcmp(prefix, "xml") == 0) != (strcmp(uri, XML_NS) == 0))
		return error_set(err, ERROR_BAD_REQUEST,
				 "a declaration of a reserved namespace");
	if (prefix[0] != '\0' && uri[0] == '\0')
		return error_set(err, ERROR_BAD_REQUEST,
				 "a prefix without namespace");
	return 0;
}

static int
declare(struct scope *scope, unsigned depth, const char *prefix,
	const char *uri, struct error *err)
{
	struct scope_binding *binding = &scope->list[scope->count];
	size_t len = strlen(uri);

	if (check_reserved(prefix, uri, err) < 0)
		return -1;
	if (scope->count == SCOPE_MAX || len > SCOPE_URI_MAX)
		return error_set(err, ERROR_POLICY_VIOLATION,
				 "too many or too long namespaces");
	binding->depth = depth;
	binding->prefix = arena_strdup(scope->arena, prefix);
	binding->prefix_len = strlen(prefix);
	binding->uri = binding->here = arena_dup(scope->arena, uri, len);
	scope->count++;
	return 0;
}

static int
declare_default(struct scope *scope, unsigned depth, const char **attrs,
		struct error *err)
{
	for (; *attrs != NULL; attrs += 2)
		if (strcmp(attrs[0], "xmlns") == 0)
			return declare(scope, depth, "", attrs[1], err);
	return 0;
}

/* The default one first, so that prefixes cannot take its place. */
int
scope_enter(struct scope *scope, unsigned depth, const char **attrs,
	    struct error *err)
{
	int ret = 0;

	if (declare_default(scope, depth, attrs, err) < 0)
		return -1;
	for (; *attrs != NULL; attrs += 2) {
		const char *prefix = attrs[0] + strlen("xmlns:");

		if (!scope_is_declaration(attrs[0]) ||
		    attrs[0][strlen("xmlns")] == '\0')
			continue;
		if (check_local(prefix, err) < 0 ||
		    declare(scope, depth, prefix, attrs[1], err) < 0)
			ret = 1;
	}
	return ret;
}

void
scope_leave(struct scope *scope, unsigned depth)
{
	while (scope->count > 0 &&
	       scope->list[scope->count - 1].depth >= depth)
		scope->count--;
}

static const char *
find(struct scope *scope, const char *prefix, size_t len)
{
	for (unsigned i = scope->count; i > 0; i--) {
		struct scope_binding *binding = &scope->list[i - 1];

		if (binding->prefix_len != len ||
		    memcmp(binding->prefix, prefix, len) != 0)
			continue;
		if (binding->here == NULL)
			binding->here = arena_strdup(scope->arena,
						     binding->uri);
		return binding->here;
	}
	return len == 3 && memcmp(prefix, "xml", 3) == 0 ? XML_NS : NULL;
}

static int
resolve_prefixed(struct scope *scope, const char *written,
		 const char **ns_r, const char **name_r, struct error *err)
{
	const char *colon = strchr(written, ':');

	if (colon == written)
		return error_set(err, ERROR_BAD_REQUEST, "an empty prefix");
	if (check_local(colon + 1, err) < 0)
		return -1;
	*ns_r = find(scope, written, (size_t)(colon - written));
	if (*ns_r == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "a prefix that was not declared");
	*name_r = colon + 1;
	return 0;
}

int
scope_element(struct scope *scope, const char *written, const char **ns_r,
	      const char **name_r, struct error *err)
{
	const char *ns;

	if (strchr(written, ':') != NULL)
		return resolve_prefixed(scope, written, ns_r, name_r, err);
	ns = find(scope, "", 0);
	*ns_r = ns != NULL ? ns : "";
	*name_r = written;
	return 0;
}

int
scope_attr(struct scope *scope, const char *written, const char **ns_r,
	   const char **name_r, struct error *err)
{
	if (strchr(written, ':') != NULL)
		return resolve_prefixed(scope, written, ns_r, name_r, err);
	*ns_r = NULL;
	*name_r = written;
	return 0;
}
