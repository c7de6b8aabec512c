#include "t/bench/transcript.h"

#include <stdlib.h>

#include "shared/error.h"

struct saying {
	double time;
	unsigned speaker;
	unsigned heard;		/* by so many */
	long before;		/* the speaker's last one, or -1 */
	long place;		/* in the order heard; -1: by nobody yet */
};

struct transcript {
	struct saying *sayings;
	unsigned *order;	/* numbers as the first listener heard them */
	unsigned said, heard, size;
	unsigned complete;	/* heard by all */
	unsigned listeners;
	unsigned *places;	/* of each listener: how many were heard */
	long *last;		/* number of each speaker's last, or -1 */
};

struct transcript *
transcript_new(unsigned speakers, unsigned listeners)
{
	struct transcript *transcript = calloc(1, sizeof(*transcript));

	ensure(transcript != NULL && speakers > 0 && listeners > 0);
	transcript->listeners = listeners;
	transcript->places = calloc(listeners, sizeof(*transcript->places));
	transcript->last = calloc(speakers, sizeof(*transcript->last));
	ensure(transcript->places != NULL && transcript->last != NULL);
	for (unsigned i = 0; i < speakers; i++)
		transcript->last[i] = -1;
	return transcript;
}

void
transcript_free(struct transcript **transcript_)
{
	struct transcript *transcript = *transcript_;

	free(transcript->sayings);
	free(transcript->order);
	free(transcript->places);
	free(transcript->last);
	free(transcript);
	*transcript_ = NULL;
}

static void
grow(struct transcript *transcript)
{
	unsigned size = transcript->size * 2 + 16;

	transcript->sayings = reallocarray(transcript->sayings, size,
					   sizeof(*transcript->sayings));
	transcript->order = reallocarray(transcript->order, size,
					 sizeof(*transcript->order));
	ensure(transcript->sayings != NULL && transcript->order != NULL);
	transcript->size = size;
}

unsigned
transcript_say(struct transcript *transcript, unsigned speaker, double now)
{
	unsigned number = transcript->said++;

	if (number == transcript->size)
		grow(transcript);
	transcript->sayings[number] = (struct saying){
		.time = now, .speaker = speaker, .place = -1,
		.before = transcript->last[speaker],
	};
	transcript->last[speaker] = number;
	return number;
}

long
transcript_speaker(const struct transcript *transcript, unsigned number)
{
	return number < transcript->said ?
	       (long)transcript->sayings[number].speaker : -1;
}

/* The first who hears it gives it its place. */
static const char *
place(struct transcript *transcript, unsigned number)
{
	struct saying *saying = &transcript->sayings[number];

	if (saying->place >= 0)
		return "heard before";
	if (saying->before >= 0 &&
	    transcript->sayings[saying->before].place < 0)
		return "heard before what the same person said before";
	saying->place = transcript->heard;
	transcript->order[transcript->heard++] = number;
	return NULL;
}

const char *
transcript_hear(struct transcript *transcript, unsigned listener,
		unsigned number, double now, double *delay_r)
{
	unsigned at = transcript->places[listener];
	const char *wrong = NULL;

	if (number >= transcript->said)
		return "never said";
	if (at == transcript->heard)
		wrong = place(transcript, number);
	else if (transcript->order[at] != number)
		wrong = "heard in another order than by others";
	if (wrong != NULL)
		return wrong;
	transcript->places[listener]++;
	if (++transcript->sayings[number].heard == transcript->listeners)
		transcript->complete++;
	*delay_r = now - transcript->sayings[number].time;
	return NULL;
}

unsigned
transcript_said(const struct transcript *transcript)
{
	return transcript->said;
}

unsigned
transcript_missing(const struct transcript *transcript)
{
	return transcript->said - transcript->complete;
}
