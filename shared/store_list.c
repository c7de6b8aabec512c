#include "shared/store_list.h"

#include <inttypes.h>
#include <string.h>

void
store_list_begin(struct store_list *list, const char *dialect)
{
	str_clear(&list->text);
	list->json = strcmp(dialect, "sqlite") == 0;
	list->count = 0;
	str_addc(&list->text, list->json ? '[' : '{');
}

void
store_list_fini(struct store_list *list)
{
	str_fini(&list->text);
}

static void
add_comma(struct store_list *list)
{
	if (list->count++ > 0)
		str_addc(&list->text, ',');
}

/* What is to be written otherwise within quotes; the end as well. */
static size_t
count_usual(const struct store_list *list, const char *text)
{
	static const char json[] = "\"\\"
		"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
		"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e"
		"\x1f";

	return strcspn(text, list->json ? json : "\"\\");
}

static void
add_escaped(struct store_list *list, char c)
{
	if (c == '"' || c == '\\')
		str_addf(&list->text, "\\%c", c);
	else
		str_addf(&list->text, "\\u%04x", (unsigned)c);
}

void
store_list_add_text(struct store_list *list, const char *text)
{
	add_comma(list);
	if (text == NULL) {
		str_addz(&list->text, list->json ? "null" : "NULL");
		return;
	}
	str_addc(&list->text, '"');
	for (;;) {
		size_t len = count_usual(list, text);

		str_add(&list->text, text, len);
		text += len;
		if (*text == '\0')
			break;
		add_escaped(list, *text++);
	}
	str_addc(&list->text, '"');
}

void
store_list_add_int(struct store_list *list, int64_t number)
{
	add_comma(list);
	str_addf(&list->text, "%" PRId64, number);
}

const char *
store_list_end(struct store_list *list)
{
	str_addc(&list->text, list->json ? ']' : '}');
	return list->text.data;
}
