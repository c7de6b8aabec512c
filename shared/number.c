#include "shared/number.h"

#include <ctype.h>
#include <stdlib.h>

uint64_t
number_of(const char *text, uint64_t usual, uint64_t max)
{
	unsigned long long number;
	char *end;

	if (text == NULL || !isdigit((unsigned char)*text))
		return usual;
	/* One that is too large is the largest. */
	number = strtoull(text, &end, 10);
	if (*end != '\0')
		return usual;
	return number > max ? max : number;
}
