#include "components/muc/memo.h"

#include <stdlib.h>
#include <string.h>

#include "shared/error.h"
#include "shared/str.h"

void *
memo_find(const struct memo *table, const char *jid)
{
	struct memo *memo;

	HASH_FIND_STR(table, jid, memo);
	return memo;
}

void *
memo_add(struct memo **table, const char *jid, size_t size, unsigned max)
{
	struct memo *memo = calloc(1, size);

	ensure(memo != NULL);
	if (HASH_COUNT(*table) >= max)
		memo_drop(table, *table);
	memo->jid = str_dup(jid);
	HASH_ADD_KEYPTR(hh, *table, memo->jid, strlen(memo->jid), memo);
	return memo;
}

void
memo_drop(struct memo **table, struct memo *memo)
{
	HASH_DEL(*table, memo);
	free(memo->jid);
	free(memo);
}

void
memo_clear(struct memo **table)
{
	while (*table != NULL)
		memo_drop(table, *table);
}
