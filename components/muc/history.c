#include "components/muc/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/clock.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/router.h"
#include "shared/str.h"
#include "shared/xml.h"

#define MESSAGE_START "<message"
#define MESSAGE_END "</message>"
#define LEN(literal) (sizeof(literal) - 1)

static void
append(struct history *history, struct history_item *item)
{
	if (history->last != NULL)
		history->last->next = item;
	else
		history->first = item;
	history->last = item;
	history->count++;
	if (item->serial > history->serial)
		history->serial = item->serial;
}

static void
drop_first(struct history *history)
{
	struct history_item *item = history->first;

	history->first = item->next;
	if (history->first == NULL)
		history->last = NULL;
	history->count--;
	free(item->text);
	free(item);
}

/* The message without to and delay. */
static char *
stored_text(const struct xml *message, size_t *len_r)
{
	struct str out = { 0 };

	for (const struct xml_attr *at = message->attrs; at; at = at->next)
		if (at->ns == NULL && strcmp(at->name, "to") != 0)
			xml_print_attr(&out, at->name, at->value);
	if (xml_lang(message) != NULL)
		xml_print_attr(&out, "xml:lang", xml_lang(message));
	str_addc(&out, '>');
	for (const struct xml *el = message->first; el; el = el->next)
		if (!xml_is(el, NS_DELAY, "delay"))
			xml_print(&out, el, NS_CLIENT);
	str_addz(&out, MESSAGE_END);
	*len_r = out.len;
	return out.data;
}

/* Now; or what an owner says who continues a chat (7.9). */
static int64_t
stamp_of(const struct xml *message)
{
	const struct xml *delay = xml_child(message, NS_DELAY, "delay");
	const char *said = delay ? xml_attr(delay, "stamp") : NULL;
	int64_t stamp = clock_now();

	if (said != NULL)
		clock_parse(said, &stamp);
	return stamp;
}

const struct history_item *
history_add(struct room *room, const struct xml *message, size_t size)
{
	struct history *history = &room->history;
	struct history_item *item = calloc(1, sizeof(*item));

	ensure(item != NULL);
	item->stamp = stamp_of(message);
	item->serial = history->serial + 1;
	item->text = stored_text(message, &item->len);
	append(history, item);
	while (history->count > size)
		drop_first(history);
	return history->last;
}

void
history_restore(struct history *history, int64_t serial, int64_t stamp,
		const char *text)
{
	size_t len = strlen(text);
	struct history_item *item;

	/* Somebody has edited the table. */
	if (len < LEN(MESSAGE_END) ||
	    strcmp(text + len - LEN(MESSAGE_END), MESSAGE_END) != 0)
		return;
	item = calloc(1, sizeof(*item));
	ensure(item != NULL);
	item->serial = serial;
	item->stamp = stamp;
	item->text = strdup(text);
	ensure(item->text != NULL);
	item->len = len;
	append(history, item);
}

void
history_clear(struct history *history)
{
	while (history->first != NULL)
		drop_first(history);
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
	str_add(out, item->text, item->len - LEN(MESSAGE_END));
	print_delay(out, room, item->stamp);
	str_add(out, MESSAGE_END, LEN(MESSAGE_END));
}

/* The size of the stanza as it will be sent. */
static size_t
chars(const struct room *room, const struct history_item *item,
      const struct session *to)
{
	struct str delay = { 0 };
	size_t len;

	print_delay(&delay, room, item->stamp);
	len = delay.len;
	str_fini(&delay);
	return LEN(MESSAGE_START " to=''") + to->to_len + item->len + len;
}

/* The newest that fit, skipping none in between. */
static const struct history_item *
select_first(const struct room *room, const struct session *to,
	     const struct history_request *request)
{
	const struct history *history = &room->history;
	size_t count = 0, total = 0;

	for (const struct history_item *at = history->first; at; at = at->next)
		if (at->stamp >= request->since) {
			count++;
			total += chars(room, at, to);
		}
	for (const struct history_item *at = history->first; at;
	     at = at->next) {
		if (at->stamp < request->since)
			continue;
		if (count <= request->maxstanzas && total <= request->maxchars)
			return at;
		count--;
		total -= chars(room, at, to);
	}
	return NULL;
}

void
history_send(const struct room *room, const struct session *to,
	     const struct history_request *request)
{
	const struct history_item *at = select_first(room, to, request);
	struct str tail = { 0 };

	for (; at != NULL; at = at->next) {
		struct router_template template = {
			.head = MESSAGE_START, .head_len = LEN(MESSAGE_START),
		};

		print_delayed(&tail, room, at);
		template.tail = tail.data;
		template.tail_len = tail.len;
		router_send_to(room->muc->runtime->router, &template,
			       to->to, to->to_len);
	}
	str_fini(&tail);
}
