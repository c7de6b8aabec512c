#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "shared/str.h"
#include "shared/xml.h"

/* What to do with a byte of text. */
enum byte {
	DROP,		/* forbidden by XML 1.0 section 2.2 */
	PLAIN,
	MARKUP,		/* escaped everywhere */
	BREAK,		/* escaped in attributes, else made a space there
			   (XML 1.0 section 3.3.3) */
	LEAD,		/* begins a character of several bytes */
};

static const uint8_t bytes[UCHAR_MAX + 1] = {
	['\t'] = BREAK,
	['\n'] = BREAK,
	['\r'] = MARKUP,
	[' ' ... '!'] = PLAIN,
	['"'] = MARKUP,
	['#' ... '%'] = PLAIN,
	['&' ... '\''] = MARKUP,
	['(' ... ';'] = PLAIN,
	['<'] = MARKUP,
	['='] = PLAIN,
	['>'] = MARKUP,
	['?' ... 0x7f] = PLAIN,
	[0xc2 ... 0xf4] = LEAD,
};

static bool
continues(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Bytes of the character that begins here, 0 when it is not valid UTF-8
   (RFC 3629) or XML forbids it.  The text ends in NUL, which continues
   nothing, so this never reads beyond it. */
static size_t
char_len(const unsigned char *at)
{
	unsigned char c = at[0];

	if (!continues(at[1]))
		return 0;
	if (c < 0xe0)
		return 2;
	if (!continues(at[2]))
		return 0;
	if (c < 0xf0) {
		bool overlong = c == 0xe0 && at[1] < 0xa0;
		bool surrogate = c == 0xed && at[1] >= 0xa0;
		bool not_char = c == 0xef && at[1] == 0xbf && at[2] >= 0xbe;

		return overlong || surrogate || not_char ? 0 : 3;
	}
	if (!continues(at[3]) || (c == 0xf0 && at[1] < 0x90) ||
	    (c == 0xf4 && at[1] >= 0x90))
		return 0;
	return 4;
}

static void
print_reference(struct str *out, char c)
{
	switch (c) {
	case '&':
		str_add(out, "&amp;", 5);
		break;
	case '<':
		str_add(out, "&lt;", 4);
		break;
	case '>':
		str_add(out, "&gt;", 4);
		break;
	case '"':
		str_add(out, "&quot;", 6);
		break;
	case '\'':
		str_add(out, "&apos;", 6);
		break;
	default:
		str_addf(out, "&#%d;", c);
	}
}

/* Bytes looked at together, by the compiler's vectors. */
typedef int8_t block __attribute__((vector_size(16)));

/* Whether all are PLAIN.  As signed numbers, controls and what is not ASCII
   are below the space; one bit is between & and ', < and >. */
static bool
is_plain(const unsigned char *at)
{
	block all, special;
	uint64_t half[2];

	memcpy(&all, at, sizeof(all));
	special = (all < ' ') | ((all & ~1) == '&') | ((all & ~2) == '<') |
		  (all == '"');
	memcpy(half, &special, sizeof(half));
	return (half[0] | half[1]) == 0;
}

/* Adds whole runs of what needs no escape. */
static void
escape(struct str *out, const char *text, bool in_attr)
{
	const unsigned char *at = (const unsigned char *)text, *run = at;
	const unsigned char *end = at + strlen(text);
	enum byte kind;
	size_t len;

	for (;;) {
		while ((size_t)(end - at) >= sizeof(block) && is_plain(at))
			at += sizeof(block);
		while ((kind = bytes[*at]) == PLAIN)
			at++;
		len = kind == LEAD ? char_len(at) : kind == BREAK && !in_attr;
		if (len > 0) {
			at += len;
			continue;
		}
		str_add(out, (const char *)run, (size_t)(at - run));
		if (*at == '\0')
			return;
		if (kind == MARKUP || kind == BREAK)
			print_reference(out, (char)*at);
		run = ++at;
	}
}

void
xml_escape(struct str *out, const char *text)
{
	escape(out, text, false);
}

void
xml_print_attr(struct str *out, const char *name, const char *value)
{
	str_addc(out, ' ');
	str_addz(out, name);
	str_add(out, "='", 2);
	escape(out, value, true);
	str_addc(out, '\'');
}

/* Each with a prefix of its own: such attributes are rare, and two prefixes
   may stand for one namespace. */
static void
print_foreign(struct str *out, const struct xml_attr *attr, unsigned number)
{
	if (strcmp(attr->ns, XML_NS) == 0) {
		str_add(out, " xml:", 5);
	} else {
		str_addf(out, " xmlns:a%u='", number);
		escape(out, attr->ns, true);
		str_addf(out, "' a%u:", number);
	}
	str_addz(out, attr->name);
	str_add(out, "='", 2);
	escape(out, attr->value, true);
	str_addc(out, '\'');
}

/* XML_NS can only be written by its prefix (Namespaces in XML 1.0
   section 3). */
static bool
is_xml_ns(const struct xml *el)
{
	return str_same(el->ns, XML_NS);
}

static void
print_name(struct str *out, const struct xml *el)
{
	if (is_xml_ns(el))
		str_add(out, "xml:", 4);
	str_addz(out, el->name);
}

void
xml_print_start(struct str *out, const struct xml *el, const char *ns)
{
	unsigned number = 0;

	str_addc(out, '<');
	print_name(out, el);
	if (!is_xml_ns(el) && (ns == NULL || !str_same(el->ns, ns)))
		xml_print_attr(out, "xmlns", el->ns);
	for (const struct xml_attr *attr = el->attrs; attr != NULL;
	     attr = attr->next) {
		if (attr->ns != NULL)
			print_foreign(out, attr, number++);
		else
			xml_print_attr(out, attr->name, attr->value);
	}
}

void
xml_print_rest(struct str *out, const struct xml *el)
{
	/* Within xml:name the namespace outside stays in force, which is not
	   known here: NULL has it written again. */
	const char *ns = is_xml_ns(el) ? NULL : el->ns;

	if (el->first == NULL) {
		str_add(out, "/>", 2);
		return;
	}
	str_addc(out, '>');
	for (const struct xml *child = el->first; child != NULL;
	     child = child->next)
		xml_print(out, child, ns);
	str_add(out, "</", 2);
	print_name(out, el);
	str_addc(out, '>');
}

void
xml_print(struct str *out, const struct xml *el, const char *ns)
{
	if (el->text != NULL) {
		escape(out, el->text, false);
		return;
	}
	xml_print_start(out, el, ns);
	xml_print_rest(out, el);
}
