#include "components/archive/intake/reminder.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "shared/error.h"

/* In the order in which they were done. */
struct entry {
	uint64_t done_ms;
	UT_hash_handle hh;	/* by name */
	char name[];
};

struct reminders {
	size_t limit;
	struct entry *entries;
};

struct reminders *
reminders_new(size_t limit)
{
	struct reminders *reminders = calloc(1, sizeof(*reminders));

	ensure(reminders != NULL && limit > 0);
	reminders->limit = limit;
	return reminders;
}

static void
drop(struct reminders *reminders, struct entry *entry)
{
	HASH_DEL(reminders->entries, entry);
	free(entry);
}

void
reminders_free(struct reminders **reminders)
{
	if (*reminders == NULL)
		return;
	while ((*reminders)->entries != NULL)
		drop(*reminders, (*reminders)->entries);
	free(*reminders);
	*reminders = NULL;
}

static void
add(struct reminders *reminders, const char *name, uint64_t now_ms)
{
	size_t size = strlen(name) + 1;
	struct entry *entry = calloc(1, sizeof(*entry) + size);

	ensure(entry != NULL);
	if (HASH_COUNT(reminders->entries) >= reminders->limit)
		drop(reminders, reminders->entries);
	entry->done_ms = now_ms;
	memcpy(entry->name, name, size);
	HASH_ADD_STR(reminders->entries, name, entry);
}

bool
reminder_is_due(struct reminders *reminders, const char *name,
		uint64_t now_ms, uint64_t pause_ms)
{
	struct entry *entry;

	HASH_FIND_STR(reminders->entries, name, entry);
	if (entry != NULL && now_ms - entry->done_ms < pause_ms)
		return false;
	if (entry != NULL)
		drop(reminders, entry);
	add(reminders, name, now_ms);
	return true;
}
