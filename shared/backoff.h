/*
 * backoff.h - how long to wait before the next attempt.
 *
 * Pauses double from first_ms to last_ms; each is shortened by up to a half
 * at random, so that those who lost a peer together do not return together.
 * Embedded in its owner.
 */
#ifndef SHARED_BACKOFF_H
#define SHARED_BACKOFF_H

struct backoff {
	unsigned first_ms, last_ms;
	unsigned next_ms;	/* 0: begin with first_ms */
};

/* The next pause: from half of what is due, but never under first_ms, up to
   all of it. */
unsigned backoff_next_ms(struct backoff *backoff);

/* All went well: the next pause is short again. */
void backoff_reset(struct backoff *backoff);

/* Any number from least to most, both included. */
unsigned backoff_between(unsigned least, unsigned most);

#endif
