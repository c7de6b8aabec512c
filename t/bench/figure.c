#include "t/bench/figure.h"

#include <stdio.h>
#include <stdlib.h>

void
figure_show(const char *name, double value)
{
	printf("%s %.6g\n", name, value);
	fflush(stdout);
}

void
figure_show_part(const char *part, const char *name, double value)
{
	char whole[64];

	snprintf(whole, sizeof(whole), "%s_%s", part, name);
	figure_show(whole, value);
}

unsigned
figure_read(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end != '\0' || value > 100000000) {
		fprintf(stderr, "%s is not a number\n", text);
		exit(2);
	}
	return (unsigned)value;
}
