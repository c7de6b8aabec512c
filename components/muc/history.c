#include "components/muc/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/pseudonym.h"
#include "components/muc/room.h"
#include "components/muc/template.h"
#include "shared/clock.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/router.h"
#include "shared/str.h"
#include "shared/xml.h"

#define LEN(literal) (sizeof(literal) - 1)

/* In valid UTF-8, whatever does not continue a character begins one. */
static size_t
count_chars(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

static void
note_serial(struct history *history, int64_t serial)
{
	if (serial > history->serial)
		history->serial = serial;
}

static void
append(struct history *history, struct history_item *item)
{
	if (history->last != NULL)
		history->last->next = item;
	else
		history->first = item;
	history->last = item;
	history->count++;
	note_serial(history, item->serial);
}

static void
drop_first(struct history *history)
{
	struct history_item *item = history->first;

	history->first = item->next;
	if (history->first == NULL)
		history->last = NULL;
	history->count--;
	free(item);
}

/* One allocation holds it all: there are many.  The text ends in NUL. */
static struct history_item *
new_item(int64_t serial, int64_t stamp, const char *text, const char *original)
{
	size_t len = strlen(text);
	size_t more = original != NULL ? strlen(original) + 1 : 0;
	struct history_item *item = malloc(sizeof(*item) + len + 1 + more);

	ensure(item != NULL);
	item->stamp = stamp;
	item->serial = serial;
	item->next = NULL;
	item->buried = false;
	item->original = NULL;
	item->len = len;
	memcpy(item->text, text, len + 1);
	if (original != NULL)
		item->original = memcpy(item->text + len + 1, original, more);
	return item;
}

const struct history_item *
history_add(struct room *room, const struct template *message, int64_t stamp,
	    const char *original, size_t size)
{
	struct history *history = &room->history;
	const char *text = message->text.data + LEN(TEMPLATE_START);

	append(history, new_item(history->serial + 1, stamp, text, original));
	history_trim(history, size);
	return history->last;
}

void
history_trim(struct history *history, size_t size)
{
	while (history->count > size)
		drop_first(history);
}

void
history_restore(struct history *history, int64_t serial, int64_t stamp,
		const char *text, const char *original)
{
	size_t len = strlen(text);

	note_serial(history, serial);
	/* Somebody has edited the table. */
	if (len < LEN(TEMPLATE_END) ||
	    strcmp(text + len - LEN(TEMPLATE_END), TEMPLATE_END) != 0)
		return;
	append(history, new_item(serial, stamp, text, original));
}

void
history_clear(struct history *history)
{
	while (history->first != NULL)
		drop_first(history);
}

/* What the room has added to a message is its end (talk.c). */
static void
print_end(struct str *out, const struct room *room, const char *id)
{
	str_addz(out, "<stanza-id xmlns='" NS_SID "'");
	xml_print_attr(out, "by", room->jid);
	xml_print_attr(out, "id", id);
	str_addz(out, "/>" TEMPLATE_END);
}

/* Where the two ids begin, or NULL: it is not the message of that id. */
static const char *
find_ids(const struct history_item *item, const struct str *end,
	 const char *pseudonym)
{
	static const char any[] = "<occupant-id xmlns='" NS_OCCUPANT_ID
				  "' id='";
	size_t len = LEN(any) + PSEUDONYM_SIZE - 1 + LEN("'/>") + end->len;
	const char *ids = item->text + item->len - len;

	if (item->len < len ||
	    memcmp(item->text + item->len - end->len, end->data, end->len) ||
	    memcmp(ids, any, LEN(any)) != 0)
		return NULL;
	if (pseudonym != NULL && memcmp(ids + LEN(any), pseudonym,
					PSEUDONYM_SIZE - 1) != 0)
		return NULL;
	return ids;
}

static struct history_item *
item_with(const struct history_item *item, const char *ids, const char *left)
{
	const char *children = strchr(item->text, '>') + 1;
	struct history_item *with;
	struct str text = { 0 };

	str_add(&text, item->text, (size_t)(children - item->text));
	str_addz(&text, left);
	str_addz(&text, ids);
	with = new_item(item->serial, item->stamp, text.data, NULL);
	with->next = item->next;
	with->buried = true;
	str_fini(&text);
	return with;
}

static struct history_item **
find(struct room *room, const char *id, const char *pseudonym,
     const char **ids_r)
{
	struct history_item **at = &room->history.first;
	struct str end = { 0 };

	print_end(&end, room, id);
	while (*at != NULL &&
	       (*ids_r = find_ids(*at, &end, pseudonym)) == NULL)
		at = &(*at)->next;
	str_fini(&end);
	return at;
}

/* As archive_tombstone.h prints it.  That of this process is buried besides. */
static bool
is_moderated(const struct history_item *item, const char *ids)
{
	static const char begin[] = "<retracted xmlns='" NS_RETRACT "'";
	const char *children = strchr(item->text, '>') + 1;
	const char *by = strstr(children, "<moderated xmlns='" NS_MODERATE
					  "'");

	return strncmp(children, begin, LEN(begin)) == 0 && by != NULL &&
	       by < ids;
}

bool
history_replace(struct room *room, const char *id, const char *pseudonym,
		const char *left, const struct history_item **item_r)
{
	struct history *history = &room->history;
	const char *ids;
	struct history_item **at = find(room, id, pseudonym, &ids);
	struct history_item *was = *at;

	*item_r = NULL;
	if (was == NULL || was->buried ||
	    (pseudonym != NULL && is_moderated(was, ids)))
		return was != NULL;
	*item_r = *at = item_with(was, ids, left);
	if (history->last == was)
		history->last = *at;
	free(was);
	return true;
}

/* A whole number of 0 or more; one above what a long holds is the largest. */
static int
read_number(const char *text, long *number_r, struct error *err)
{
	char *end;

	errno = 0;
	*number_r = strtol(text, &end, 10);
	if (end == text || *end != '\0' || *number_r < 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "history: not a number: %s", text);
	return 0;
}

static int
read_limit(const struct xml *el, const char *name, size_t *limit,
	   struct error *err)
{
	const char *text = xml_attr(el, name);
	long number;

	if (text == NULL)
		return 0;
	if (read_number(text, &number, err) < 0)
		return -1;
	if ((size_t)number < *limit)
		*limit = (size_t)number;
	return 0;
}

static int
read_age(const struct xml *el, int64_t *since, struct error *err)
{
	const char *text = xml_attr(el, "seconds");
	int64_t now = clock_now();
	long secs;

	if (text == NULL)
		return 0;
	if (read_number(text, &secs, err) < 0)
		return -1;
	if (secs < now / CLOCK_SECOND)
		*since = now - secs * CLOCK_SECOND;
	return 0;
}

int
history_request(const struct xml *x, size_t usual,
		struct history_request *request, struct error *err)
{
	const struct xml *el = xml_child(x, NS_MUC, "history");
	const char *text;
	int64_t since = 0;

	*request = (struct history_request){ SIZE_MAX, usual, 0 };
	if (el == NULL)
		return 0;
	if (read_limit(el, "maxchars", &request->maxchars, err) < 0 ||
	    read_limit(el, "maxstanzas", &request->maxstanzas, err) < 0 ||
	    read_age(el, &request->since, err) < 0)
		return -1;
	text = xml_attr(el, "since");
	if (text != NULL && clock_parse(text, &since) < 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "history: not a time (XEP-0082): %s", text);
	if (since > request->since)
		request->since = since;
	return 0;
}

/* The delay that says when it was sent (7.2.13). */
static void
print_delay(struct str *out, const struct room *room, int64_t stamp)
{
	char when[CLOCK_TEXT_SIZE];

	str_addz(out, "<delay xmlns='" NS_DELAY "'");
	xml_print_attr(out, "from", room->jid);
	xml_print_attr(out, "stamp", clock_print(stamp, when));
	str_addz(out, "/>");
}

static void
print_delayed(struct str *out, const struct room *room,
	      const struct history_item *item)
{
	str_clear(out);
	str_add(out, item->text, item->len - LEN(TEMPLATE_END));
	print_delay(out, room, item->stamp);
	str_add(out, TEMPLATE_END, LEN(TEMPLATE_END));
}

/* The characters of the whole stanza as it will be sent (7.2.14). */
static size_t
chars(const struct room *room, const struct history_item *item,
      const struct session *to)
{
	struct str delay = { 0 };
	size_t n = LEN(TEMPLATE_START " to=''");

	print_delay(&delay, room, item->stamp);
	n += count_chars(item->text, item->len);
	n += count_chars(delay.data, delay.len);
	n += count_chars(to->to, to->to_len);
	str_fini(&delay);
	return n;
}

/* The newest that fit, skipping none in between. */
static const struct history_item *
select_first(const struct room *room, const struct session *to,
	     const struct history_request *request)
{
	const struct history *history = &room->history;
	bool limited = request->maxchars < SIZE_MAX;
	size_t count = 0, total = 0;

	for (const struct history_item *at = history->first; at; at = at->next)
		if (at->stamp >= request->since) {
			count++;
			total += limited ? chars(room, at, to) : 0;
		}
	for (const struct history_item *at = history->first; at;
	     at = at->next) {
		if (at->stamp < request->since)
			continue;
		if (count <= request->maxstanzas && total <= request->maxchars)
			return at;
		count--;
		total -= limited ? chars(room, at, to) : 0;
	}
	return NULL;
}

struct history_sent
history_send(const struct room *room, const struct session *to,
	     const struct history_request *request)
{
	const struct history_item *at = select_first(room, to, request);
	struct history_sent sent = { .since = INT64_MAX };
	struct str tail = { 0 };

	for (; at != NULL; at = at->next) {
		struct router_template template = {
			.head = TEMPLATE_START, .head_len = LEN(TEMPLATE_START),
		};

		print_delayed(&tail, room, at);
		template.tail = tail.data;
		template.tail_len = tail.len;
		session_send(to, room->muc->fanout, &template);
		sent.bytes += tail.len;
		sent.messages++;
		if (at->stamp < sent.since)
			sent.since = at->stamp;
	}
	str_fini(&tail);
	return sent;
}
