#include "shared/archive_cells.h"

#include "shared/arena.h"
#include "shared/serial.h"
#include "shared/store.h"

/* Where the columns are. */
struct place {
	struct arena *arena;
	const struct store_result *result;
	size_t i, first;
};

static int64_t
number(const struct place *place, enum archive_cell cell)
{
	return store_get_int(place->result, place->i, place->first + cell);
}

static const char *
text(const struct place *place, enum archive_cell cell)
{
	const char *found = store_get_text(place->result, place->i,
					   place->first + cell);

	return found == NULL || place->arena == NULL ? found :
	       arena_strdup(place->arena, found);
}

static const char *
text_or_empty(const struct place *place, enum archive_cell cell)
{
	const char *found = text(place, cell);

	return found != NULL ? found : "";
}

static struct archive_mark
read_mark(const struct place *place)
{
	int64_t serial = number(place, ARCHIVE_CELL_SERIAL);
	int64_t stamp = number(place, ARCHIVE_CELL_STAMP);

	return (struct archive_mark){
		.serial = serial,
		.stamp = stamp != 0 ? stamp : serial_time(serial),
		.uid = text_or_empty(place, ARCHIVE_CELL_UID),
		.ways = (unsigned)number(place, ARCHIVE_CELL_WAYS),
		.flags = (unsigned)number(place, ARCHIVE_CELL_FLAGS),
	};
}

struct archive_row
archive_cells_read(struct arena *arena, const struct store_result *result,
		   size_t i, size_t first)
{
	const struct place place = { arena, result, i, first };

	return (struct archive_row){
		.mark = read_mark(&place),
		.type = archive_row_type(number(&place, ARCHIVE_CELL_TYPE)),
		.sender = text_or_empty(&place, ARCHIVE_CELL_SENDER),
		.recipient = text_or_empty(&place, ARCHIVE_CELL_RECIPIENT),
		.resource = text_or_empty(&place, ARCHIVE_CELL_RESOURCE),
		.to_resource = text_or_empty(&place, ARCHIVE_CELL_TO_RESOURCE),
		.id = text(&place, ARCHIVE_CELL_ID),
		.lang = text(&place, ARCHIVE_CELL_LANG),
		.subject = text(&place, ARCHIVE_CELL_SUBJECT),
		.body = text(&place, ARCHIVE_CELL_BODY),
		.thread = text(&place, ARCHIVE_CELL_THREAD),
		.rest = text(&place, ARCHIVE_CELL_REST),
		.relation = (enum archive_relation)number(
			&place, ARCHIVE_CELL_RELATION),
		.about = text(&place, ARCHIVE_CELL_ABOUT),
		.remains = text(&place, ARCHIVE_CELL_REMAINS),
	};
}
