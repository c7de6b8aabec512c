/*
 * archive_attendance.h - who is shown what is said in rooms.
 *
 * Not each of them for each message, but from when to when he was there: an
 * interval begins before the first message that he is shown, and ends behind
 * the last.  It goes through the journal between those messages, and has
 * serials as they do.  An address is there once, by however many clients and
 * nicks.
 *
 * No interval is longer than a day: whoever writes them ends all of a room and
 * begins them anew when it is another day in UTC.  So none reaches from one
 * month into the next, and those that may have a message are found by it.
 *
 * Whoever is shown later what was said before he came has a row for each such
 * message in archive_delivery, but for those that he was shown when they were
 * said.
 *
 * What is read again after a crash has later serials, and says nothing new:
 * it comes in the order that it had, so all is as before behind it.
 */
#ifndef SHARED_ARCHIVE_ATTENDANCE_H
#define SHARED_ARCHIVE_ATTENDANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct store;
struct store_batch;
struct str;

enum archive_attendance_kind {
	ARCHIVE_ATTENDANCE_CAME,	/* people are there from now on */
	ARCHIVE_ATTENDANCE_LEFT,	/* no longer */
	ARCHIVE_ATTENDANCE_ENDED,	/* nobody is any longer */
	ARCHIVE_ATTENDANCE_CAUGHT_UP,	/* people are shown what was said */
	ARCHIVE_ATTENDANCE_KINDS,
};

/* The most people of one. */
#define ARCHIVE_ATTENDANCE_PEOPLE 500

struct archive_attendance {
	enum archive_attendance_kind kind;
	int64_t serial;		/* as that of a message beside it */
	const char *room;	/* its archive's address; "": all rooms of who
				   writes, where all have ended */
	const char *const *people;	/* bare addresses */
	size_t count;
	/* Of those who caught up: how many messages with a body, the latest
	   that were said before until; and none before since.  Microseconds
	   since 1970. */
	size_t messages;
	int64_t since, until;
};

/* Adds it as a text, to be kept in a journal of archive_row_print(). */
void archive_attendance_print(struct str *out,
			      const struct archive_attendance *attendance);
/* Whether such a text is that, and no message. */
bool archive_attendance_is(const char *text, size_t len);
/* What is in it lives as long as the arena.  Returns 0, or -1 with
   ERROR_BAD_REQUEST: nobody has printed that. */
int archive_attendance_parse(struct arena *arena, const char *text, size_t len,
			     struct archive_attendance *attendance_r,
			     struct error *err);

/* Adds what writes it, by that serial; its addresses are stored before
   that. */
void archive_attendance_add(struct store *store, struct store_batch *batch,
			    int64_t serial,
			    const struct archive_attendance *attendance);

/* SQL.  What last is as long as an interval has no end. */
#define ARCHIVE_ATTENDANCE_OPEN "9223372036854775807"
/* More than any interval has: two days. */
#define ARCHIVE_ATTENDANCE_SPAN "44236800000000"
/* Whether a message m was said in an interval t. */
#define ARCHIVE_ATTENDANCE_HAS \
	"t.room = m.recipient AND t.first < m.serial " \
	"AND t.first > m.serial - " ARCHIVE_ATTENDANCE_SPAN " " \
	"AND t.last > m.serial"
/* Who was shown m, as addresses' ids. */
#define ARCHIVE_ATTENDANCE_SHOWN \
	"SELECT t.owner FROM archive_attendance t WHERE m.type = 2 " \
	"AND " ARCHIVE_ATTENDANCE_HAS " UNION ALL " \
	"SELECT d.owner FROM archive_delivery d WHERE d.serial = m.serial"

#endif
