/*
 * speech.h - what people say: a number, and text that must be escaped.
 */
#ifndef T_BENCH_SPEECH_H
#define T_BENCH_SPEECH_H

#include "shared/str.h"

struct element;

/* Adds a message with that number in its id and its body; from may be
   NULL. */
void speech_print(struct str *out, const char *from, const char *to,
		  const char *type, unsigned number);
/* The same, with the namespace of a client's stream. */
void speech_print_client(struct str *out, const char *from, const char *to,
			 const char *type, unsigned number);

/* The number of a message; -1 when id or body are not what was said. */
long speech_read(const struct element *el);

#endif
