#include "components/muc/arrivals.h"

#include <stdbool.h>
#include <stdlib.h>

#include "components/muc/attendance.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/error.h"
#include "shared/fanout.h"

/* Whom to tell together of how many, so that each gets many at once. */
#define AUDIENCE_MAX 50
/* Fewer of those who came are told of each other one by one. */
#define HALVED_MIN 8

void
arrivals_fini(struct arrivals *arrivals)
{
	free(arrivals->people);
	*arrivals = (struct arrivals){ 0 };
}

void
arrivals_add(struct arrivals *arrivals, const struct arrival *arrival)
{
	if (arrivals->count == arrivals->size) {
		arrivals->size = arrivals->size * 2 + 8;
		arrivals->people = realloc(arrivals->people, arrivals->size *
					   sizeof(*arrivals->people));
		ensure(arrivals->people != NULL);
	}
	arrivals->people[arrivals->count++] = *arrival;
}

static const struct room *
room_of(const struct arrivals *arrivals)
{
	return arrivals->people[0].session->occupant->room;
}

/* Sessions are numbered as they enter. */
static bool
is_new(const struct arrivals *arrivals, const struct session *session)
{
	return session->serial >= arrivals->people[0].session->serial;
}

/* How the next recipient is gathered: the first one begins. */
typedef void gather_fn(struct fanout *fanout, const char *to, size_t to_len);

static gather_fn *
gather(gather_fn *fn, const struct session *to)
{
	fn(to->occupant->room->muc->fanout, to->to, to->to_len);
	return fanout_gather_too;
}

/* The next of those who were inside, and see as much.  Returns whether there
   are any. */
static bool
gather_inside(const struct arrivals *arrivals, bool full,
	      const struct session **next)
{
	const struct session *to = *next;
	gather_fn *fn = fanout_gather;
	unsigned count = 0;

	for (; to != NULL && !is_new(arrivals, to) && count < AUDIENCE_MAX;
	     to = to->hh.next) {
		if (presence_shows_address(to) != full)
			continue;
		fn = gather(fn, to);
		count++;
	}
	*next = to;
	return count > 0;
}

/* Some of those who came. */
struct party {
	const struct arrival *first, *end;
};

static struct party
party_of(const struct arrivals *arrivals)
{
	return (struct party){ arrivals->people,
			       arrivals->people + arrivals->count };
}

static const struct arrival *
middle_of(struct party party)
{
	return party.first + (party.end - party.first) / 2;
}

/* But for one. */
static bool
gather_party(struct party party, bool full, const struct arrival *but)
{
	gather_fn *fn = fanout_gather;

	for (const struct arrival *to = party.first; to < party.end; to++)
		if (to != but && presence_shows_address(to->session) == full)
			fn = gather(fn, to->session);
	return fn != fanout_gather;
}

static struct fanout *
fanout_of(const struct arrivals *arrivals)
{
	return room_of(arrivals)->muc->fanout;
}

static void
introduce(const struct occupant *who, bool full)
{
	struct notice notice = notice_of(who);

	if (presence_is_broadcast(who->room, who->role))
		presence_send_gathered(who->sessions, &notice, full);
}

static void
introduce_party(struct party party, bool full)
{
	for (const struct arrival *who = party.first; who < party.end; who++)
		introduce(who->session->occupant, full);
}

static void
introduce_inside_to(const struct arrivals *arrivals, bool full,
		    struct party party)
{
	const struct occupant *who = room_of(arrivals)->occupants;

	if (party.end - party.first > AUDIENCE_MAX) {
		const struct arrival *middle = middle_of(party);

		introduce_inside_to(arrivals, full,
				    (struct party){ party.first, middle });
		introduce_inside_to(arrivals, full,
				    (struct party){ middle, party.end });
		return;
	}
	if (!gather_party(party, full, NULL))
		return;
	for (; who != NULL; who = who->hh.next)
		if (!is_new(arrivals, who->sessions))
			introduce(who, full);
	fanout_end(fanout_of(arrivals));
}

/* One by one. */
static void
introduce_each(const struct arrivals *arrivals, bool full, struct party party)
{
	const struct arrival *who;

	for (who = party.first; who < party.end; who++) {
		if (!gather_party(party, full, who))
			continue;
		introduce(who->session->occupant, full);
		fanout_end(fanout_of(arrivals));
	}
}

static void
introduce_to(const struct arrivals *arrivals, bool full, struct party who,
	     struct party to)
{
	if (!gather_party(to, full, NULL))
		return;
	introduce_party(who, full);
	fanout_end(fanout_of(arrivals));
}

/* One half to the other, and so on. */
static void
introduce_each_other(const struct arrivals *arrivals, bool full,
		     struct party party)
{
	const struct arrival *middle = middle_of(party);
	struct party one = { party.first, middle };
	struct party other = { middle, party.end };

	if (party.end - party.first < HALVED_MIN) {
		introduce_each(arrivals, full, party);
		return;
	}
	introduce_to(arrivals, full, one, other);
	introduce_to(arrivals, full, other, one);
	introduce_each_other(arrivals, full, one);
	introduce_each_other(arrivals, full, other);
}

static void
introduce_new(const struct arrivals *arrivals, bool full)
{
	const struct session *next = room_of(arrivals)->sessions;

	while (gather_inside(arrivals, full, &next)) {
		introduce_party(party_of(arrivals), full);
		fanout_end(fanout_of(arrivals));
	}
}

static void
greet(const struct arrival *arrival)
{
	const struct session *to = arrival->session;
	struct fanout *fanout = to->occupant->room->muc->fanout;

	fanout_gather(fanout, to->to, to->to_len);
	arrival_greet(arrival);
	fanout_end(fanout);
}

static bool
is_same(const struct arrivals *arrivals, size_t a, size_t b)
{
	return a == b || arrival_is_same(&arrivals->people[a],
					 &arrivals->people[b]);
}

/* To each who is as the first. */
static void
account(const struct arrivals *arrivals, size_t first,
	const struct history_sent *sent)
{
	const struct arrival *people = arrivals->people;
	const char **jids = calloc(arrivals->count, sizeof(*jids));
	size_t count = 0;

	ensure(jids != NULL);
	for (size_t i = first; i < arrivals->count; i++) {
		if (!is_same(arrivals, first, i))
			continue;
		arrival_charge(&people[i], sent->bytes);
		jids[count++] = people[i].session->occupant->jid;
	}
	attendance_catch_up(room_of(arrivals), jids, count, sent);
	free(jids);
}

/* The first of those who get the same, and all the others. */
static void
settle(const struct arrivals *arrivals, size_t first)
{
	const struct arrival *people = arrivals->people;
	const struct session *to = people[first].session;
	gather_fn *fn = gather(fanout_gather, to);
	struct history_sent sent;

	for (size_t i = first + 1; i < arrivals->count; i++) {
		if (is_same(arrivals, first, i)) {
			fn = gather(fn, people[i].session);
			to = NULL;
		}
	}
	sent = arrival_settle(&people[first], to);
	fanout_end(fanout_of(arrivals));
	account(arrivals, first, &sent);
}

static bool
is_settled(const struct arrivals *arrivals, size_t last)
{
	for (size_t i = 0; i < last; i++)
		if (is_same(arrivals, i, last))
			return true;
	return false;
}

/* In each view of the room. */
static void
introduce_all(const struct arrivals *arrivals)
{
	for (int full = 0; full <= 1; full++) {
		introduce_new(arrivals, full);
		introduce_inside_to(arrivals, full, party_of(arrivals));
		introduce_each_other(arrivals, full, party_of(arrivals));
	}
}

void
arrivals_tell(struct arrivals *arrivals)
{
	if (arrivals->count == 1) {
		arrival_tell(&arrivals->people[0]);
	} else if (arrivals->count > 1) {
		introduce_all(arrivals);
		for (size_t i = 0; i < arrivals->count; i++)
			greet(&arrivals->people[i]);
		for (size_t i = 0; i < arrivals->count; i++)
			if (!is_settled(arrivals, i))
				settle(arrivals, i);
	}
	arrivals->count = 0;
}
