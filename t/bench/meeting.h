/*
 * meeting.h - people in one room of a real service: what each sends, and what
 * each must get.
 *
 * Person number 0 opens the room and configures it; when it is, the others may
 * enter.  Each is "room@service/n00001" there.  Every message must reach
 * everybody as transcript.h says, from the right nick and with the id and body
 * sent.
 */
#ifndef T_BENCH_MEETING_H
#define T_BENCH_MEETING_H

#include <stdbool.h>

#include "shared/str.h"

struct element;
struct latency;
struct meeting;

struct meeting *meeting_new(const char *room, unsigned people);
void meeting_free(struct meeting **meeting);

/* Adds what that person sends to come in. */
void meeting_enter(struct meeting *meeting, unsigned person, struct str *out);
/* The first one is in, and configures. */
bool meeting_is_open(const struct meeting *meeting);
void meeting_configure(struct meeting *meeting, struct str *out);
bool meeting_is_configured(const struct meeting *meeting);

/* Everybody has seen everybody come in, and the subject. */
bool meeting_is_full(const struct meeting *meeting);

/* Adds one more message; returns the person who sends it, in turn. */
unsigned meeting_talk(struct meeting *meeting, double now, struct str *out);
/* Messages that not everybody has. */
unsigned meeting_missing(const struct meeting *meeting);

struct meeting_count {
	unsigned long long messages;	/* sent */
	unsigned long long deliveries;	/* copies that came, all checked */
	unsigned long long presences;
};
struct meeting_count meeting_count(const struct meeting *meeting);

/* Takes what came to a person, whose address is jid.  Returns NULL, or what is
   wrong.  How long messages took is added to latency. */
const char *meeting_read(struct meeting *meeting, unsigned person,
			 const char *jid, const struct element *el,
			 double now, struct latency *latency);

#endif
