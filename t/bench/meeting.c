#include "t/bench/meeting.h"

#include <stdio.h>
#include <stdlib.h>

#include "shared/error.h"
#include "t/bench/element.h"
#include "t/bench/latency.h"
#include "t/bench/speech.h"
#include "t/bench/transcript.h"

struct person {
	unsigned char *seen;	/* others: one bit each */
	unsigned seen_count;
	bool in;		/* status 110 came */
	bool subject;
	bool whole;		/* in, all were seen, and the subject */
};

struct meeting {
	char room[256];
	size_t room_len;
	unsigned people_count, whole_count;
	struct person *people;
	bool configured;
	struct transcript *transcript;
	struct meeting_count count;
};

struct meeting *
meeting_new(const char *room, unsigned people)
{
	struct meeting *meeting = calloc(1, sizeof(*meeting));

	ensure(meeting != NULL && people > 0);
	snprintf(meeting->room, sizeof(meeting->room), "%s", room);
	meeting->room_len = strlen(meeting->room);
	meeting->people_count = people;
	meeting->people = calloc(people, sizeof(*meeting->people));
	ensure(meeting->people != NULL);
	for (unsigned i = 0; i < people; i++) {
		meeting->people[i].seen = calloc(people / 8 + 1, 1);
		ensure(meeting->people[i].seen != NULL);
	}
	meeting->transcript = transcript_new(people, people);
	return meeting;
}

void
meeting_free(struct meeting **meeting_)
{
	struct meeting *meeting = *meeting_;

	for (unsigned i = 0; i < meeting->people_count; i++)
		free(meeting->people[i].seen);
	free(meeting->people);
	transcript_free(&meeting->transcript);
	free(meeting);
	*meeting_ = NULL;
}

void
meeting_enter(struct meeting *meeting, unsigned person, struct str *out)
{
	str_addf(out,
		 "<presence to='%s/n%05u'>"
		 "<x xmlns='http://jabber.org/protocol/muc'/></presence>",
		 meeting->room, person);
}

bool
meeting_is_open(const struct meeting *meeting)
{
	return meeting->people[0].in;
}

/* All as the service has it (XEP-0045 section 10.1.2). */
void
meeting_configure(struct meeting *meeting, struct str *out)
{
	str_addf(out,
		 "<iq type='set' id='configure' to='%s'>"
		 "<query xmlns='http://jabber.org/protocol/muc#owner'>"
		 "<x xmlns='jabber:x:data' type='submit'/></query></iq>",
		 meeting->room);
}

bool
meeting_is_configured(const struct meeting *meeting)
{
	return meeting->configured;
}

bool
meeting_is_full(const struct meeting *meeting)
{
	return meeting->whole_count == meeting->people_count;
}

unsigned
meeting_talk(struct meeting *meeting, double now, struct str *out)
{
	unsigned person = transcript_said(meeting->transcript) %
			  meeting->people_count;
	unsigned number = transcript_say(meeting->transcript, person, now);

	speech_print(out, NULL, meeting->room, "groupchat", number);
	meeting->count.messages++;
	return person;
}

unsigned
meeting_missing(const struct meeting *meeting)
{
	return transcript_missing(meeting->transcript);
}

struct meeting_count
meeting_count(const struct meeting *meeting)
{
	return meeting->count;
}

/* The person whose address in the room it is; -1: nobody's. */
static long
read_nick(const struct meeting *meeting, const char *from)
{
	const char *nick = from + meeting->room_len;
	char *end;
	long person;

	if (nick[0] != '/' || nick[1] != 'n' || strlen(nick) != 7)
		return -1;
	person = strtol(nick + 2, &end, 10);
	return *end == '\0' && person >= 0 &&
	       person < (long)meeting->people_count ? person : -1;
}

static void
look_around(struct meeting *meeting, struct person *person)
{
	if (person->whole || !person->in || !person->subject ||
	    person->seen_count < meeting->people_count)
		return;
	person->whole = true;
	meeting->whole_count++;
}

static const char *
read_presence(struct meeting *meeting, struct person *person,
	      const struct element *el)
{
	long of = read_nick(meeting, el->from);
	unsigned char bit;

	if (strcmp(el->from, meeting->room) == 0)
		/* COMPAT: rooms of ejabberd tell their own capabilities. */
		return NULL;
	if (of < 0 || el->type[0] != '\0')
		return "an unexpected presence";
	if (el->is_self != (person == &meeting->people[of]))
		return "a presence that takes one for another";
	meeting->count.presences++;
	person->in |= el->is_self;
	bit = (unsigned char)(1 << of % 8);
	if ((person->seen[of / 8] & bit) == 0) {
		person->seen[of / 8] |= bit;
		person->seen_count++;
	}
	look_around(meeting, person);
	return NULL;
}

static const char *
read_subject(struct meeting *meeting, struct person *person)
{
	if (person->subject)
		return "a second subject";
	person->subject = true;
	look_around(meeting, person);
	return NULL;
}

static const char *
read_message(struct meeting *meeting, unsigned person,
	     const struct element *el, double now, struct latency *latency)
{
	long number = speech_read(el), speaker;
	const char *wrong;
	double delay;

	if (strcmp(el->type, "groupchat") != 0)
		return "an unexpected message";
	if (el->has_subject && !el->has_body)
		return read_subject(meeting, &meeting->people[person]);
	if (number < 0)
		return "not what was sent";
	speaker = transcript_speaker(meeting->transcript, (unsigned)number);
	if (speaker < 0 || speaker != read_nick(meeting, el->from))
		return "not from the one who sent it";
	wrong = transcript_hear(meeting->transcript, person, (unsigned)number,
				now, &delay);
	if (wrong != NULL)
		return wrong;
	meeting->count.deliveries++;
	latency_add(latency, delay);
	return NULL;
}

static const char *
read_iq(struct meeting *meeting, unsigned person, const struct element *el)
{
	if (person != 0 || strcmp(el->id, "configure") != 0 ||
	    strcmp(el->type, "result") != 0)
		return "an unexpected iq";
	meeting->configured = true;
	return NULL;
}

const char *
meeting_read(struct meeting *meeting, unsigned person, const char *jid,
	     const struct element *el, double now, struct latency *latency)
{
	if (strncmp(el->from, meeting->room, meeting->room_len) != 0)
		/* The router's own affairs, as one's own presence. */
		return strcmp(el->type, "error") == 0 ? "an error" : NULL;
	if (strcmp(el->to, jid) != 0)
		return "for somebody else";
	if (strcmp(el->name, "message") == 0)
		return read_message(meeting, person, el, now, latency);
	if (strcmp(el->name, "presence") == 0)
		return read_presence(meeting, &meeting->people[person], el);
	return read_iq(meeting, person, el);
}
