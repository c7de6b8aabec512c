/*
 * crowd.h - people in rooms: what they send, and what they must get.
 *
 * Every message must reach everybody in its room, once, in the order sent,
 * from the right nick, with the id and body sent.  The first copy of a message
 * is read by expat; the others must be the same bytes but for the address.
 * When the next message differs in just its number and sender, it is compared
 * with what the one before makes expect, and read only when it does not match
 * or when it is its turn (every 64th).  What stored rooms held before may come
 * on entering.
 */
#ifndef T_BENCH_CROWD_H
#define T_BENCH_CROWD_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/str.h"

struct crowd;

/* In each of rooms rooms there will be as many people. */
struct crowd *crowd_new(const char *domain, unsigned rooms, unsigned people);
void crowd_free(struct crowd **crowd);

/* Adds to out what the crowd sends to come in. */
void crowd_enter(struct crowd *crowd, struct str *out);
/* All are, and their rooms are configured. */
bool crowd_is_in(const struct crowd *crowd);

/* From the beginning: whoever has opened a room leaves it at once, and few are
   on their way at a time.  All are out when told so. */
void crowd_visit(struct crowd *crowd);
bool crowd_is_out(const struct crowd *crowd);

/* Adds one more message, of a room and a person in turn. */
void crowd_talk(struct crowd *crowd, struct str *out);

/* Copies of messages, or arrivals in rooms, that are still to come. */
unsigned long long crowd_missing(const struct crowd *crowd);

struct crowd_count {
	unsigned long long messages;	/* sent */
	unsigned long long deliveries;	/* copies that came, all checked */
	unsigned long long presences, subjects, history;
	unsigned long long parsed;	/* stanzas read by expat */
	unsigned long long asked;	/* people, whether they are there */
	unsigned long long fanouts;	/* requests */
};
struct crowd_count crowd_count(const struct crowd *crowd);

/* Reads what came.  Returns how many bytes of it were used; or -1, having said
   on stderr what is wrong.  Answers are added to out. */
long crowd_read(struct crowd *crowd, const char *text, size_t len,
		struct str *out);

/* Whether everybody saw everybody come in, and the subject. */
bool crowd_saw_all(const struct crowd *crowd);

#endif
