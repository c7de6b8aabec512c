#include "shared/ejabberd_record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/markup.h"
#include "shared/number.h"
#include "shared/spool.h"
#include "shared/str.h"
#include "shared/term.h"
#include "shared/xml.h"

/* What a record has in its places. */
enum {
	OWNER = 1, TIMESTAMP, EXPIRE, FROM, TO,
	LEAST = 7,	/* with the packet, which is the last; there were
			   versions with another one before it */
};

/* The same in an archive. */
enum {
	ARCHIVED_ID = 2, ARCHIVED_TIMESTAMP, ARCHIVED_PEER, ARCHIVED_BARE_PEER,
	ARCHIVED_PACKET, ARCHIVED_NICK, ARCHIVED_TYPE,
	ARCHIVED_LEAST,	/* newer versions have more */
};

#define MILLION 1000000

static int
fail(struct error *err, const char *what)
{
	return error_set(err, ERROR_BAD_REQUEST, "no message: %s", what);
}

static size_t
count(const struct term *list)
{
	size_t n = 0;

	for (list = list->first; list != NULL; list = list->next)
		n++;
	return n;
}

static int
add_attrs(struct str *out, const struct term *attrs, struct error *err)
{
	const struct term *attr = attrs == NULL ? NULL : attrs->first;

	for (; attr != NULL; attr = attr->next) {
		const char *name = term_text(term_nth(attr, 0));
		const char *value = term_text(term_nth(attr, 1));

		if (!markup_is_name(name) || value == NULL)
			return fail(err, "an attribute");
		markup_add_attr(out, name, value);
	}
	return 0;
}

static int
add_element(struct str *out, const struct term *el, struct error *err)
{
	const char *name = term_text(term_nth(el, 1)), *text;
	const struct term *child = term_nth(el, 3);

	if (!term_is_word(term_nth(el, 0), "xmlel") || !markup_is_name(name))
		return fail(err, "an element");
	str_addf(out, "<%s", name);
	if (add_attrs(out, term_nth(el, 2), err) < 0)
		return -1;
	str_addc(out, '>');
	child = child == NULL ? NULL : child->first;
	for (; child != NULL; child = child->next) {
		if (!term_is_word(term_nth(child, 0), "xmlcdata")) {
			if (add_element(out, child, err) < 0)
				return -1;
			continue;
		}
		if ((text = term_text(term_nth(child, 1))) == NULL)
			return fail(err, "a text");
		xml_escape(out, text);
	}
	str_addf(out, "</%s>", name);
	return 0;
}

static bool
read_number(const struct term *term, uint64_t max, int64_t *number_r)
{
	if (term == NULL || term->kind != TERM_NUMBER)
		return false;
	*number_r = (int64_t)number_of(term->text, UINT64_MAX / 2, max);
	return *number_r >= 0 && (uint64_t)*number_r <= max;
}

/* erlang:timestamp(): millions of seconds, seconds, microseconds. */
static int
read_timestamp(const struct term *term, int64_t *stamp_r)
{
	int64_t millions, seconds, micros;

	if (!read_number(term_nth(term, 0), MILLION, &millions) ||
	    !read_number(term_nth(term, 1), MILLION - 1, &seconds) ||
	    !read_number(term_nth(term, 2), MILLION - 1, &micros))
		return -1;
	*stamp_r = (millions * MILLION + seconds) * CLOCK_SECOND + micros;
	return 0;
}

static int
read_jid(struct arena *arena, const struct term *jid, const char **text_r)
{
	const char *user = term_text(term_nth(jid, 1));
	const char *server = term_text(term_nth(jid, 2));
	const char *resource = term_text(term_nth(jid, 3));

	if (!term_is_word(term_nth(jid, 0), "jid") || user == NULL ||
	    server == NULL || resource == NULL)
		return -1;
	*text_r = arena_printf(arena, "%s%s%s%s%s", user,
			       *user == '\0' ? "" : "@", server,
			       *resource == '\0' ? "" : "/", resource);
	return 0;
}

static int
read_owner(const struct term *owner, struct spool_record *record,
	   struct error *err)
{
	record->user = term_text(term_nth(owner, 0));
	record->host = term_text(term_nth(owner, 1));
	return record->user != NULL && record->host != NULL ? 0 :
	       fail(err, "whose it is");
}

/* All but the message. */
static int
read_envelope(struct arena *arena, const struct term *term,
	      struct spool_record *record, struct error *err)
{
	const struct term *expire = term_nth(term, EXPIRE);

	if (read_owner(term_nth(term, OWNER), record, err) < 0)
		return -1;
	if (!term_is_word(term_nth(term, TIMESTAMP), "undefined") &&
	    read_timestamp(term_nth(term, TIMESTAMP), &record->stamp) < 0)
		return fail(err, "its time");
	if (!term_is_word(expire, "never") &&
	    !term_is_word(expire, "undefined") &&
	    read_timestamp(expire, &record->expires) < 0)
		return fail(err, "the time when it expires");
	if (read_jid(arena, term_nth(term, FROM), &record->from) < 0)
		return fail(err, "its sender");
	return 0;
}

/* The peer is a tuple of its three parts. */
static const char *
find_peer(struct arena *arena, const struct term *peer)
{
	const char *user = term_text(term_nth(peer, 0));
	const char *server = term_text(term_nth(peer, 1));

	if (user == NULL || server == NULL)
		return NULL;
	return *user == '\0' ? server :
	       arena_printf(arena, "%s@%s", user, server);
}

/* The same of one in an archive. */
static int
read_archived(struct arena *arena, const struct term *term,
	      struct spool_record *record, struct error *err)
{
	if (read_owner(term_nth(term, OWNER), record, err) < 0)
		return -1;
	record->key = term_text(term_nth(term, ARCHIVED_ID));
	if (record->key == NULL)
		return fail(err, "its id");
	if (read_timestamp(term_nth(term, ARCHIVED_TIMESTAMP),
			   &record->stamp) < 0)
		return fail(err, "its time");
	record->peer = find_peer(arena, term_nth(term, ARCHIVED_BARE_PEER));
	record->room = term_is_word(term_nth(term, ARCHIVED_TYPE),
				    "groupchat");
	if (record->room)
		record->nick = term_text(term_nth(term, ARCHIVED_NICK));
	return 0;
}

static int
read_packet(struct arena *arena, const struct term *packet,
	    struct spool_record *record, struct error *err)
{
	struct str out = { 0 };
	int ret = add_element(&out, packet, err);

	if (ret == 0)
		record->stanza = arena_dup(arena, out.data, out.len);
	str_fini(&out);
	return ret;
}

int
ejabberd_record_read(struct arena *arena, const struct term *term,
		     struct spool_record *record, struct error *err)
{
	const struct term *name = term_nth(term, 0);
	size_t places = count(term);

	if (term_is_word(name, "offline_msg") && places >= LEAST)
		return read_envelope(arena, term, record, err) < 0 ? -1 :
		       read_packet(arena, term->last, record, err);
	if (term_is_word(name, "archive_msg") && places >= ARCHIVED_LEAST)
		return read_archived(arena, term, record, err) < 0 ? -1 :
		       read_packet(arena, term_nth(term, ARCHIVED_PACKET),
				   record, err);
	return fail(err, "another record");
}
