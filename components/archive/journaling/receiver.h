/*
 * receiver.h - how the server does to which a section journaling mails: while
 * it takes nothing it is left alone, for longer each time, and the log says
 * why mails wait.
 *
 * Embedded in its owner.
 */
#ifndef ARCHIVE_RECEIVER_H
#define ARCHIVE_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "components/archive/journaling/smtp.h"
#include "shared/backoff.h"

struct receiver {
	const char *title;	/* of the section */
	struct backoff backoff;
	size_t faults;		/* mails in a row that it did not take */
	int64_t taken;		/* when it took one last, microseconds since
				   1970; 0: never */
	char *trouble;		/* why mails wait; NULL: they need not */
};

/* The title stays as long. */
void receiver_init(struct receiver *receiver, const char *title);
void receiver_fini(struct receiver *receiver);

/* What became of a mail.  Returns whether another one is worth a try now. */
bool receiver_note(struct receiver *receiver, enum smtp_outcome outcome,
		   const char *why);
/* Whether it took none of so many mails that it may be about those. */
bool receiver_takes_none(const struct receiver *receiver);

/* For how long to leave it alone; and that this begins anew. */
unsigned receiver_pause_ms(struct receiver *receiver);
void receiver_forgive(struct receiver *receiver);

#endif
