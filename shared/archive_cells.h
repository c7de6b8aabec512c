/*
 * archive_cells.h - a message as a statement tells it, read into a row.
 */
#ifndef SHARED_ARCHIVE_CELLS_H
#define SHARED_ARCHIVE_CELLS_H

#include <stddef.h>

#include "shared/archive_row.h"

struct arena;
struct store_result;

/* The texts of a message besides its addresses.  What is selected of it, and
   what it counts for, are made of this, so that no text goes uncounted. */
#define ARCHIVE_CELLS_TEXTS(text, m) \
	text(UID, uid, m) text(RESOURCE, resource, m) \
	text(TO_RESOURCE, to_resource, m) text(ID, id, m) text(LANG, lang, m) \
	text(SUBJECT, subject, m) text(BODY, body, m) \
	text(THREAD, thread, m) text(REST, rest, m) text(ABOUT, about, m) \
	text(REMAINS, remains, m)

/* Its columns in the answer, side by side: numbers, then texts. */
#define ARCHIVE_CELLS_NUMBERED(NAME, name, m) ARCHIVE_CELL_##NAME,
enum archive_cell {
	ARCHIVE_CELL_SERIAL, ARCHIVE_CELL_STAMP, ARCHIVE_CELL_WAYS,
	ARCHIVE_CELL_FLAGS, ARCHIVE_CELL_TYPE, ARCHIVE_CELL_RELATION,
	ARCHIVE_CELL_SENDER, ARCHIVE_CELL_RECIPIENT,
	ARCHIVE_CELLS_TEXTS(ARCHIVE_CELLS_NUMBERED,)
	ARCHIVE_CELLS,
};

#define ARCHIVE_CELLS_JID(id) \
	"(SELECT a.jid FROM archive_address a WHERE a.id = " id ")"
#define ARCHIVE_CELLS_NAMED(NAME, name, m) ", " m "." #name

/* The same, where m names a row of archive_message. */
#define ARCHIVE_CELLS_OF(m) \
	m ".serial, " m ".stamp, " m ".ways, " m ".flags, " m ".type, " \
	m ".relation, " ARCHIVE_CELLS_JID(m ".sender") ", " \
	ARCHIVE_CELLS_JID(m ".recipient") \
	ARCHIVE_CELLS_TEXTS(ARCHIVE_CELLS_NAMED, m)

/* How many bytes the texts have; bytes is one of the two below, by which
   PostgreSQL does not read what is long. */
#define ARCHIVE_CELLS_SIZE(bytes, m) "(0" ARCHIVE_CELLS_TEXTS(bytes, m) ")"
#define ARCHIVE_CELLS_BYTES_PG(NAME, name, m) \
	" + COALESCE(octet_length(" m "." #name "), 0)"
#define ARCHIVE_CELLS_BYTES_SQLITE(NAME, name, m) \
	" + COALESCE(length(CAST(" m "." #name " AS BLOB)), 0)"

/* The message in row i of the answer, its columns beginning at first.  Texts
   are copied into the arena; or, where that is NULL, live as long as the
   result. */
struct archive_row archive_cells_read(struct arena *arena,
				      const struct store_result *result,
				      size_t i, size_t first);

#endif
