#include "shared/archive_rest.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/error.h"
#include "shared/scope.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Of what is around the children when they are read. */
#define WRAPPER_DECLARATIONS 1

/* Beside names, values and texts: "<></>" and " =''". */
#define TAG_BYTES 5
#define ATTR_BYTES 4

/* What a message came in, as far as that can be told from it. */
struct sum {
	size_t bytes;
	const char **spaces;	/* of each name that has one */
	size_t count, size;
};

static void
add_space(struct sum *sum, const char *ns)
{
	if (sum->count == sum->size) {
		sum->size = sum->size == 0 ? 64 : 2 * sum->size;
		sum->spaces = realloc(sum->spaces,
				      sum->size * sizeof(*sum->spaces));
		ensure(sum->spaces != NULL);
	}
	sum->spaces[sum->count++] = ns;
}

static void
add_element(struct sum *sum, const struct xml *el)
{
	sum->bytes += TAG_BYTES + strlen(el->name);
	add_space(sum, el->ns);
	for (const struct xml_attr *attr = el->attrs; attr != NULL;
	     attr = attr->next) {
		sum->bytes += ATTR_BYTES + strlen(attr->name) +
			      strlen(attr->value);
		if (attr->ns != NULL)
			add_space(sum, attr->ns);
	}
	for (const struct xml *child = el->first; child != NULL;
	     child = child->next)
		if (child->name == NULL)
			sum->bytes += strlen(child->text);
		else
			add_element(sum, child);
}

static int
compare(const void *a, const void *b)
{
	uintptr_t one = (uintptr_t)*(const char *const *)a;
	uintptr_t other = (uintptr_t)*(const char *const *)b;

	return (one > other) - (one < other);
}

/* Each declaration is a text of its own (scope.h). */
static size_t
declared_bytes(struct sum *sum)
{
	size_t bytes = 0;

	qsort(sum->spaces, sum->count, sizeof(*sum->spaces), compare);
	for (size_t i = 0; i < sum->count; i++)
		if (i == 0 || sum->spaces[i] != sum->spaces[i - 1])
			bytes += strlen(sum->spaces[i]);
	return bytes;
}

/* In the element's own tag; ns is that of where it stands. */
static unsigned
count_declarations(const struct xml *el, const char *ns)
{
	unsigned count = !str_same(el->ns, ns);

	for (const struct xml_attr *attr = el->attrs; attr != NULL;
	     attr = attr->next)
		count += attr->ns != NULL && !str_same(attr->ns, XML_NS);
	return count;
}

/* Whether there is room for those of all that is in it. */
static bool
has_room(const struct xml *el, unsigned room)
{
	const struct xml *child;

	for (child = xml_child(el, NULL, NULL); child != NULL;
	     child = xml_next(child, NULL, NULL)) {
		unsigned count = count_declarations(child, el->ns);

		if (count > room || !has_room(child, room - count))
			return false;
	}
	return true;
}

bool
archive_rest_is_readable(const struct xml *message)
{
	return has_room(message, SCOPE_MAX - WRAPPER_DECLARATIONS);
}

bool
archive_rest_is_fair(const struct xml *message, size_t bytes)
{
	struct sum sum = { 0 };

	if (bytes <= ARCHIVE_REST_FREE_BYTES)
		return true;
	add_element(&sum, message);
	sum.bytes += declared_bytes(&sum);
	free(sum.spaces);
	return (bytes - ARCHIVE_REST_FREE_BYTES) / ARCHIVE_REST_GROWTH <=
	       sum.bytes;
}
