/*
 * Namespaces are understood as expat itself understands them.
 */
#include <expat.h>
#include <stdint.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/parser.h"
#include "shared/str.h"
#include "shared/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Both write names as expat does: namespace, separator, name. */
#define SEPARATOR '\x1f'

static void
add_name(struct str *out, const char *ns, const char *name)
{
	if (ns != NULL && *ns != '\0') {
		str_addz(out, ns);
		str_addc(out, SEPARATOR);
	}
	str_addz(out, name);
}

static void
add_tree(struct str *out, const struct xml *el)
{
	if (el->text != NULL) {
		str_addz(out, el->text);
		return;
	}
	str_addc(out, '<');
	add_name(out, el->ns, el->name);
	for (struct xml_attr *attr = el->attrs; attr != NULL;
	     attr = attr->next) {
		str_addc(out, ' ');
		add_name(out, attr->ns, attr->name);
		str_addc(out, '=');
		str_addz(out, attr->value);
	}
	str_addc(out, '>');
	for (struct xml *child = el->first; child != NULL;
	     child = child->next)
		add_tree(out, child);
	str_addz(out, "</>");
}

static void XMLCALL
on_start(void *out, const XML_Char *name, const XML_Char **attrs)
{
	str_addc(out, '<');
	str_addz(out, name);
	for (; *attrs != NULL; attrs += 2)
		str_addf(out, " %s=%s", attrs[0], attrs[1]);
	str_addc(out, '>');
}

static void XMLCALL
on_end(void *out, const XML_Char *name)
{
	(void)name;
	str_addz(out, "</>");
}

static void XMLCALL
on_text(void *out, const XML_Char *text, int len)
{
	str_add(out, text, (size_t)len);
}

static bool
parse_expat(struct str *out, const char *text, size_t len)
{
	XML_Parser expat = XML_ParserCreateNS("UTF-8", SEPARATOR);
	bool good;

	XML_SetUserData(expat, out);
	XML_SetElementHandler(expat, on_start, on_end);
	XML_SetCharacterDataHandler(expat, on_text);
	good = XML_Parse(expat, text, (int)len, XML_TRUE) == XML_STATUS_OK;
	XML_ParserFree(expat);
	return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct str ours = { 0 }, theirs = { 0 };
	const char *text = (const char *)data;
	struct error err = { 0 };
	struct xml *el;
	int ret = parser_document(arena, text, size, &parser_limits_default,
				  &el, &err);

	/* What XMPP or our limits forbid expat may well allow. */
	if (size > 0 && memchr(text, '\0', size) == NULL &&
	    err.cond != ERROR_NOT_ACCEPTABLE &&
	    err.cond != ERROR_POLICY_VIOLATION) {
		ensure(parse_expat(&theirs, text, size) == (ret == 0));
		if (ret == 0) {
			add_tree(&ours, el);
			ensure(strcmp(ours.data, theirs.data) == 0);
		}
	}
	arena_free(&arena);
	str_fini(&ours);
	str_fini(&theirs);
	return 0;
}
