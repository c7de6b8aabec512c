#include "components/archive/journaling/postman.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/journaling/arrears.h"
#include "components/archive/journaling/journaling.h"
#include "components/archive/journaling/post.h"
#include "components/archive/journaling/postbag.h"
#include "components/archive/journaling/receiver.h"
#include "components/archive/journaling/smtp.h"
#include "shared/audit.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/status.h"
#include "shared/store.h"
#include "shared/str.h"

/* Between two looks, as long as nothing waits. */
#define PAUSE_MS 1000

struct postman {
	struct archive *archive;
	char *title;
	struct journaling *journaling;
	struct journaling *next;	/* to go on by, or NULL */
	struct metric *const *counts;
	struct smtp *smtp;
	struct arrears *arrears;
	int64_t id;		/* of the section, once it is open */
	struct postbag bag;
	size_t begun;		/* mails of it that were sent */
	size_t under_way;	/* and are not ended */
	bool fresh;		/* only what was not tried yet is read */
	bool broken;		/* the rest of the bag is not sent now */
	struct receiver receiver;
	unsigned asked;		/* of the store, without an answer */
	bool freed;		/* he goes with the last of these */
	uv_timer_t timer;
};

static void
on_closed(uv_handle_t *timer)
{
	struct postman *postman = timer->data;

	postbag_fini(&postman->bag);
	receiver_fini(&postman->receiver);
	free(postman->title);
	free(postman);
}

static void
destroy(struct postman *postman)
{
	uv_close((uv_handle_t *)&postman->timer, on_closed);
}

/* The store has answered.  Whether anybody wants to know. */
static bool
is_wanted(struct postman *postman)
{
	postman->asked--;
	if (postman->freed && postman->asked == 0)
		destroy(postman);
	return !postman->freed;
}

static struct store *
store_of(const struct postman *postman)
{
	return postman->archive->runtime->store;
}

static void on_timer(uv_timer_t *timer);

static void
pause_for(struct postman *postman, unsigned ms)
{
	uv_timer_start(&postman->timer, on_timer, ms, 0);
}

static void
report_aside(const struct postman *postman, const struct postbag_mail *mail)
{
	const struct postbag *bag = &postman->bag;
	json_t *json = json_pack(
		"{s:s, s:I, s:I, s:s}", "journaling", postman->title,
		"serial", (json_int_t)bag->items[mail->first].serial,
		"messages", (json_int_t)mail->count, "reason", mail->why);
	char *detail;

	ensure(json != NULL);
	detail = json_dumps(json, JSON_COMPACT);
	ensure(detail != NULL);
	log_error("journaling \"%s\": a mail is set aside: %s",
		  postman->title, mail->why);
	metric_add(postman->counts[POSTMAN_ASIDE], 1);
	audit_report(store_of(postman), &(struct audit_event){
			     "journaling", "set-aside", detail });
	free(detail);
	json_decref(json);
}

static void read_part(struct postman *postman);

/* Not within a callback of libcurl's. */
static void
go_on(struct postman *postman, bool failed)
{
	if (failed || postman->broken)
		pause_for(postman, receiver_pause_ms(&postman->receiver));
	else
		read_part(postman);
}

static void
on_settled(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct postman *postman = ctx;

	(void)result;
	if (!is_wanted(postman))
		return;
	for (size_t i = 0; err == NULL && i < postman->bag.mail_count; i++)
		if (postman->bag.mails[i].aside)
			report_aside(postman, &postman->bag.mails[i]);
	go_on(postman, err != NULL);
}

/* All that is to be known of the bag's mails is known.  Goes on in a later
   turn, as libcurl may be at work here. */
static void
settle(struct postman *postman)
{
	unsigned refusals = journaling_settings(postman->journaling)->refusals;
	struct store_batch *batch;

	if (!postbag_changes(&postman->bag)) {
		pause_for(postman, receiver_pause_ms(&postman->receiver));
		return;
	}
	batch = store_begin(store_of(postman));
	postbag_settle(&postman->bag, batch, postman->id, refusals);
	postman->asked++;
	store_commit(&batch, on_settled, postman);
}

static void
note_outcome(struct postman *postman, enum smtp_outcome outcome,
	     const char *why)
{
	enum postman_count count = outcome == SMTP_TAKEN ? POSTMAN_SENT :
				   outcome == SMTP_REFUSED ? POSTMAN_REFUSED :
				   POSTMAN_FAILED;

	metric_add(postman->counts[count], 1);
	if (!receiver_note(&postman->receiver, outcome, why))
		postman->broken = true;
}

static void send_more(struct postman *postman);

static void
on_sent(void *ctx, enum smtp_outcome outcome, const char *why)
{
	struct postbag_mail *mail = ctx;
	struct postman *postman = mail->owner;

	postman->under_way--;
	postbag_end(&postman->bag, mail, outcome, why,
		    postman->receiver.taken);
	note_outcome(postman, outcome, why);
	send_more(postman);
}

static void
send_mail(struct postman *postman, struct postbag_mail *mail)
{
	struct str text = { 0 };

	mail->owner = postman;
	postman->under_way++;
	postbag_print(&postman->bag, mail, postman->journaling, &text);
	smtp_send(postman->smtp, &text, on_sent, mail);
}

/* As many at a time as there may be, so that none waits on its way. */
static void
send_more(struct postman *postman)
{
	size_t most = journaling_settings(postman->journaling)->connections;
	struct postbag *bag = &postman->bag;

	while (!postman->broken && postman->under_way < most &&
	       postman->begun < bag->mail_count)
		send_mail(postman, &bag->mails[postman->begun++]);
	if (postman->under_way == 0)
		settle(postman);
}

static void ask_part(struct postman *postman);

static void
on_part(void *ctx, const struct store_result *result, const struct error *err)
{
	struct postman *postman = ctx;

	if (!is_wanted(postman))
		return;
	if (err == NULL && store_rows(result) == 0 && postman->fresh) {
		postman->fresh = false;
		ask_part(postman);
		return;
	}
	if (err != NULL || store_rows(result) == 0) {
		pause_for(postman, PAUSE_MS);
		return;
	}
	postbag_fill(&postman->bag, result, postman->journaling);
	postman->begun = 0;
	send_more(postman);
}

/* A window's first message waits for its end as it should. */
static int64_t
alarm_of(const struct journaling *journaling)
{
	const struct journaling_settings *own =
		journaling_settings(journaling);

	return (int64_t)own->alarm + own->window;
}

/* Nothing is on its way. */
static void
take_settings(struct postman *postman)
{
	struct smtp_plan plan;

	if (postman->next == NULL)
		return;
	smtp_free(&postman->smtp);
	journaling_free(&postman->journaling);
	postman->journaling = postman->next;
	postman->next = NULL;
	arrears_set_alarm(postman->arrears, alarm_of(postman->journaling));
	journaling_plan(postman->journaling, &plan);
	postman->smtp = smtp_new(postman->archive->runtime->loop, &plan);
}

static void
ask_part(struct postman *postman)
{
	const struct post_place place = {
		.journaling = postman->id, .now = clock_now(),
		.window = INT64_C(1) * CLOCK_SECOND *
			  journaling_settings(postman->journaling)->window,
		.fresh = postman->fresh,
	};

	postman->asked++;
	post_next(store_of(postman), &place, on_part, postman);
}

/* Where none is taken, what was never tried comes first, as the same few would
   be tried for ever else. */
static void
read_part(struct postman *postman)
{
	take_settings(postman);
	postman->broken = false;
	postman->fresh = receiver_takes_none(&postman->receiver);
	ask_part(postman);
}

static void
on_opened(void *ctx, int64_t id)
{
	struct postman *postman = ctx;

	postman->id = id;
	read_part(postman);
}

static void
on_timer(uv_timer_t *timer)
{
	read_part(timer->data);
}

static void
open_section(struct postman *postman)
{
	const struct runtime *runtime = postman->archive->runtime;

	postman->arrears = arrears_new(&(struct arrears_plan){
		.loop = runtime->loop, .store = runtime->store,
		.domain = runtime->domain, .title = postman->title,
		.alarm_secs = alarm_of(postman->journaling),
		.opened = on_opened, .ctx = postman,
	});
}

struct postman *
postman_new(struct archive *archive, struct journaling *journaling,
	    struct metric *const *counts)
{
	struct postman *postman = calloc(1, sizeof(*postman));
	uv_loop_t *loop = archive->runtime->loop;
	struct smtp_plan plan;

	ensure(postman != NULL);
	postman->archive = archive;
	postman->journaling = journaling;
	postman->counts = counts;
	postman->title = str_dup(journaling_title(journaling));
	receiver_init(&postman->receiver, postman->title);
	journaling_plan(journaling, &plan);
	postman->smtp = smtp_new(loop, &plan);
	uv_timer_init(loop, &postman->timer);
	postman->timer.data = postman;
	open_section(postman);
	return postman;
}

void
postman_free(struct postman **postman_p)
{
	struct postman *postman = *postman_p;

	*postman_p = NULL;
	arrears_free(&postman->arrears);
	smtp_free(&postman->smtp);
	journaling_free(&postman->journaling);
	journaling_free(&postman->next);
	uv_timer_stop(&postman->timer);
	postman->freed = true;
	if (postman->asked == 0)
		destroy(postman);
}

const char *
postman_title(const struct postman *postman)
{
	return postman->title;
}

void
postman_reload(struct postman *postman, struct journaling *journaling)
{
	journaling_free(&postman->next);
	postman->next = journaling;
	/* They may be what the server did not like. */
	receiver_forgive(&postman->receiver);
	if (uv_is_active((const uv_handle_t *)&postman->timer))
		pause_for(postman, 0);
}

const struct arrears *
postman_arrears(const struct postman *postman)
{
	return postman->arrears;
}

void
postman_status(const struct postman *postman, struct call *call)
{
	const struct arrears_count count = arrears_count(postman->arrears);
	const char *trouble = postman->receiver.trouble;

	status_add(call, "journaling", "\"%s\": %s%" PRIu64 " messages wait, "
		   "the oldest for %" PRId64 " s, %" PRIu64 " are set aside%s"
		   "%s", postman->title,
		   count.waiting > POST_COUNTED ? "more than " : "",
		   count.waiting > POST_COUNTED ? POST_COUNTED :
		   count.waiting, count.oldest_secs, count.aside,
		   trouble != NULL ? "; the server: " : "",
		   trouble != NULL ? trouble : "");
}
