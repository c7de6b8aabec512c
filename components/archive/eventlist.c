#include "components/archive/eventlist.h"

#include <string.h>

#include "shared/archive_range.h"
#include "shared/arena.h"
#include "shared/serial.h"

const struct eventlist_filter eventlist_all = {
	.start = INT64_MIN, .end = INT64_MAX, .before = INT64_MAX,
};

enum column {
	SERIAL, STAMP, KIND, SENDER, RESOURCE, RECIPIENT, ABOUT, UID, DETAIL,
};

#define ID(param) \
	"(SELECT a.id FROM archive_address a WHERE a.jid = " param ")"

/* A room's archives have its address, a slash, and when it was made; a zero is
   what follows a slash. */
#define READ(order) \
	"SELECT e.serial, e.stamp, e.kind, s.jid, e.resource, r.jid, o.jid, " \
	"e.uid, e.detail FROM archive_event e " \
	"JOIN archive_address s ON s.id = e.sender " \
	"JOIN archive_address r ON r.id = e.recipient " \
	"LEFT JOIN archive_address o ON o.id = e.about " \
	"WHERE e.serial > $1 AND e.serial < $2 " \
	"AND COALESCE(e.stamp, e.serial / 256) >= CAST($3 AS BIGINT) " \
	"AND COALESCE(e.stamp, e.serial / 256) <= CAST($4 AS BIGINT) " \
	"AND (CAST($6 AS BIGINT) = 0 OR e.kind = $6) " \
	"AND (CAST($7 AS TEXT) IS NULL OR e.sender = " ID("$7") " " \
	"OR e.recipient = " ID("$7") " OR e.about = " ID("$7") ") " \
	"AND (CAST($8 AS TEXT) IS NULL OR r.jid = $8 OR " \
	"(r.jid > $8 || '/' AND r.jid < $8 || '0')) " \
	"ORDER BY e.serial " order " LIMIT $5"

static int64_t
greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
less(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void
eventlist_read(struct store *store, const struct eventlist_filter *filter,
	       size_t count, store_fn *fn, void *ctx)
{
	int64_t last = filter->end == INT64_MAX ? INT64_MAX : filter->end - 1;

	store_read(store, filter->backward ? READ("DESC") : READ("ASC"),
		   STORE_VALUES(
			   store_int(greater(filter->after,
				archive_range_after(filter->start))),
			   store_int(less(filter->before,
				archive_range_before(filter->end))),
			   store_int(filter->start), store_int(last),
			   store_int((int64_t)(count < EVENTLIST_ROWS ?
					       count : EVENTLIST_ROWS)),
			   store_int(filter->kind), store_text(filter->who),
			   store_text(filter->room)), fn, ctx);
}

/* What nobody stores is no kind of event. */
static enum archive_event_kind
kind_of(int64_t number)
{
	return number > 0 && number < ARCHIVE_EVENTS ?
	       (enum archive_event_kind)number : ARCHIVE_EVENT_NONE;
}

static const char *
text_of(const struct store_result *result, size_t row, enum column column)
{
	const char *text = store_get_text(result, row, column);

	return text != NULL ? text : "";
}

struct archive_event
eventlist_event(struct arena *arena, const struct store_result *result,
		size_t row)
{
	int64_t serial = store_get_int(result, row, SERIAL);
	int64_t stamp = store_get_int(result, row, STAMP);
	const char *recipient = text_of(result, row, RECIPIENT);

	return (struct archive_event){
		.mark = {
			.serial = serial,
			.stamp = stamp != 0 ? stamp : serial_time(serial),
			.uid = text_of(result, row, UID),
		},
		.kind = kind_of(store_get_int(result, row, KIND)),
		.sender = text_of(result, row, SENDER),
		.resource = text_of(result, row, RESOURCE),
		.recipient = arena_dup(arena, recipient,
				       strcspn(recipient, "/")),
		.about = store_get_text(result, row, ABOUT),
		.detail = store_get_text(result, row, DETAIL),
	};
}
