#include "t/bench/element.h"

#include <stdio.h>
#include <string.h>

struct reader {
	struct element *el;
	unsigned depth;
	bool in_body;
};

/* Where the tag that begins at text ends, or NULL. */
static const char *
tag_end(const char *text, const char *end)
{
	char quote = '\0';

	for (; text < end; text++) {
		if (quote != '\0')
			quote = *text == quote ? '\0' : quote;
		else if (*text == '\'' || *text == '"')
			quote = *text;
		else if (*text == '>')
			return text;
	}
	return NULL;
}

size_t
element_end(const char *text, size_t len)
{
	const char *end = text + len, *at = text, *close;
	unsigned depth = 0;

	while ((at = memchr(at, '<', (size_t)(end - at))) != NULL) {
		close = tag_end(at, end);
		if (close == NULL)
			return 0;
		if (at[1] == '/')
			depth--;
		else if (close[-1] != '/')
			depth++;
		at = close + 1;
		if (depth == 0)
			return (size_t)(at - text);
	}
	return 0;
}

static const char *
attr(const char **attrs, const char *name)
{
	for (; *attrs != NULL; attrs += 2) {
		if (strcmp(*attrs, name) == 0)
			return attrs[1];
	}
	return "";
}

static void
read_child(struct element *el, const char *name, const char **attrs)
{
	el->has_body |= strcmp(name, "body") == 0;
	el->has_subject |= strcmp(name, "subject") == 0;
	el->has_delay |= strcmp(name, "delay") == 0;
	if (el->child[0] != '\0')
		return;
	snprintf(el->child, sizeof(el->child), "%s", name);
	snprintf(el->seq, sizeof(el->seq), "%s", attr(attrs, "seq"));
	snprintf(el->jid, sizeof(el->jid), "%s", attr(attrs, "jid"));
}

static void XMLCALL
on_start(void *ctx, const XML_Char *name, const XML_Char **attrs)
{
	struct reader *reader = ctx;
	struct element *el = reader->el;

	reader->depth++;
	reader->in_body = false;
	if (reader->depth == 1) {
		snprintf(el->name, sizeof(el->name), "%s", name);
		snprintf(el->type, sizeof(el->type), "%s",
			 attr(attrs, "type"));
		snprintf(el->id, sizeof(el->id), "%s", attr(attrs, "id"));
		snprintf(el->from, sizeof(el->from), "%s",
			 attr(attrs, "from"));
		snprintf(el->to, sizeof(el->to), "%s", attr(attrs, "to"));
	} else if (reader->depth == 2) {
		reader->in_body = strcmp(name, "body") == 0;
		read_child(el, name, attrs);
	} else if (strcmp(name, "status") == 0) {
		el->is_self |= strcmp(attr(attrs, "code"), "110") == 0;
	}
}

static void XMLCALL
on_end(void *ctx, const XML_Char *name)
{
	struct reader *reader = ctx;

	(void)name;
	reader->depth--;
	reader->in_body = false;
}

static void XMLCALL
on_text(void *ctx, const XML_Char *text, int len)
{
	struct reader *reader = ctx;
	char *body = reader->el->body;
	size_t used = strlen(body), more = (size_t)len;

	if (!reader->in_body || used + more >= ELEMENT_TEXT)
		return;
	memcpy(body + used, text, more);
	body[used + more] = '\0';
}

/* Faster than to zero it all: most of it is room for texts. */
static void
clear(struct element *el)
{
	el->name[0] = el->type[0] = el->id[0] = el->from[0] = el->to[0] = '\0';
	el->body[0] = el->child[0] = el->seq[0] = el->jid[0] = '\0';
	el->has_body = el->has_subject = el->has_delay = el->is_self = false;
}

int
element_read(XML_Parser expat, const char *text, size_t len,
	     struct element *el_r)
{
	struct reader reader = { .el = el_r };

	clear(el_r);
	XML_ParserReset(expat, "UTF-8");
	XML_SetUserData(expat, &reader);
	XML_SetElementHandler(expat, on_start, on_end);
	XML_SetCharacterDataHandler(expat, on_text);
	return XML_Parse(expat, text, (int)len, XML_TRUE) == XML_STATUS_OK ?
		       0 : -1;
}
