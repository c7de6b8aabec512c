#include "components/archive/rules/ruling.h"

#include <jansson.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* What is being read. */
struct reader {
	struct arena *arena;
	const json_t *root;
	size_t taken;		/* members that were found */
	struct error *err;
};

static int
refuse(const struct reader *reader, const char *name, const char *why)
{
	return error_set(reader->err, ERROR_BAD_REQUEST, "\"%s\" %s", name,
			 why);
}

/* NULL where there is none. */
static int
read_text(struct reader *reader, const char *name, size_t max,
	  const char **text_r)
{
	const json_t *value = json_object_get(reader->root, name);

	*text_r = NULL;
	if (value == NULL)
		return 0;
	if (!json_is_string(value))
		return refuse(reader, name, "is not a text");
	if (json_string_length(value) > max)
		return refuse(reader, name, "is too long");
	reader->taken++;
	*text_r = arena_strdup(reader->arena, json_string_value(value));
	return 0;
}

static int
read_kind(struct reader *reader, struct ruling *ruling)
{
	static const char *const kinds[] = {
		[RULING_ALLOW] = "allow", [RULING_BLOCK] = "block",
		[RULING_MODIFY] = "modify", [RULING_HOLD] = "hold",
	};
	const char *text;

	if (read_text(reader, "verdict", RULING_NOTICE_MAX, &text) < 0)
		return -1;
	for (size_t i = 0; text != NULL && i < ARRAY_LEN(kinds); i++)
		if (strcmp(text, kinds[i]) == 0) {
			ruling->kind = (enum ruling_kind)i;
			return 0;
		}
	return refuse(reader, "verdict", "is none that is known");
}

static int
read_condition(struct reader *reader, struct ruling *ruling)
{
	const char *text;

	if (read_text(reader, "condition", RULING_NOTICE_MAX, &text) < 0)
		return -1;
	if (text == NULL)
		return 0;
	ruling->condition = error_cond_find(text);
	if (strcmp(error_cond_name(ruling->condition), text) != 0)
		return refuse(reader, "condition", "is none of RFC 6120");
	return 0;
}

static int
read_silent(struct reader *reader, struct ruling *ruling)
{
	const json_t *value = json_object_get(reader->root, "silent");

	if (value == NULL)
		return 0;
	if (!json_is_boolean(value))
		return refuse(reader, "silent", "is neither true nor false");
	reader->taken++;
	ruling->silent = json_is_true(value);
	return 0;
}

static int
read_block(struct reader *reader, struct ruling *ruling)
{
	if (read_condition(reader, ruling) < 0 ||
	    read_silent(reader, ruling) < 0)
		return -1;
	return read_text(reader, "notice", RULING_NOTICE_MAX,
			 &ruling->notice);
}

static int
read_modify(struct reader *reader, struct ruling *ruling)
{
	if (read_text(reader, "body", RULING_BODY_MAX, &ruling->body) < 0 ||
	    read_text(reader, "append", RULING_BODY_MAX, &ruling->append) < 0)
		return -1;
	if ((ruling->body == NULL) == (ruling->append == NULL))
		return error_set(reader->err, ERROR_BAD_REQUEST, "neither "
				 "\"body\" nor \"append\", or both");
	return 0;
}

static int
read_all(struct reader *reader, struct ruling *ruling)
{
	if (!json_is_object(reader->root))
		return error_set(reader->err, ERROR_BAD_REQUEST,
				 "is not a JSON object");
	if (read_kind(reader, ruling) < 0)
		return -1;
	if (ruling->kind == RULING_BLOCK && read_block(reader, ruling) < 0)
		return -1;
	if (ruling->kind == RULING_MODIFY && read_modify(reader, ruling) < 0)
		return -1;
	/* A name that is spelled wrong shall not mean something milder. */
	if (reader->taken != json_object_size(reader->root))
		return error_set(reader->err, ERROR_BAD_REQUEST, "has a "
				 "member that does not belong there");
	return 0;
}

int
ruling_parse(struct arena *arena, const char *text, size_t len,
	     struct ruling *ruling_r, struct error *err)
{
	struct reader reader = { .arena = arena, .err = err };
	json_error_t why;
	json_t *root;
	int ret;

	*ruling_r = (struct ruling){ .kind = RULING_ALLOW };
	if (len > RULING_BYTES_MAX)
		return error_set(err, ERROR_BAD_REQUEST, "is too large");
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (root == NULL)
		return error_set(err, ERROR_BAD_REQUEST, "is not JSON: %s",
				 why.text);
	reader.root = root;
	ret = read_all(&reader, ruling_r);
	json_decref(root);
	return ret;
}

struct ruling
ruling_with(const struct ruling *ruling, const char *text)
{
	struct ruling with = *ruling;

	if (text == NULL)
		return with;
	if (ruling->kind == RULING_MODIFY)
		with.besides = text;
	else if (ruling->kind == RULING_ALLOW)
		with = (struct ruling){ .kind = RULING_MODIFY,
					.append = text };
	return with;
}
