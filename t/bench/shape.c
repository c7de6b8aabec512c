#include "t/bench/shape.h"

#include <stdio.h>
#include <string.h>

#include "t/bench/element.h"

void
shape_fini(struct shape *shape)
{
	str_fini(&shape->sender);
	str_fini(&shape->head);
	str_fini(&shape->tail);
}

static void
set_text(struct str *str, const char *text, size_t len)
{
	str_clear(str);
	str_add(str, text, len);
}

void
shape_learn(struct shape *shape, unsigned number, const struct element *el,
	    const char *text, size_t len)
{
	static const char name[] = " to=";
	const char *end = memchr(text, '>', len);
	const char *at = memmem(text, (size_t)(end - text), name,
				sizeof(name) - 1);
	size_t head, to_len = strlen(el->to);

	shape->known = at != NULL;
	if (!shape->known)
		return;
	head = (size_t)(at - text) + sizeof(name);
	shape->number = number;
	set_text(&shape->sender, el->from, strlen(el->from));
	set_text(&shape->head, text, head);
	set_text(&shape->tail, text + head + to_len, len - head - to_len);
}

static bool
begins_with(const char *text, const char *end, const char *with, size_t len)
{
	return (size_t)(end - text) >= len && memcmp(text, with, len) == 0;
}

/* Replaces the number and the sender by those of the other. */
static void
translate(struct str *text, const struct shape *was, const char *digits,
	  const char *sender)
{
	const char *at = text->data, *end = at + text->len;
	char old_digits[NUMBER_DIGITS + 1];
	struct str out = { 0 };

	snprintf(old_digits, sizeof(old_digits), "%08u",
		 was->number % 100000000);
	while (at < end) {
		if (begins_with(at, end, was->sender.data, was->sender.len)) {
			str_addz(&out, sender);
			at += was->sender.len;
		} else if (begins_with(at, end, old_digits, NUMBER_DIGITS)) {
			str_add(&out, digits, NUMBER_DIGITS);
			at += NUMBER_DIGITS;
		} else {
			str_addc(&out, *at++);
		}
	}
	set_text(text, out.data, out.len);
	str_fini(&out);
}

void
shape_advance(struct shape *shape, unsigned number, const char *sender)
{
	char digits[NUMBER_DIGITS + 1];

	snprintf(digits, sizeof(digits), "%08u", number % 100000000);
	translate(&shape->head, shape, digits, sender);
	translate(&shape->tail, shape, digits, sender);
	set_text(&shape->sender, sender, strlen(sender));
	shape->number = number;
}

size_t
shape_size(const struct shape *shape, size_t to_len)
{
	return shape->head.len + to_len + shape->tail.len;
}

const char *
shape_match(const struct shape *shape, const char *text, size_t len,
	    size_t to_len)
{
	const char *to = text + shape->head.len;

	if (!shape->known || len < shape_size(shape, to_len) ||
	    memcmp(text, shape->head.data, shape->head.len) != 0 ||
	    memcmp(to + to_len, shape->tail.data, shape->tail.len) != 0)
		return NULL;
	return to;
}
