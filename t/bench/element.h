/*
 * element.h - one stanza as it came over the wire, read by expat.
 */
#ifndef T_BENCH_ELEMENT_H
#define T_BENCH_ELEMENT_H

#include <expat.h>
#include <stdbool.h>
#include <stddef.h>

#define ELEMENT_TEXT 512

struct element {
	char name[32], type[32];
	char id[64], from[128], to[128];
	char body[ELEMENT_TEXT];
	char child[32], seq[24], jid[128];	/* of the first child */
	bool has_body, has_subject, has_delay;
	bool is_self;		/* status code 110 */
};

/* The length of the first element in the text, 0 when it is not complete. */
size_t element_end(const char *text, size_t len);

/* Reads one whole element.  Returns -1 when it is not well-formed. */
int element_read(XML_Parser expat, const char *text, size_t len,
		 struct element *el_r);

#endif
