/*
 * archive_cells.h - a message as a statement tells it, read into a row.
 */
#ifndef SHARED_ARCHIVE_CELLS_H
#define SHARED_ARCHIVE_CELLS_H

#include <stddef.h>

#include "shared/archive_row.h"

struct arena;
struct store_result;

/* Its columns in the answer, side by side. */
enum archive_cell {
	ARCHIVE_CELL_SERIAL, ARCHIVE_CELL_STAMP, ARCHIVE_CELL_WAYS,
	ARCHIVE_CELL_FLAGS, ARCHIVE_CELL_TYPE,
	ARCHIVE_CELL_SENDER, ARCHIVE_CELL_RECIPIENT,
	ARCHIVE_CELL_UID, ARCHIVE_CELL_RESOURCE, ARCHIVE_CELL_TO_RESOURCE,
	ARCHIVE_CELL_ID, ARCHIVE_CELL_LANG, ARCHIVE_CELL_SUBJECT,
	ARCHIVE_CELL_BODY, ARCHIVE_CELL_THREAD, ARCHIVE_CELL_REST,
	ARCHIVE_CELL_RELATION, ARCHIVE_CELL_ABOUT,
	ARCHIVE_CELLS,
};

#define ARCHIVE_CELLS_JID(id) \
	"(SELECT a.jid FROM archive_address a WHERE a.id = " id ")"

/* The same, where m names a row of archive_message. */
#define ARCHIVE_CELLS_OF(m) \
	m ".serial, " m ".stamp, " m ".ways, " m ".flags, " m ".type, " \
	ARCHIVE_CELLS_JID(m ".sender") ", " \
	ARCHIVE_CELLS_JID(m ".recipient") ", " \
	m ".uid, " m ".resource, " m ".to_resource, " m ".id, " m ".lang, " \
	m ".subject, " m ".body, " m ".thread, " m ".rest, " \
	m ".relation, " m ".about"

/* How many bytes the long ones have, size(column) being those of one. */
#define ARCHIVE_CELLS_SIZE(size) \
	"(" size("id") " + " size("lang") " + " size("subject") " + " \
	size("body") " + " size("thread") " + " size("rest") ")"
/* Those of a message m, in a way that does not read what is long. */
#define ARCHIVE_CELLS_BYTES_PG(column) \
	"COALESCE(octet_length(m." column "), 0)"
#define ARCHIVE_CELLS_BYTES_SQLITE(column) \
	"COALESCE(length(CAST(m." column " AS BLOB)), 0)"

/* That of a row of the answer, in which its first column is that one.  Texts
   are copied into the arena; or, where that is NULL, live as long as the
   result. */
struct archive_row archive_cells_read(struct arena *arena,
				      const struct store_result *result,
				      size_t i, size_t first);

#endif
