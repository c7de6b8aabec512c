#include "t/lib/bed.h"

#include <string.h>
#include <uv.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/parser.h"
#include "shared/str.h"
#include "shared/xml.h"

struct xml *
bed_parse(struct arena *arena, const char *ns, const char *text, size_t len)
{
	struct str whole = { 0 };
	struct error err;
	struct xml *el;

	str_addf(&whole, "<stream xmlns='%s'>", ns);
	str_add(&whole, text, len);
	str_addz(&whole, "</stream>");
	if (parser_document(arena, whole.data, whole.len,
			    &parser_limits_default, &el, &err) < 0)
		el = NULL;
	str_fini(&whole);
	el = xml_child(el, NULL, NULL);
	if (el != NULL)
		xml_remove(el);
	return el;
}

struct xml *
bed_xml(struct arena *arena, const char *ns, const char *text)
{
	struct xml *el = bed_parse(arena, ns, text, strlen(text));

	if (el == NULL)
		error_panic(__FILE__, __LINE__, text);
	return el;
}

int
bed_arena_setup(void **state)
{
	*state = arena_new();
	return 0;
}

int
bed_arena_teardown(void **state)
{
	struct arena *arena = *state;

	arena_free(&arena);
	return 0;
}

int
bed_loop_setup(void **state)
{
	static uv_loop_t loop;

	*state = &loop;
	return uv_loop_init(&loop);
}

int
bed_loop_teardown(void **state)
{
	return uv_loop_close(*state);
}
