#include "components/muc/room.h"

#include <stdlib.h>
#include <string.h>

#include "components/muc/attendance.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/presence.h"
#include "components/muc/pseudonym.h"
#include "components/muc/queue.h"
#include "components/muc/release.h"
#include "components/muc/roomstore.h"
#include "components/muc/template.h"
#include "components/muc/visit.h"
#include "components/muc/witness.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/fanout.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/router.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

struct room *
room_new(struct muc *muc, const char *jid, enum room_state state)
{
	struct room *room = calloc(1, sizeof(*room));
	char key[PSEUDONYM_KEY_SIZE];

	ensure(room != NULL);
	pseudonym_make_key(key);
	room->muc = muc;
	room->jid = str_dup(jid);
	room->key = str_dup(key);
	room->created = clock_now();
	room_set_state(room, state);
	room->idle_ms = uv_now(muc->runtime->loop);
	options_copy(&room->options, &muc->defaults);
	room->subject.text = str_dup("");
	room->subject.nick = str_dup("");
	HASH_ADD_KEYPTR(hh, muc->rooms, room->jid, strlen(room->jid), room);
	return room;
}

void
room_free(struct room **gone)
{
	struct room *room = *gone;

	queue_give_up(room);
	while (room->sessions != NULL) {
		struct session *session = room->sessions;

		session_free(&session);
	}
	attendance_end(room);
	roomstore_forget(room);
	HASH_DEL(room->muc->rooms, room);
	affiliation_clear(&room->affiliates);
	visits_clear(room);
	history_clear(&room->history);
	options_fini(&room->options);
	free(room->subject.text);
	free(room->subject.nick);
	free(room->key);
	free(room->jid);
	free(room);
	*gone = NULL;
}

/* Loading comes first, and there is no way back from being open. */
void
room_set_state(struct room *room, enum room_state state)
{
	ensure(room->state <= state);
	room->state = state;
}

struct room *
room_find(const struct muc *muc, const char *jid)
{
	struct room *room;

	HASH_FIND_STR(muc->rooms, jid, room);
	return room != NULL && room->state != ROOM_LOADING ? room : NULL;
}

int
room_require(const struct muc *muc, const struct request *req,
	     struct room **room_r, struct error *err)
{
	struct room *room = room_find(muc, req->to->bare);

	if (room == NULL || (room->state == ROOM_LOCKED &&
			     !room_is_owner(room, req->from)))
		return error_set(err, ERROR_ITEM_NOT_FOUND, "no such room");
	*room_r = room;
	return 0;
}

int
room_require_session(const struct room *room, const struct request *req,
		     struct session **session_r, struct error *err)
{
	*session_r = session_find(room, req->from->full);
	if (*session_r == NULL && release_delay(room->muc, req) != NULL)
		*session_r = session_of(room, req->from->bare);
	if (*session_r == NULL)
		return error_set(err, ERROR_NOT_ACCEPTABLE,
				 "you are not in the room");
	return 0;
}

enum affiliation
room_affiliation(const struct room *room, const struct jid *jid)
{
	if (muc_is_admin(room->muc, jid))
		return AFFILIATION_OWNER;
	return affiliation_of(room->affiliates, jid);
}

bool
room_is_owner(const struct room *room, const struct jid *jid)
{
	return room_affiliation(room, jid) == AFFILIATION_OWNER;
}

void
room_set_subject(struct room *room, const char *text, const char *nick,
		 int64_t stamp)
{
	free(room->subject.text);
	free(room->subject.nick);
	room->subject.text = str_dup(text);
	room->subject.nick = str_dup(nick);
	room->subject.stamp = stamp;
}

const char *
room_subject_text(const struct room *room, struct arena *arena)
{
	const char *text = arena_printf(arena, "<s xmlns='" NS_CLIENT "'>"
					"%s</s>", room->subject.text);
	const char *subject;
	struct xml *el;

	if (parser_document(arena, text, strlen(text), &parser_limits_default,
			    &el, &(struct error){ 0 }) < 0)
		return "";
	subject = xml_child_text(arena, el, NS_CLIENT, "subject");
	return subject ? subject : "";
}

/* One that the router would not take is sent as if there were none: it ends
   what a newcomer waits for. */
static void
send_subject(const struct room *room, const struct session *to,
	     const struct str *head, const struct str *tail)
{
	static const char none[] = "><subject/></message>";
	struct router *router = room->muc->runtime->router;
	struct router_template view = {
		.head = head->data, .head_len = head->len,
		.tail = tail->data, .tail_len = tail->len,
	};

	if (!router_fits(router, &view)) {
		view.tail = none;
		view.tail_len = sizeof(none) - 1;
	}
	session_send(to, room->muc->fanout, &view);
}

void
room_send_subject(const struct room *room, const struct session *to)
{
	const struct subject *subject = &room->subject;
	char when[CLOCK_TEXT_SIZE];
	struct str head = { 0 }, tail = { 0 };

	str_addz(&head, "<message type='groupchat' from='");
	xml_escape(&head, room->jid);
	if (*subject->nick != '\0') {
		str_addc(&head, '/');
		xml_escape(&head, subject->nick);
	}
	str_addc(&head, '\'');
	str_addc(&tail, '>');
	str_addz(&tail, *subject->text ? subject->text : "<subject/>");
	if (subject->stamp != 0) {
		str_addz(&tail, "<delay xmlns='" NS_DELAY "'");
		xml_print_attr(&tail, "from", room->jid);
		xml_print_attr(&tail, "stamp",
			       clock_print(subject->stamp, when));
		str_addz(&tail, "/>");
	}
	str_addz(&tail, "</message>");
	send_subject(room, to, &head, &tail);
	str_fini(&head);
	str_fini(&tail);
}

const char *
room_address(const struct room *room, struct arena *arena, const char *nick)
{
	size_t room_len = strlen(room->jid), nick_len = strlen(nick);
	char *address = arena_alloc(arena, room_len + nick_len + 2);

	memcpy(address, room->jid, room_len);
	address[room_len] = '/';
	memcpy(address + room_len + 1, nick, nick_len);
	return address;
}

bool
room_broadcast(const struct room *room, const struct template *message)
{
	struct fanout *fanout = room->muc->fanout;
	struct router_template view = template_view(message);

	if (!router_fits(room->muc->runtime->router, &view))
		return false;
	fanout_begin(fanout, &view);
	for (const struct session *to = room->sessions; to; to = to->hh.next)
		fanout_add(fanout, to->to, to->to_len);
	fanout_end(fanout);
	return true;
}

void
room_tell_codes(const struct room *room, struct arena *arena,
		const unsigned *codes)
{
	struct xml *message = stanza_new(arena, "message", room->jid, NULL,
					 "groupchat");
	struct xml *x = xml_add(arena, message, NS_MUC_USER, "x");
	struct template template;

	for (; *codes != 0; codes++)
		xml_set(arena, xml_add(arena, x, NULL, "status"), "code",
			arena_printf(arena, "%u", *codes));
	template_init(&template, message);
	room_broadcast(room, &template);
	template_fini(&template);
}

/* Another session of the nick stays: only the one that goes is told, and
   others see the one that is left. */
static void
remove_one_of_several(struct session *session, const struct notice *notice)
{
	struct occupant *occupant = session->occupant;
	struct notice staying = notice_of(occupant);
	bool was_seen = occupant->sessions == session;

	presence_send(session, notice, session);
	session_free(&session);
	if (was_seen)
		presence_broadcast(occupant->sessions, &staying);
}

void
room_remove(struct session **session, const struct notice *notice)
{
	struct occupant *occupant = (*session)->occupant;

	if (occupant->sessions->next != NULL) {
		remove_one_of_several(*session, notice);
		*session = NULL;
		return;
	}
	presence_broadcast(*session, notice);
	witness_left(*session);
	visit_note(occupant);
	session_free(session);
}

void
room_settle(struct room **room)
{
	struct room *left = *room;

	if (left->sessions != NULL)
		return;
	left->idle_ms = uv_now(left->muc->runtime->loop);
	if (roomstore_keeps(left))
		return;
	roomstore_delete(left);
	room_free(room);
}

static struct xml *
destroy_element(struct arena *arena, const char *venue, const char *password,
		const char *reason)
{
	struct xml *el = xml_new(arena, NS_MUC_USER, "destroy");

	if (venue != NULL)
		xml_set(arena, el, "jid", venue);
	if (password != NULL)
		xml_add_text(arena, el, NULL, "password", password);
	if (reason != NULL)
		xml_add_text(arena, el, NULL, "reason", reason);
	return el;
}

void
room_destroy(struct room **gone, struct arena *arena, const char *venue,
	     const char *password, const char *reason)
{
	struct room *room = *gone;
	struct xml *el = destroy_element(arena, venue, password, reason);

	for (struct session *at = room->sessions; at; at = at->hh.next) {
		struct notice notice = notice_going(at->occupant);

		notice.affiliation = AFFILIATION_NONE;
		notice.destroy = el;
		presence_send(at, &notice, at);
	}
	roomstore_delete(room);
	room_free(gone);
}
