/*
 * reading.h - one query of a user's archive, from its turn to its answer
 * (XEP-0313 sections 4 and 5).
 *
 * What its user was sent and said before is in the answer: it waits for the
 * journal, though not for long.  Several of one user, and many of all, wait for
 * each other.
 */
#ifndef ARCHIVE_READING_H
#define ARCHIVE_READING_H

struct error;
struct hook_event;
struct hook_host;
struct preference;
struct readers;
struct xml;

/* Parks the request, or returns -1. */
int reading_start(struct readers *readers, struct hook_event *event,
		  const struct xml *query, struct error *err);

/* The same of where the archive begins and ends (section 5).  Parks it. */
int reading_start_ends(struct readers *readers, struct hook_event *event);

/* The same of which messages are kept from now on: for what was said before,
   what held then still does (preferences.h).  The lists live as long as the
   request. */
int reading_start_choice(struct readers *readers, struct hook_event *event,
			 const struct preference *preference);

/* The same of which are kept now, where that is not known yet. */
int reading_start_chosen(struct readers *readers, struct hook_event *event);

/* Ends those of that host's users; of all where it is NULL.  Their sessions may
   be gone, so those that wait for an answer get no more results after it. */
void reading_end_all(struct readers *readers, const struct hook_host *host);

#endif
