#include "shared/causes.h"

#include <stdlib.h>

#include "shared/str.h"

void
causes_fini(struct causes *causes)
{
	for (size_t i = 0; i < causes->count; i++)
		free(causes->causes[i].text);
	*causes = (struct causes){ 0 };
}

void
causes_add(struct causes *causes, const char *text)
{
	size_t i = 0;

	while (i < causes->count && !str_same(causes->causes[i].text, text))
		i++;
	if (i == CAUSES_MAX) {
		causes->others++;
		return;
	}
	if (i == causes->count)
		causes->causes[causes->count++].text = str_dup(text);
	causes->causes[i].times++;
}
