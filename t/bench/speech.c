#include "t/bench/speech.h"

#include <stdio.h>
#include <stdlib.h>

#include "t/bench/element.h"
#include "t/bench/shape.h"

/* A body with some of what needs escaping, a number before it. */
#define BODY_END "\xc3\xa4\xe2\x82\xac, not a word of which is new to anybody"
#define BODY_REST " people < a few & \"nobody\", " BODY_END
#define BODY_REST_XML " people &lt; a few &amp; \"nobody\", " BODY_END

static void
print(struct str *out, const char *from, const char *to, const char *type,
      unsigned number)
{
	if (from != NULL)
		str_addf(out, "from='%s' ", from);
	str_addf(out,
		 "to='%s' type='%s' id='b%08u'>"
		 "<body>%08u" BODY_REST_XML "</body></message>",
		 to, type, number, number);
}

void
speech_print(struct str *out, const char *from, const char *to,
	     const char *type, unsigned number)
{
	str_addz(out, "<message ");
	print(out, from, to, type, number);
}

void
speech_print_client(struct str *out, const char *from, const char *to,
		    const char *type, unsigned number)
{
	str_addz(out, "<message xmlns='jabber:client' ");
	print(out, from, to, type, number);
}

long
speech_read(const struct element *el)
{
	char id[NUMBER_DIGITS + 2], body[ELEMENT_TEXT];
	long number;

	if (el->id[0] != 'b' || strlen(el->id) != NUMBER_DIGITS + 1)
		return -1;
	number = strtol(el->id + 1, NULL, 10);
	snprintf(id, sizeof(id), "b%08u", (unsigned)number % 100000000);
	snprintf(body, sizeof(body), "%08u" BODY_REST,
		 (unsigned)number % 100000000);
	return number >= 0 && strcmp(el->id, id) == 0 &&
	       strcmp(el->body, body) == 0 ? number : -1;
}
