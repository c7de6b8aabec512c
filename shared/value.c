#include "shared/value.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/setting.h"
#include "shared/source.h"
#include "shared/str.h"

#define SECRET_BYTES_MAX 4096

struct unit {
	const char *name;
	unsigned long long factor;
};

/* From the largest to the smallest, which the empty name stands for. */
static const struct unit no_units[] = {
	{ "", 1 }, { NULL, 0 }
};
static const struct unit time_units[] = {
	{ "d", 86400 }, { "h", 3600 }, { "m", 60 }, { "s", 1 }, { "", 1 },
	{ NULL, 0 }
};
static const struct unit byte_units[] = {
	{ "G", 1ULL << 30 }, { "M", 1ULL << 20 }, { "K", 1ULL << 10 },
	{ "", 1 }, { NULL, 0 }
};

static const struct {
	const struct unit *units;
	unsigned long long max;
	const char *expected;
} numbers[] = {
	[SETTING_UINT] = { no_units, UINT_MAX, "a number" },
	[SETTING_SECS] = { time_units, UINT_MAX,
			   "a time such as 30s, 5m, 2h or 7d" },
	[SETTING_BYTES] = { byte_units, SIZE_MAX,
			    "a size such as 4096, 64K, 16M or 1G" },
};

static void *
member(const struct value_place *place, const struct setting *setting)
{
	return (char *)place->strct + setting->offset;
}

static const void *
const_member(const struct setting *setting, const void *strct)
{
	return (const char *)strct + setting->offset;
}

static int
parse_bool(const char *text, bool *value_r, struct error *err)
{
	static const char *const words[] = {
		"no", "yes", "false", "true", "off", "on"
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i]) == 0) {
			*value_r = i % 2 == 1;
			return 0;
		}
	}
	return error_set(err, ERROR_BAD_REQUEST,
			 "'%s' is neither yes nor no", text);
}

static int
check_range(const struct setting *setting, unsigned long long value,
	    struct error *err)
{
	struct str low = { 0 }, high = { 0 };

	if (value >= setting->min &&
	    (setting->max == 0 || value <= setting->max))
		return 0;

	str_addf(&low, "%llu", setting->min);
	str_addf(&high, "%llu", setting->max);
	if (setting->max == 0)
		error_set(err, ERROR_BAD_REQUEST, "must be at least %s",
			  low.data);
	else
		error_set(err, ERROR_BAD_REQUEST, "must be from %s to %s",
			  low.data, high.data);
	str_fini(&low);
	str_fini(&high);
	return -1;
}

static int
parse_number(const struct setting *setting, const char *text,
	     unsigned long long *value_r, struct error *err)
{
	const struct unit *unit = numbers[setting->type].units;
	unsigned long long value;
	char *end;

	/* strtoull() takes signs and blanks. */
	if (*text < '0' || *text > '9')
		return error_set(err, ERROR_BAD_REQUEST, "'%s' is not %s",
				 text, numbers[setting->type].expected);
	errno = 0;
	value = strtoull(text, &end, 10);
	while (unit->name != NULL && strcmp(unit->name, end) != 0)
		unit++;
	if (unit->name == NULL)
		return error_set(err, ERROR_BAD_REQUEST, "'%s' is not %s",
				 text, numbers[setting->type].expected);
	if (errno == ERANGE ||
	    value > numbers[setting->type].max / unit->factor)
		return error_set(err, ERROR_BAD_REQUEST, "%s is too large",
				 text);
	*value_r = value * unit->factor;
	return check_range(setting, *value_r, err);
}

static int
store_number(const struct value_place *place, const struct setting *setting,
	     const char *text, struct error *err)
{
	unsigned long long value = 0;

	if (parse_number(setting, text, &value, err) < 0)
		return -1;
	if (setting->type == SETTING_BYTES)
		*(size_t *)member(place, setting) = (size_t)value;
	else
		*(unsigned *)member(place, setting) = (unsigned)value;
	return 0;
}

static bool
is_choice(const char *choices, const char *text)
{
	size_t len = strlen(text);

	while (*choices != '\0') {
		size_t word = strcspn(choices, " ");

		if (word == len && memcmp(choices, text, len) == 0)
			return len > 0;
		choices += word;
		choices += strspn(choices, " ");
	}
	return false;
}

static int
store_string(const struct value_place *place, const struct setting *setting,
	     const char *text, struct error *err)
{
	if (setting->choices != NULL && !is_choice(setting->choices, text))
		return error_set(err, ERROR_BAD_REQUEST,
				 "'%s' is not one of: %s", text,
				 setting->choices);
	*(const char **)member(place, setting) =
		arena_strdup(place->arena, text);
	return 0;
}

static void
warn_of_readers(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & S_IROTH) != 0)
		log_warning("setting: every user can read the secret in %s",
			    path);
}

static int
read_secret(struct arena *arena, const char *path, const char **value_r,
	    struct error *err)
{
	struct str text = { 0 };
	int ret = source_read(path, SECRET_BYTES_MAX, &text, err);

	if (ret == 0) {
		if (text.len > 0 && text.data[text.len - 1] == '\n')
			text.len--;
		if (text.len == 0)
			ret = error_set(err, ERROR_BAD_REQUEST,
					"%s: is empty", path);
		else
			*value_r = arena_dup(arena, text.data, text.len);
		warn_of_readers(path);
	}
	/* The heap is not to keep a copy. */
	if (text.data != NULL)
		explicit_bzero(text.data, text.size);
	str_fini(&text);
	return ret;
}

static int
store_secret(const struct value_place *place, const struct setting *setting,
	     const char *text, struct error *err)
{
	const char **value = member(place, setting);
	const char *path;

	if (strncmp(text, "file:", 5) != 0) {
		*value = arena_strdup(place->arena, text);
		return 0;
	}
	path = text + 5;
	if (*path != '/')
		path = arena_printf(place->arena, "%s/%s", place->folder,
				    path);
	return read_secret(place->arena, path, value, err);
}

int
value_store(const struct value_place *place, const struct setting *setting,
	    const char *text, struct error *err)
{
	switch (setting->type) {
	case SETTING_BOOL:
		return parse_bool(text, member(place, setting), err);
	case SETTING_UINT:
	case SETTING_SECS:
	case SETTING_BYTES:
		return store_number(place, setting, text, err);
	case SETTING_STRING:
		return store_string(place, setting, text, err);
	case SETTING_SECRET:
		return store_secret(place, setting, text, err);
	case SETTING_LIST:
	case SETTING_TITLED:
		break;
	}
	ensure(setting->type < SETTING_LIST);
	return -1;
}

void
value_store_list(const struct value_place *place,
		 const struct setting *setting, const char *const *items,
		 size_t count)
{
	const char **list = arena_alloc(place->arena,
					(count + 1) * sizeof(*list));

	for (size_t i = 0; i < count; i++)
		list[i] = arena_strdup(place->arena, items[i]);
	*(const char *const **)member(place, setting) = list;
}

/* A table writes a list as words: "a, b". */
static void
store_words(const struct value_place *place, const struct setting *setting)
{
	static const char separators[] = " ,\"{}";
	const char *text = setting->def;
	/* Each word but the last has a separator behind it. */
	const char **items = arena_alloc(place->arena, (strlen(text) / 2 + 1) *
					 sizeof(*items));
	size_t count = 0;

	for (;;) {
		size_t len;

		text += strspn(text, separators);
		len = strcspn(text, separators);
		if (len == 0)
			break;
		items[count++] = arena_dup(place->arena, text, len);
		text += len;
	}
	value_store_list(place, setting, items, count);
}

int
value_store_default(const struct value_place *place,
		    const struct setting *setting, struct error *err)
{
	if (setting->type == SETTING_LIST) {
		store_words(place, setting);
		return 0;
	}
	return value_store(place, setting, setting->def, err);
}

static void
print_number(struct str *out, const struct unit *unit,
	     unsigned long long value)
{
	/* Nought is a multiple of everything. */
	while (unit->factor > 1 && (value == 0 || value % unit->factor != 0))
		unit++;
	str_addf(out, "%llu%s", value / unit->factor, unit->name);
}

void
value_quote(struct str *out, const char *text)
{
	str_addc(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			str_addz(out, "\\n");
			continue;
		}
		if (strchr("\"\\$", *text) != NULL)
			str_addc(out, '\\');
		str_addc(out, *text);
	}
	str_addc(out, '"');
}

static void
print_list(struct str *out, const char *const *list)
{
	str_addz(out, "{");
	for (size_t i = 0; list[i] != NULL; i++) {
		str_addz(out, i > 0 ? ", " : " ");
		value_quote(out, list[i]);
	}
	str_addz(out, list[0] != NULL ? " }" : "}");
}

static void
print_titles(struct str *out, const struct setting_titled *titled)
{
	str_addz(out, "{");
	for (size_t i = 0; titled[i].title != NULL; i++) {
		str_addz(out, i > 0 ? ", " : " ");
		value_quote(out, titled[i].title);
	}
	str_addz(out, titled[0].title != NULL ? " }" : "}");
}

void
value_print(struct str *out, const struct setting *setting,
	    const void *strct)
{
	const void *value = const_member(setting, strct);

	switch (setting->type) {
	case SETTING_BOOL:
		str_addz(out, *(const bool *)value ? "yes" : "no");
		break;
	case SETTING_UINT:
	case SETTING_SECS:
		print_number(out, numbers[setting->type].units,
			     *(const unsigned *)value);
		break;
	case SETTING_BYTES:
		print_number(out, byte_units, *(const size_t *)value);
		break;
	case SETTING_STRING:
		value_quote(out, *(const char *const *)value);
		break;
	case SETTING_SECRET:
		str_addz(out, "(secret)");
		break;
	case SETTING_LIST:
		print_list(out, *(const char *const *const *)value);
		break;
	case SETTING_TITLED:
		print_titles(out, *(const struct setting_titled *const *)
				  value);
		break;
	}
}

bool
value_equal(const struct setting *setting, const void *a, const void *b)
{
	struct str one = { 0 }, two = { 0 };
	bool equal;

	if (setting->type == SETTING_SECRET)
		return strcmp(*(const char *const *)const_member(setting, a),
			      *(const char *const *)
			      const_member(setting, b)) == 0;

	value_print(&one, setting, a);
	value_print(&two, setting, b);
	equal = strcmp(one.data, two.data) == 0;
	str_fini(&one);
	str_fini(&two);
	return equal;
}
