/*
 * transcript.h - what is said in one place, and who has heard it.
 *
 * Everybody must hear everything once and in the same order, which is the
 * order of the first who hears it; and what one person says, in the order
 * said.
 */
#ifndef T_BENCH_TRANSCRIPT_H
#define T_BENCH_TRANSCRIPT_H

struct transcript;

struct transcript *transcript_new(unsigned speakers, unsigned listeners);
void transcript_free(struct transcript **transcript);

/* Returns the number of what the speaker says. */
unsigned transcript_say(struct transcript *transcript, unsigned speaker,
			double now);

/* Whoever said it; -1 when nobody did. */
long transcript_speaker(const struct transcript *transcript, unsigned number);

/* Returns NULL and the seconds since it was said; or what is wrong. */
const char *transcript_hear(struct transcript *transcript, unsigned listener,
			    unsigned number, double now, double *delay_r);

unsigned transcript_said(const struct transcript *transcript);
/* How many of these not all have heard. */
unsigned transcript_missing(const struct transcript *transcript);

#endif
