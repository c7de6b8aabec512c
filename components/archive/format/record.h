/*
 * record.h - messages as they are told to those who search.
 */
#ifndef ARCHIVE_RECORD_H
#define ARCHIVE_RECORD_H

#include <stddef.h>

struct archive_event;
struct archive_row;
struct arena;

/* The addresses, with resources as far as they are known. */
const char *record_from(struct arena *arena, const struct archive_row *row);
const char *record_to(struct arena *arena, const struct archive_row *row);
/* When it was sent, as XEP-0082 writes it. */
const char *record_sent(struct arena *arena, const struct archive_row *row);
/* Its serial. */
const char *record_serial(struct arena *arena, const struct archive_row *row);
/* The whole message as XML; NULL where that cannot be made of it, as somebody
   else has changed it. */
const char *record_stanza(struct arena *arena, const struct archive_row *row);
/* "chat" and so on; static. */
const char *record_type(const struct archive_row *row);
/* Of which copies it is known, and what became of it, as "sent", "unseen
   received" (which is in no archive that users read), "shown", "removed" (users
   are shown that there was one), "cut" (not all of it was stored): how many
   there are; and the same with commas.  Static, and in the arena. */
#define RECORD_COPIES 5
size_t record_copies(const struct archive_row *row,
		     const char *names_r[RECORD_COPIES]);
const char *record_copies_line(struct arena *arena,
			       const struct archive_row *row);

/* Who did it, by which client. */
const char *record_client(struct arena *arena,
			  const struct archive_event *event);

#endif
