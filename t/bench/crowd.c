#include "t/bench/crowd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/error.h"
#include "t/bench/element.h"
#include "t/bench/shape.h"
#include "t/bench/speech.h"
#include "t/bench/spread.h"

/* "u0000001@example.net/r": whom a copy is for is read off at once. */
#define USER_DIGITS 7
#define USER_SUFFIX "@example.net/r"
#define USER_LEN (1 + USER_DIGITS + sizeof(USER_SUFFIX) - 1)

/* Every so many messages one is read though its bytes are as expected. */
#define READ_EVERY 64

/* People on their way in at one time. */
#define ENTERING_MAX 2000
#define VISITING_MAX 20

enum room_state {
	ROOM_ABSENT,
	ROOM_CREATING,		/* the first one enters */
	ROOM_CONFIGURING,	/* and unlocks it (XEP-0045 section 10.1.2) */
	ROOM_OPEN,		/* the others may enter */
};

struct person {
	unsigned seen;		/* messages, of the room's */
	unsigned presences;
	bool in;		/* status 110 came */
	bool subject;
	bool asked;		/* whether he is there */
};

struct room {
	enum room_state state;
};

struct crowd {
	const char *domain;
	unsigned room_count, people_count;	/* in each room */
	struct room *rooms;
	struct person *people;	/* room after room */
	unsigned opened;	/* rooms up to here are not ROOM_ABSENT */
	unsigned configured;	/* rooms that are ROOM_OPEN */
	unsigned entering, entered, left;
	bool visiting;
	struct shape shape;
	XML_Parser expat;
	struct crowd_count count;
};

struct crowd *
crowd_new(const char *domain, unsigned rooms, unsigned people)
{
	struct crowd *crowd = calloc(1, sizeof(*crowd));

	ensure(crowd != NULL && rooms > 0 && people > 0);
	crowd->domain = domain;
	crowd->room_count = rooms;
	crowd->people_count = people;
	crowd->rooms = calloc(rooms, sizeof(*crowd->rooms));
	crowd->people = calloc((size_t)rooms * people,
			       sizeof(*crowd->people));
	crowd->expat = XML_ParserCreate("UTF-8");
	ensure(crowd->rooms != NULL && crowd->people != NULL &&
	       crowd->expat != NULL);
	return crowd;
}

void
crowd_free(struct crowd **crowd_)
{
	struct crowd *crowd = *crowd_;

	shape_fini(&crowd->shape);
	XML_ParserFree(crowd->expat);
	free(crowd->rooms);
	free(crowd->people);
	free(crowd);
	*crowd_ = NULL;
}

static void
add_presence(struct crowd *crowd, unsigned person, struct str *out)
{
	str_addf(out,
		 "<presence from='u%07u" USER_SUFFIX "' "
		 "to='room%06u@%s/n%05u'>"
		 "<x xmlns='http://jabber.org/protocol/muc'/></presence>",
		 person, person / crowd->people_count, crowd->domain,
		 person % crowd->people_count);
	crowd->entering++;
}

static void
open_room(struct crowd *crowd, unsigned room, struct str *out)
{
	crowd->rooms[room].state = ROOM_CREATING;
	add_presence(crowd, room * crowd->people_count, out);
}

static void
configure_room(struct crowd *crowd, unsigned room, struct str *out)
{
	crowd->rooms[room].state = ROOM_CONFIGURING;
	str_addf(out,
		 "<iq type='set' id='c%06u' from='u%07u" USER_SUFFIX "' "
		 "to='room%06u@%s'>"
		 "<query xmlns='http://jabber.org/protocol/muc#owner'>"
		 "<x xmlns='jabber:x:data' type='submit'/></query></iq>",
		 room, room * crowd->people_count, room, crowd->domain);
}

static void
leave_room(const struct crowd *crowd, unsigned room, struct str *out)
{
	unsigned person = room * crowd->people_count;

	str_addf(out,
		 "<presence type='unavailable' from='u%07u" USER_SUFFIX "' "
		 "to='room%06u@%s/n00000'/>", person, room, crowd->domain);
}

static void
fill_room(struct crowd *crowd, unsigned room, struct str *out)
{
	crowd->rooms[room].state = ROOM_OPEN;
	crowd->configured++;
	for (unsigned i = 1; i < crowd->people_count; i++)
		add_presence(crowd, room * crowd->people_count + i, out);
	if (crowd->visiting)
		leave_room(crowd, room, out);
}

void
crowd_visit(struct crowd *crowd)
{
	crowd->visiting = true;
}

static bool
may_enter(const struct crowd *crowd)
{
	return crowd->visiting ?
	       crowd->opened - crowd->left < VISITING_MAX :
	       crowd->entering < ENTERING_MAX;
}

void
crowd_enter(struct crowd *crowd, struct str *out)
{
	while (crowd->opened < crowd->room_count && may_enter(crowd))
		open_room(crowd, crowd->opened++, out);
}

bool
crowd_is_in(const struct crowd *crowd)
{
	return crowd->configured == crowd->room_count &&
	       crowd->entered == crowd->room_count * crowd->people_count;
}

bool
crowd_is_out(const struct crowd *crowd)
{
	return crowd->left == crowd->entered;
}

static unsigned
room_of(const struct crowd *crowd, unsigned number)
{
	return number % crowd->room_count;
}

static unsigned
sender_of(const struct crowd *crowd, unsigned number)
{
	return number / crowd->room_count % crowd->people_count;
}

void
crowd_talk(struct crowd *crowd, struct str *out)
{
	unsigned number = (unsigned)crowd->count.messages++;
	unsigned room = room_of(crowd, number);
	char from[64], to[256];

	snprintf(from, sizeof(from), "u%07u" USER_SUFFIX,
		 room * crowd->people_count + sender_of(crowd, number));
	snprintf(to, sizeof(to), "room%06u@%s", room, crowd->domain);
	speech_print(out, from, to, "groupchat", number);
}

unsigned long long
crowd_missing(const struct crowd *crowd)
{
	return crowd->count.messages * crowd->people_count -
	       crowd->count.deliveries;
}

struct crowd_count
crowd_count(const struct crowd *crowd)
{
	return crowd->count;
}

bool
crowd_saw_all(const struct crowd *crowd)
{
	size_t all = (size_t)crowd->room_count * crowd->people_count;

	for (size_t i = 0; i < all; i++) {
		if (crowd->people[i].presences != crowd->people_count ||
		    !crowd->people[i].subject)
			return false;
	}
	return true;
}

static int
complain(const char *what, const char *text, size_t len)
{
	fprintf(stderr, "stub: %s: %.*s\n", what,
		(int)(len < 1000 ? len : 1000), text);
	return -1;
}

/* Reads exactly count digits; -1 when there are others. */
static long
read_digits(const char *text, int count)
{
	long value = 0;

	for (int i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

/* The person whose address of USER_LEN bytes it is; -1: nobody's. */
static long
read_user(const struct crowd *crowd, const char *text)
{
	long person = read_digits(text + 1, USER_DIGITS);

	if (text[0] != 'u' || person < 0 ||
	    (size_t)person >=
		    (size_t)crowd->room_count * crowd->people_count ||
	    memcmp(text + 1 + USER_DIGITS, USER_SUFFIX,
		   sizeof(USER_SUFFIX) - 1) != 0)
		return -1;
	return person;
}

/* One copy of a message has reached one person. */
static int
deliver(struct crowd *crowd, unsigned number, long person)
{
	struct person *who = &crowd->people[person];

	if ((unsigned)person / crowd->people_count !=
	    room_of(crowd, number))
		return complain("a message for another room", "", 0);
	if (number >= crowd->count.messages ||
	    who->seen != number / crowd->room_count)
		return complain("a message too often, too late or early",
				"", 0);
	who->seen++;
	crowd->count.deliveries++;
	return 0;
}

static void
print_sender(const struct crowd *crowd, unsigned number, struct str *out)
{
	str_addf(out, "room%06u@%s/n%05u", room_of(crowd, number),
		 crowd->domain, sender_of(crowd, number));
}

/* What the next message must look like, if it looks like this one. */
static void
foresee(struct crowd *crowd)
{
	unsigned number = crowd->shape.number + 1;
	struct str sender = { 0 };

	if (number % READ_EVERY == 0) {
		crowd->shape.known = false;
		return;
	}
	print_sender(crowd, number, &sender);
	shape_advance(&crowd->shape, number, sender.data);
	str_fini(&sender);
}

/* Reads as many copies of the message as there are, and of the next ones;
   returns the bytes used, or -1. */
static long
read_copies(struct crowd *crowd, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	const char *address;
	long person;
	size_t size;

	while ((address = shape_match(&crowd->shape, at, (size_t)(end - at),
				      USER_LEN)) != NULL) {
		size = shape_size(&crowd->shape, USER_LEN);
		person = read_user(crowd, address);
		if (person < 0)
			return complain("for nobody", at, size);
		if (deliver(crowd, crowd->shape.number, person) < 0)
			return complain("wrong", at, size);
		at += size;
		if (crowd->count.deliveries % crowd->people_count == 0)
			foresee(crowd);
	}
	return at - text;
}

static bool
is_from_sender(const struct crowd *crowd, const struct element *el,
	       unsigned number)
{
	struct str from = { 0 };
	bool right;

	print_sender(crowd, number, &from);
	right = strcmp(el->from, from.data) == 0;
	str_fini(&from);
	return right;
}

static int
read_message(struct crowd *crowd, const struct element *el, const char *text,
	     size_t len)
{
	long person = strlen(el->to) == USER_LEN ?
			      read_user(crowd, el->to) : -1;
	long number;

	if (person < 0 || strcmp(el->type, "groupchat") != 0)
		return complain("an unexpected message", text, len);
	if (el->has_subject && !el->has_body) {
		if (crowd->people[person].subject)
			return complain("a second subject", text, len);
		crowd->people[person].subject = true;
		crowd->count.subjects++;
		return 0;
	}
	if (el->has_delay && !crowd->people[person].subject) {
		crowd->count.history++;
		return 0;
	}
	number = speech_read(el);
	if (number < 0 || !is_from_sender(crowd, el, (unsigned)number))
		return complain("not what was sent", text, len);
	if (deliver(crowd, (unsigned)number, person) < 0)
		return complain("wrong", text, len);
	shape_learn(&crowd->shape, (unsigned)number, el, text, len);
	if (crowd->count.deliveries % crowd->people_count == 0)
		foresee(crowd);
	return 0;
}

static int
read_departure(struct crowd *crowd, const struct element *el, long person)
{
	if (!el->is_self)
		return 0;
	if (!crowd->people[person].in)
		return -1;
	crowd->people[person].in = false;
	crowd->left++;
	return 0;
}

static int
read_presence(struct crowd *crowd, const struct element *el, struct str *out)
{
	long person = strlen(el->to) == USER_LEN ?
			      read_user(crowd, el->to) : -1;
	unsigned room = (unsigned)person / crowd->people_count;

	if (person >= 0 && strcmp(el->type, "unavailable") == 0)
		return read_departure(crowd, el, person);
	if (person < 0 || el->type[0] != '\0')
		return -1;
	crowd->people[person].presences++;
	crowd->count.presences++;
	if (!el->is_self)
		return 0;
	if (crowd->people[person].in)
		return -1;
	crowd->people[person].in = true;
	crowd->entering--;
	crowd->entered++;
	if (crowd->rooms[room].state == ROOM_CREATING)
		configure_room(crowd, room, out);
	return 0;
}

/* An answer of ours to what the component asks: it exists, and knows
   nothing.  What it sends to itself goes back. */
static void
answer(struct crowd *crowd, const struct element *el, const char *text,
       size_t len, struct str *out)
{
	long person = strlen(el->to) == USER_LEN ?
			      read_user(crowd, el->to) : -1;

	if (person >= 0 && !crowd->people[person].asked) {
		crowd->people[person].asked = true;
		crowd->count.asked++;
	}
	if (strcmp(el->to, crowd->domain) == 0)
		str_add(out, text, len);
	else
		str_addf(out, "<iq type='result' id='%s' from='%s' "
			      "to='%s'/>", el->id, el->to, el->from);
}

static int
read_iq(struct crowd *crowd, const struct element *el, struct str *out)
{
	long room = el->id[0] == 'c' && strlen(el->id) == 7 ?
			    read_digits(el->id + 1, 6) : -1;

	if (room < 0 || (unsigned long)room >= crowd->room_count ||
	    crowd->rooms[room].state != ROOM_CONFIGURING ||
	    strcmp(el->type, "result") != 0)
		return -1;
	fill_room(crowd, (unsigned)room, out);
	return 0;
}

/* Reads one stanza by expat. */
static long
read_stanza(struct crowd *crowd, const char *text, size_t len,
	    struct str *out)
{
	size_t size = element_end(text, len);
	struct element el;
	int ret;

	if (size == 0)
		return 0;
	crowd->count.parsed++;
	if (element_read(crowd->expat, text, size, &el) < 0)
		return complain("not well-formed", text, size);
	if (strcmp(el.name, "message") == 0)
		return read_message(crowd, &el, text, size) < 0 ?
			       -1 : (long)size;
	if (strcmp(el.name, "presence") == 0) {
		ret = read_presence(crowd, &el, out);
	} else if (strcmp(el.name, "iq") == 0 &&
		   (strcmp(el.type, "get") == 0 ||
		    strcmp(el.type, "set") == 0)) {
		answer(crowd, &el, text, size, out);
		ret = 0;
	} else {
		ret = read_iq(crowd, &el, out);
	}
	return ret < 0 ? complain("unexpected", text, size) : (long)size;
}

/* What a shim makes of a fanout is as what comes separately. */
static long
read_fanout(struct crowd *crowd, const char *text, size_t len,
	    struct str *out)
{
	size_t size = spread_is(text, len) ? element_end(text, len) : 0;
	struct str copies = { 0 };
	long used;

	if (size == 0)
		return 0;
	used = spread_copy(text, size, &copies) < 0 ? -1 :
	       crowd_read(crowd, copies.data, copies.len, out);
	if (used >= 0 && (size_t)used < copies.len)
		used = -1;
	str_fini(&copies);
	crowd->count.fanouts++;
	spread_answer(text, size, crowd->domain, out);
	return used < 0 ? complain("not to be spread", text, size) :
	       (long)size;
}

long
crowd_read(struct crowd *crowd, const char *text, size_t len,
	   struct str *out)
{
	size_t used = 0;
	long n;

	do {
		while (used < len && text[used] == ' ')
			used++;
		n = read_copies(crowd, text + used, len - used);
		if (n == 0)
			n = read_fanout(crowd, text + used, len - used, out);
		if (n == 0)
			n = read_stanza(crowd, text + used, len - used, out);
		if (n < 0)
			return -1;
		used += (size_t)n;
	} while (n > 0);
	return (long)used;
}
