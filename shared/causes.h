/*
 * causes.h - why things were refused, and how often for each reason.
 *
 * Embedded; all zero at first.
 */
#ifndef SHARED_CAUSES_H
#define SHARED_CAUSES_H

#include <stddef.h>
#include <stdint.h>

/* Others are counted together. */
#define CAUSES_MAX 20

struct causes {
	struct {
		char *text;
		uint64_t times;
	} causes[CAUSES_MAX];
	size_t count;
	uint64_t others;
};

void causes_fini(struct causes *causes);
void causes_add(struct causes *causes, const char *text);

#endif
