#define PCRE2_CODE_UNIT_WIDTH 8
#include "components/archive/rules/pattern.h"

#include <ctype.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared/error.h"
#include "shared/str.h"

/* For a match that begins at one place. */
#define STEPS_MAX 100000
#define DEPTH_MAX 20000
#define HEAP_KIB_MAX 8192
#define STACK_BYTES_MIN ((size_t)32 * 1024)
#define STACK_BYTES_MAX ((size_t)1024 * 1024)
#define NEST_MAX 100

/* So many places are tried between two looks at the clock: steps are counted
   for each place alone. */
#define PLACES 256

struct pattern {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;		/* NULL: it is interpreted */
};

/* A process that may not make code by itself has no JIT. */
static void
speed_up(struct pattern *pattern)
{
	if (pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE) != 0)
		return;
	pattern->stack = pcre2_jit_stack_create(STACK_BYTES_MIN,
						STACK_BYTES_MAX, NULL);
	ensure(pattern->stack != NULL);
	pcre2_jit_stack_assign(pattern->context, NULL, pattern->stack);
}

static pcre2_code *
compile(const char *text, struct error *err)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	PCRE2_SIZE place = 0;
	unsigned char why[128] = "";
	pcre2_code *code;
	int fault = 0;

	ensure(context != NULL);
	pcre2_set_max_pattern_length(context, PATTERN_BYTES_MAX);
	pcre2_set_parens_nest_limit(context, NEST_MAX);
	code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
			     PCRE2_UTF | PCRE2_UCP |
			     PCRE2_NEVER_BACKSLASH_C |
			     PCRE2_USE_OFFSET_LIMIT, &fault, &place, context);
	pcre2_compile_context_free(context);
	if (code != NULL)
		return code;
	pcre2_get_error_message(fault, why, sizeof(why));
	error_set(err, ERROR_BAD_REQUEST, "at character %zu: %s", place,
		  (const char *)why);
	return NULL;
}

int
pattern_new(const char *text, struct pattern **pattern_r, struct error *err)
{
	struct pattern *pattern = calloc(1, sizeof(*pattern));

	ensure(pattern != NULL);
	*pattern_r = NULL;
	pattern->code = compile(text, err);
	if (pattern->code == NULL) {
		free(pattern);
		return -1;
	}
	pattern->data = pcre2_match_data_create(1, NULL);
	pattern->context = pcre2_match_context_create(NULL);
	ensure(pattern->data != NULL && pattern->context != NULL);
	pcre2_set_match_limit(pattern->context, STEPS_MAX);
	pcre2_set_depth_limit(pattern->context, DEPTH_MAX);
	pcre2_set_heap_limit(pattern->context, HEAP_KIB_MAX);
	speed_up(pattern);
	*pattern_r = pattern;
	return 0;
}

/* As it stands, but for blanks. */
static void
add_word(struct str *out, const char *word)
{
	for (; *word != '\0'; word++)
		if (isspace((unsigned char)*word)) {
			str_addz(out, "\\s+");
			word += strspn(word, " \t\r\n\v\f") - 1;
		} else {
			if (ispunct((unsigned char)*word))
				str_addc(out, '\\');
			str_addc(out, *word);
		}
}

int
pattern_new_of_words(const char *const *words, struct pattern **pattern_r,
		     struct error *err)
{
	struct str text = { 0 };
	int ret;

	/* \w would have the underscore, by which people emphasise. */
	str_addz(&text, "(?i)(?<![\\pL\\pM\\pN])(?:");
	for (size_t i = 0; words[i] != NULL; i++) {
		if (i > 0)
			str_addc(&text, '|');
		add_word(&text, words[i]);
	}
	str_addz(&text, ")(?![\\pL\\pM\\pN])");
	ret = pattern_new(text.data, pattern_r, err);
	str_fini(&text);
	return ret;
}

void
pattern_free(struct pattern **pattern_)
{
	struct pattern *pattern = *pattern_;

	*pattern_ = NULL;
	if (pattern == NULL)
		return;
	pcre2_match_data_free(pattern->data);
	pcre2_match_context_free(pattern->context);
	pcre2_jit_stack_free(pattern->stack);
	pcre2_code_free(pattern->code);
	free(pattern);
}

uint64_t
pattern_clock_ns(void)
{
	struct timespec now;

	ensure(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int
fail(int fault, struct error *err)
{
	unsigned char why[128] = "";

	pcre2_get_error_message(fault, why, sizeof(why));
	return error_set(err, ERROR_RESOURCE_CONSTRAINT, "%s",
			 (const char *)why);
}

/* A character may be of several bytes. */
static size_t
next_place(const char *text, size_t len, size_t place)
{
	place += PLACES;
	while (place < len && ((unsigned char)text[place] & 0xc0) == 0x80)
		place++;
	return place;
}

int
pattern_find(const struct pattern *pattern, const char *text,
	     uint64_t until_ns, bool *found_r, struct error *err)
{
	size_t len = strlen(text);
	unsigned checked = 0;
	int ret = PCRE2_ERROR_NOMATCH;

	for (size_t place = 0; ret == PCRE2_ERROR_NOMATCH && place <= len;
	     place = next_place(text, len, place)) {
		if (pattern_clock_ns() >= until_ns)
			return error_set(err, ERROR_RESOURCE_CONSTRAINT,
					 "it takes too long");
		pcre2_set_offset_limit(pattern->context, place + PLACES - 1);
		ret = pcre2_match(pattern->code, (PCRE2_SPTR)text, len, place,
				  checked, pattern->data, pattern->context);
		checked = PCRE2_NO_UTF_CHECK;
	}
	*found_r = ret >= 0;
	return ret >= 0 || ret == PCRE2_ERROR_NOMATCH ? 0 : fail(ret, err);
}
