#include "components/archive/journaling/receiver.h"

#include <stdlib.h>

#include "shared/clock.h"
#include "shared/log.h"
#include "shared/str.h"

/* The pauses, at first and at most. */
#define FIRST_MS 1000
#define LAST_MS 300000
/* One that takes none of so many mails is left alone as one that fails. */
#define FAULTS_MAX 5

void
receiver_init(struct receiver *receiver, const char *title)
{
	*receiver = (struct receiver){
		.title = title,
		.backoff = { .first_ms = FIRST_MS, .last_ms = LAST_MS },
	};
}

void
receiver_fini(struct receiver *receiver)
{
	free(receiver->trouble);
	receiver->trouble = NULL;
}

static void
be_in_trouble(struct receiver *receiver, const char *why)
{
	if (receiver->trouble == NULL)
		log_warning("journaling \"%s\": mails wait: %s",
			    receiver->title, why);
	free(receiver->trouble);
	receiver->trouble = str_dup(why);
}

static void
be_well(struct receiver *receiver)
{
	backoff_reset(&receiver->backoff);
	receiver->faults = 0;
	receiver->taken = clock_now();
	if (receiver->trouble != NULL)
		log_info("journaling \"%s\": mails are taken again",
			 receiver->title);
	receiver_fini(receiver);
}

bool
receiver_note(struct receiver *receiver, enum smtp_outcome outcome,
	      const char *why)
{
	if (outcome == SMTP_TAKEN) {
		be_well(receiver);
		return true;
	}
	if (outcome != SMTP_FAILED) {
		receiver->faults++;
		if (!receiver_takes_none(receiver))
			return true;
	}
	be_in_trouble(receiver, why);
	return false;
}

bool
receiver_takes_none(const struct receiver *receiver)
{
	return receiver->faults >= FAULTS_MAX;
}

unsigned
receiver_pause_ms(struct receiver *receiver)
{
	return backoff_next_ms(&receiver->backoff);
}

void
receiver_forgive(struct receiver *receiver)
{
	backoff_reset(&receiver->backoff);
}
