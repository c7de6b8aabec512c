/*
 * reminder.h - when something was done last, by name; as far as is remembered.
 */
#ifndef ARCHIVE_REMINDER_H
#define ARCHIVE_REMINDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reminders;

/* Remembers at most so many, one at least: of more, those that were done
   last. */
struct reminders *reminders_new(size_t limit);
void reminders_free(struct reminders **reminders);

/* Whether that was not done in the last so many milliseconds, as far as is
   remembered; then it counts as done at now_ms.  The name is copied. */
bool reminder_is_due(struct reminders *reminders, const char *name,
		     uint64_t now_ms, uint64_t pause_ms);

#endif
