/*
 * What is understood keeps to its limits, and a message that it changes is
 * still one.
 */
#include "components/archive/rules/ruling.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "components/archive/rules/amendment.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MESSAGE "<message><body>a</body><body xml:lang='de'>b</body>" \
		"<x xmlns='urn:x'/><thread>t</thread></message>"

static void
check_text(const char *text, size_t max)
{
	ensure(text == NULL || strlen(text) <= max);
}

static void
check_amendment(struct arena *arena, const struct ruling *ruling)
{
	const struct xml *message = bed_xml(arena, NS_CLIENT, MESSAGE);
	struct str text = { 0 };
	struct error err;
	struct xml *el;

	ensure(amendment_make(arena, message, ruling, &el, &err) == 0);
	xml_print(&text, el, "");
	ensure(parser_document(arena, text.data, text.len,
			       &parser_limits_default, &el, &err) == 0);
	ensure(xml_child(el, NS_CLIENT, "body") != NULL);
	ensure(xml_child(el, NS_CLIENT, "thread") != NULL);
	ensure((xml_child(el, "urn:x", "x") != NULL) ==
	       (ruling->append != NULL));
	str_fini(&text);
}

static void
check(struct arena *arena, const struct ruling *ruling)
{
	check_text(ruling->notice, RULING_NOTICE_MAX);
	check_text(ruling->body, RULING_BODY_MAX);
	check_text(ruling->append, RULING_BODY_MAX);
	ensure(ruling->kind == RULING_BLOCK ||
	       (ruling->notice == NULL && !ruling->silent));
	if (ruling->kind == RULING_MODIFY)
		check_amendment(arena, ruling);
	else
		ensure(ruling->body == NULL && ruling->append == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct ruling ruling;
	struct error err = { 0 };

	if (ruling_parse(arena, (const char *)data, size, &ruling,
			 &err) == 0)
		check(arena, &ruling);
	else
		ensure(err.cond == ERROR_BAD_REQUEST && *err.text != '\0');
	arena_free(&arena);
	return 0;
}
