/*
 * pattern.h - a regular expression (PCRE2) that is looked for in what people
 * write, within limits: who writes the text must not be able to keep the
 * daemon busy by it.
 */
#ifndef ARCHIVE_PATTERN_H
#define ARCHIVE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct pattern;

#define PATTERN_BYTES_MAX ((size_t)64 * 1024)

/* Compiled once, by the JIT compiler where there is one; of UTF-8, with the
   properties of Unicode.  Returns 0, or -1 with ERROR_BAD_REQUEST. */
int pattern_new(const char *text, struct pattern **pattern_r,
		struct error *err);
/* One that finds any of these words, ended by NULL: in capitals or not, whole,
   and with any blanks where they have some. */
int pattern_new_of_words(const char *const *words,
			 struct pattern **pattern_r, struct error *err);
void pattern_free(struct pattern **pattern);

/* How long all that is done for one stanza may take. */
#define PATTERN_TIME_NS UINT64_C(50000000)
/* What this thread has worked so far. */
uint64_t pattern_clock_ns(void);

/* Whether it is somewhere in the text, which is to be known before that time
   of the clock.  Returns 0, or -1 with ERROR_RESOURCE_CONSTRAINT: it cannot be
   known within the limits. */
int pattern_find(const struct pattern *pattern, const char *text,
		 uint64_t until_ns, bool *found_r, struct error *err);

#endif
