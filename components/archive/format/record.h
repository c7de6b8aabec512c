/*
 * record.h - messages as they are told to those who search.
 */
#ifndef ARCHIVE_RECORD_H
#define ARCHIVE_RECORD_H

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

/* Who did it, by which client. */
const char *record_client(struct arena *arena,
			  const struct archive_event *event);

#endif
