/*
 * archive_hold.h - which messages must stay, whoever wants them to go.
 *
 * A matter holds an address or a domain, for all time or some of it.  Of the
 * messages sent in that time it covers those from and to that address, or any
 * address of that domain, but not of its subdomains; and those of rooms that
 * were shown to it (shared/archive_attendance.h).
 * So it does events: by whom they are, where or for whom, and about whom.
 *
 * Whatever takes messages, or what is in them, out of the tables passes over
 * those that ARCHIVE_HOLD_COVERS, in a transaction that begins by
 * archive_hold_heed(), as one that adds a hold does by archive_hold_stop(): so
 * nothing goes once somebody was told that it is held.
 */
#ifndef SHARED_ARCHIVE_HOLD_H
#define SHARED_ARCHIVE_HOLD_H

#include "shared/archive_attendance.h"

struct store;
struct store_batch;

/* SQL, of a message m: those who have to do with it, as addresses a, and what
   holds them, as h.  Where nothing is held at all, nobody is looked for. */
#define ARCHIVE_HOLD_FROM \
	"FROM (SELECT m.sender AS id UNION ALL SELECT m.recipient " \
	"UNION ALL " ARCHIVE_ATTENDANCE_SHOWN ") AS p " \
	"JOIN archive_address a ON a.id = p.id " \
	"JOIN archive_hold h ON " ARCHIVE_HOLD_IS_OF("a") " " \
	"WHERE EXISTS (SELECT 1 FROM archive_hold) " \
	"AND COALESCE(m.stamp, m.serial / 256) >= h.since " \
	"AND COALESCE(m.stamp, m.serial / 256) < h.until"

/* Whether h is about the address a.  That of a room's archive goes on behind
   the room's by a slash (archive_row.h), and there is no other slash. */
#define ARCHIVE_HOLD_IS_OF(a) \
	"(substr(" a ".jid || '/', 1, length(h.whose) + 1) = " \
	"h.whose || '/' OR replace(" a ".jid || '/', " \
	"'@' || h.whose || '/', '') <> " a ".jid || '/')"

/* Whether anything holds m. */
#define ARCHIVE_HOLD_COVERS "EXISTS (SELECT 1 " ARCHIVE_HOLD_FROM ")"

/* The same of an event e. */
#define ARCHIVE_HOLD_EVENT_FROM \
	"FROM (SELECT e.sender AS id UNION ALL SELECT e.recipient " \
	"UNION ALL SELECT e.about) AS p " \
	"JOIN archive_address a ON a.id = p.id " \
	"JOIN archive_hold h ON " ARCHIVE_HOLD_IS_OF("a") " " \
	"WHERE COALESCE(e.stamp, e.serial / 256) >= h.since " \
	"AND COALESCE(e.stamp, e.serial / 256) < h.until"
#define ARCHIVE_HOLD_COVERS_EVENT \
	"EXISTS (SELECT 1 " ARCHIVE_HOLD_EVENT_FROM ")"

/* Adds what waits until nobody adds a hold, or removes anything; the others
   wait until the batch is done. */
void archive_hold_heed(struct store *store, struct store_batch *batch);
void archive_hold_stop(struct store *store, struct store_batch *batch);

#endif
