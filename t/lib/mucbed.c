#include "t/lib/mucbed.h"

#include <stdlib.h>
#include <string.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/adhoc.h"
#include "shared/arena.h"
#include "shared/calls.h"
#include "shared/dispatch.h"
#include "shared/form.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/metric.h"
#include "shared/ns.h"
#include "shared/xml.h"
#include "t/lib/bed.h"
#include "t/lib/declaration.h"
#include "t/lib/fake_router.h"
#include "t/lib/fake_store.h"

/* components/muc/main.c, which gives its constant to component_main(). */
int muc_main(int argc, char **argv);

static const struct component *declared;

#define ADHOC_BYTES 10000
#define COMMAND_TURNS 3

static const char *const nobody[] = { NULL };
static const char *const everyone[] = { "everyone", NULL };
static const char *const admins[] = { "admin@example", NULL };

static const struct setting_titled no_sections[] = { { .title = NULL } };

static const struct muc_settings settings = {
	.component = {
		.domain = "muc.example", .secret = "secret",
		.admins = admins, .title = "Chatrooms",
	},
	.create = everyone,
	.local = nobody,
	.defaults = nobody,
	.archive = "none",
	.archive_unwanted = nobody,
	.journal = "journal",
	.history = 100,
	.max_occupants = 100,
	.max_clients = 20,
	.max_affiliations = 1000,
	.max_message = 65536,
	.max_presence = 16384,
	.message_rate = 10,
	.message_burst = 50,
	.presence_rate = 2,
	.presence_burst = 20,
	.room_idle = 300,
	.group = no_sections,
	.events = no_sections,
};

/* As in shared/service.c. */
static int
on_owed(struct request *req, void *ctx, struct error *err)
{
	struct mucbed *bed = ctx;
	int ret = adhoc_on_iq(req, bed->adhoc, err);

	return ret != HANDLER_DECLINE ? ret :
	       entity_on_get(req, &bed->entity, err);
}

static void
start(struct mucbed *bed)
{
	void *muc;

	bed->runtime.metrics = metrics_new();
	bed->calls = calls_new(&bed->runtime, declared);
	bed->adhoc = adhoc_new(&bed->loop, bed->calls, ADHOC_BYTES);
	bed->dispatch = dispatch_new(&bed->runtime, declared, on_owed, bed);
	ensure(declared->start(&bed->runtime, &bed->settings, &muc,
			       &bed->err) == 0);
	bed->muc = muc;
	calls_open(bed->calls, muc);
	dispatch_open(bed->dispatch, muc);
	if (!bed->held)
		fake_store_tell(bed->runtime.store);
}

/* In the order of the runtime: who waits for the router waits no longer than
   the link, and for the database no longer than the process. */
static void
end(struct mucbed *bed)
{
	calls_stop(bed->calls);
	dispatch_close(bed->dispatch);
	fake_router_time_out(bed->runtime.router);
	fake_store_tell(bed->runtime.store);
	adhoc_free(&bed->adhoc);
	calls_free(&bed->calls);
	declared->free(bed->muc);
	dispatch_free(&bed->dispatch);
	uv_run(&bed->loop, UV_RUN_DEFAULT);
	metrics_free(&bed->runtime.metrics);
}

static void
stop(struct mucbed *bed)
{
	declared->stop(bed->muc);
	end(bed);
}

struct mucbed *
mucbed_new_on(struct store *store)
{
	struct mucbed *bed = calloc(1, sizeof(*bed));

	ensure(bed != NULL);
	declared = declaration_of(muc_main);
	uv_loop_init(&bed->loop);
	bed->settings = settings;
	bed->runtime.loop = &bed->loop;
	bed->runtime.domain = "muc.example";
	bed->runtime.admins = admins;
	bed->runtime.router = fake_router_new(bed->runtime.domain);
	bed->runtime.store = store;
	entity_init(&bed->entity, declared, &bed->settings.component);
	bed->arena = arena_new();
	start(bed);
	return bed;
}

struct mucbed *
mucbed_new(void)
{
	struct store *store = fake_store_new("muc");
	struct mucbed *bed = mucbed_new_on(store);

	bed->own_store = store;
	return bed;
}

void
mucbed_restart(struct mucbed *bed)
{
	stop(bed);
	start(bed);
}

void
mucbed_crash(struct mucbed *bed)
{
	/* What it is still told has no effect. */
	bed->muc->roomstore.stopped = true;
	end(bed);
	start(bed);
}

void
mucbed_free(struct mucbed **bed_)
{
	struct mucbed *bed = *bed_;

	stop(bed);
	ensure(uv_loop_close(&bed->loop) == 0);
	fake_router_free(&bed->runtime.router);
	if (bed->own_store != NULL)
		fake_store_free(&bed->own_store);
	arena_free(&bed->arena);
	free(bed);
	*bed_ = NULL;
}

int
mucbed_setup(void **state)
{
	*state = mucbed_new();
	return 0;
}

int
mucbed_teardown(void **state)
{
	struct mucbed *bed = *state;

	mucbed_free(&bed);
	return 0;
}

int
mucbed_setup_hooked(void **state, const char *const *hosts,
		    const char *attributes)
{
	static const struct hook_use use = { .uses = HOOK_FANOUT };
	const struct hook_settings own = { .hosts = hosts,
					   .stanza_bytes = 100000 };
	struct mucbed *bed;
	struct hook *hook;

	mucbed_setup(state);
	bed = *state;
	hook = hook_new(&bed->runtime, &use, &own);
	bed->runtime.hook = hook;
	dispatch_put_first(bed->dispatch, hook_on_request, hook);
	hook_attend(hook, NULL);
	hook_link(hook, true);
	mucbed_receive(bed, arena_printf(
		bed->arena, "<message from='example' to='muc.example'>"
		"<hello xmlns='urn:x-annex:0' epoch='e' %s/></message>",
		attributes));
	return 0;
}

int
mucbed_teardown_hooked(void **state)
{
	struct mucbed *bed = *state;

	dispatch_put_first(bed->dispatch, NULL, NULL);
	hook_free(&bed->runtime.hook);
	return mucbed_teardown(state);
}

/* Takes out all elements that begin so, and hold nothing.  Nothing looks at
   the whole text each time, as strstr() does under sanitizers. */
static void
leave_out(char *text, const char *start)
{
	size_t len = strlen(start);
	const char *from = text;
	char *to = text;

	while (*from != '\0') {
		if (*from != '<' || strncmp(from, start, len) != 0) {
			*to++ = *from++;
			continue;
		}
		for (; strncmp(from, "/>", 2) != 0; from++)
			ensure(*from != '\0');
		from += 2;
	}
	*to = '\0';
}

const char *
mucbed_without_ids(struct mucbed *bed, const char *text)
{
	char *copy = arena_strdup(bed->arena, text);

	leave_out(copy, "<occupant-id xmlns='" NS_OCCUPANT_ID "'");
	leave_out(copy, "<stanza-id xmlns='" NS_SID "' by='r@muc.example'");
	return copy;
}

const char *
mucbed_sent(struct mucbed *bed)
{
	return mucbed_without_ids(bed, mucbed_sent_whole(bed));
}

const char *
mucbed_sent_whole(struct mucbed *bed)
{
	const char *sent = arena_strdup(bed->arena,
					fake_router_sent(bed->runtime.router));

	fake_router_forget(bed->runtime.router);
	return sent;
}

void
mucbed_take(struct mucbed *bed, struct arena *arena, struct xml *el)
{
	mucbed_save(bed);
	if (fake_router_answer(bed->runtime.router, arena, el))
		arena_free(&arena);
	else
		dispatch_stanza(bed->dispatch, arena, el);
	mucbed_save(bed);
	/* Also what happened when a room had been loaded. */
	mucbed_save(bed);
}

void
mucbed_save(struct mucbed *bed)
{
	/* What was on its way when the database began to answer. */
	if (!bed->held)
		fake_store_tell(bed->runtime.store);
	roomstore_flush(&bed->muc->roomstore);
	if (!bed->held)
		fake_store_tell(bed->runtime.store);
}

const char *
mucbed_receive_whole(struct mucbed *bed, const char *stanza)
{
	struct arena *arena = arena_new();

	fake_router_forget(bed->runtime.router);
	mucbed_take(bed, arena, bed_xml(arena, NS_CLIENT, stanza));
	return mucbed_sent_whole(bed);
}

const char *
mucbed_receive(struct mucbed *bed, const char *stanza)
{
	return mucbed_without_ids(bed, mucbed_receive_whole(bed, stanza));
}

const char *
mucbed_errors(struct mucbed *bed, const char *stanza)
{
	const char *sent = mucbed_receive(bed, stanza);
	const char *tail = " xmlns='" NS_STANZAS "'", *errors = "";

	for (const char *at = strstr(sent, tail); at != NULL;
	     at = strstr(at + 1, tail)) {
		const char *name = at;

		while (*name != '<')
			name--;
		name++;
		if (strncmp(name, "text", 4) != 0)
			errors = arena_printf(bed->arena, "%s %.*s", errors,
					      (int)(at - name), name);
	}
	return errors;
}

/* Values of the same field follow each other. */
static void
add_fields(struct mucbed *bed, struct xml *form, const char *const *fields)
{
	struct xml *field = NULL;

	for (; *fields != NULL; fields++) {
		size_t len = strcspn(*fields, "=");
		const char *name = arena_dup(bed->arena, *fields, len);

		if (field == NULL || strcmp(xml_attr(field, "var"), name) != 0)
			field = form_add(bed->arena, form, NULL, name, NULL);
		form_add_value(bed->arena, field, *fields + len + 1);
	}
}

const char *
mucbed_command(struct mucbed *bed, const char *name,
	       const char *const *fields)
{
	struct xml *iq = mucbed_xml(bed, "<iq type='set' id='c' "
				    "from='admin@example/1' "
				    "to='muc.example'/>");
	struct xml *command = xml_add(bed->arena, iq, NS_COMMANDS, "command");
	struct xml *form = form_new(bed->arena, "submit", NULL);
	struct arena *arena = arena_new();

	xml_set(bed->arena, command, "node", name);
	add_fields(bed, form, fields);
	xml_append(command, form);
	fake_router_forget(bed->runtime.router);
	mucbed_take(bed, arena, xml_copy(arena, iq));
	/* A command goes on when the loop turns. */
	for (int i = 0; i < COMMAND_TURNS; i++) {
		uv_run(&bed->loop, UV_RUN_NOWAIT);
		mucbed_save(bed);
	}
	return mucbed_sent(bed);
}

const struct jid *
mucbed_jid(struct mucbed *bed, const char *text)
{
	const struct jid *jid;

	ensure(jid_parsez(bed->arena, text, &jid, &bed->err) == 0);
	return jid;
}

struct xml *
mucbed_xml(struct mucbed *bed, const char *text)
{
	return bed_xml(bed->arena, NS_CLIENT, text);
}

struct room *
mucbed_room(struct mucbed *bed, const char *jid)
{
	return room_new(bed->muc, jid, ROOM_OPEN);
}

struct occupant *
mucbed_add(struct room *room, const char *nick, const char *jid,
	   enum affiliation affiliation, enum role role)
{
	struct arena *arena = arena_new();
	const struct jid *who;
	struct error err;
	struct occupant *occupant;

	ensure(jid_parsez(arena, jid, &who, &err) == 0);
	affiliation_set(&room->affiliates, who->bare, affiliation, NULL);
	occupant = session_new(room, nick, who)->occupant;
	occupant->affiliation = affiliation;
	occupant->role = role;
	arena_free(&arena);
	return occupant;
}

static const struct {
	const char *name, *nick, *jid;
	enum affiliation affiliation;
	enum role role;
} cast[] = {
	{ "Ann", "Ann", ANN, AFFILIATION_OWNER, ROLE_MODERATOR },
	{ "Bob", "Bob", BOB, AFFILIATION_NONE, ROLE_PARTICIPANT },
	{ "Bob2", "Bob", BOB2, AFFILIATION_NONE, ROLE_PARTICIPANT },
	{ "Cid", "Cid", CID, AFFILIATION_MEMBER, ROLE_PARTICIPANT },
	{ "Mod", "Mod", MOD, AFFILIATION_NONE, ROLE_MODERATOR },
	{ "Vic", "Vic", VIC, AFFILIATION_NONE, ROLE_VISITOR },
};

static void
enter_one(struct room *room, const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(cast) / sizeof(cast[0]); i++) {
		if (strlen(cast[i].name) != len ||
		    memcmp(cast[i].name, name, len) != 0)
			continue;
		mucbed_add(room, cast[i].nick, cast[i].jid,
			   cast[i].affiliation, cast[i].role);
		return;
	}
	error_panic(__FILE__, __LINE__, name);
}

void
mucbed_enter(struct room *room, const char *names)
{
	while (*names != '\0') {
		size_t len = strcspn(names, " ");

		enter_one(room, names, len);
		names += len + strspn(names + len, " ");
	}
}

struct room *
mucbed_cast(struct mucbed *bed, const char *names)
{
	struct room *room = mucbed_room(bed, "r@muc.example");

	mucbed_enter(room, names);
	return room;
}

struct room *
mucbed_cast_lasting(struct mucbed *bed, const char *names)
{
	struct room *room = mucbed_cast(bed, names);

	room->options.persistentroom = true;
	roomstore_save(room);
	return room;
}

const char *
mucbed_last_id(struct mucbed *bed, const struct room *room)
{
	const char *at = strstr(room->history.last->text, "<stanza-id ");

	ensure(at != NULL);
	at = strstr(at, " id='") + 5;
	return arena_dup(bed->arena, at, strcspn(at, "'"));
}
