#include "components/archive/journaling/postman.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/journaling/journaling.h"
#include "components/archive/journaling/post.h"
#include "components/archive/journaling/postbag.h"
#include "components/archive/journaling/smtp.h"
#include "shared/audit.h"
#include "shared/backoff.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/serial.h"
#include "shared/status.h"
#include "shared/store.h"
#include "shared/str.h"

/* Between two looks, as long as nothing waits. */
#define PAUSE_MS 1000
/* Between two counts of what does. */
#define COUNT_MS 5000
/* So often he says that he is there. */
#define STAY_MS 3600000
/* A server that fails is left alone for so long, at first and at most. */
#define BACKOFF_FIRST_MS 1000
#define BACKOFF_LAST_MS 300000
/* So is one that takes none of so many mails. */
#define FAULTS_MAX 5

struct postman {
	struct archive *archive;
	struct journaling *journaling;
	struct journaling *next;	/* to go on by, or NULL */
	struct metric *const *counts;
	struct smtp *smtp;
	int64_t id;		/* of the section; 0: not known yet */
	uint64_t stayed_ms;	/* when the table was told that he is there */
	struct postbag bag;
	size_t begun;		/* mails of it that were sent */
	size_t under_way;	/* and are not ended */
	size_t faults;		/* mails in a row that were not taken */
	bool fresh;		/* only what was not tried yet is read */
	bool broken;		/* the rest of the bag is not sent now */
	int64_t taken;		/* when the last mail was; 0: never */
	char *trouble;		/* why mails wait; NULL: they need not */
	struct backoff backoff;
	uint64_t waiting, aside;	/* at the last count */
	int64_t oldest;		/* its stamp; 0: none waits */
	bool late;		/* the log says that it is too old */
	unsigned asked;		/* of the store, without an answer */
	bool freed;		/* he goes with the last of these */
	uv_timer_t timer, count;
};

static void
on_count_closed(uv_handle_t *count)
{
	struct postman *postman = count->data;

	postbag_fini(&postman->bag);
	free(postman->trouble);
	free(postman);
}

static void
on_timer_closed(uv_handle_t *timer)
{
	struct postman *postman = timer->data;

	uv_close((uv_handle_t *)&postman->count, on_count_closed);
}

static void
destroy(struct postman *postman)
{
	uv_close((uv_handle_t *)&postman->timer, on_timer_closed);
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
be_in_trouble(struct postman *postman, const char *why)
{
	postman->broken = true;
	if (postman->trouble == NULL)
		log_warning("journaling \"%s\": mails wait: %s",
			    postman_title(postman), why);
	free(postman->trouble);
	postman->trouble = str_dup(why);
}

static void
be_well(struct postman *postman)
{
	backoff_reset(&postman->backoff);
	postman->faults = 0;
	postman->taken = clock_now();
	if (postman->trouble != NULL)
		log_info("journaling \"%s\": mails are taken again",
			 postman_title(postman));
	free(postman->trouble);
	postman->trouble = NULL;
}

static void
report_aside(const struct postman *postman, const struct postbag_mail *mail)
{
	const struct postbag *bag = &postman->bag;
	json_t *json = json_pack(
		"{s:s, s:I, s:I, s:s}", "journaling", postman_title(postman),
		"serial", (json_int_t)bag->items[mail->first].serial,
		"messages", (json_int_t)mail->count, "reason", mail->why);
	char *detail;

	ensure(json != NULL);
	detail = json_dumps(json, JSON_COMPACT);
	ensure(detail != NULL);
	log_error("journaling \"%s\": a mail is set aside: %s",
		  postman_title(postman), mail->why);
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
		pause_for(postman, backoff_next_ms(&postman->backoff));
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
		pause_for(postman, backoff_next_ms(&postman->backoff));
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
	if (outcome == SMTP_TAKEN)
		be_well(postman);
	else if (outcome == SMTP_FAILED || ++postman->faults >= FAULTS_MAX)
		be_in_trouble(postman, why);
}

static void send_more(struct postman *postman);

static void
on_sent(void *ctx, enum smtp_outcome outcome, const char *why)
{
	struct postbag_mail *mail = ctx;
	struct postman *postman = mail->owner;

	postman->under_way--;
	postbag_end(&postman->bag, mail, outcome, why, postman->taken);
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
	postman->fresh = postman->faults >= FAULTS_MAX;
	ask_part(postman);
}

static void count_backlog(struct postman *postman);

static void
on_opened(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	struct postman *postman = ctx;

	if (!is_wanted(postman))
		return;
	if (err != NULL) {
		pause_for(postman, PAUSE_MS);
		return;
	}
	postman->id = store_get_int(result, 0, 0);
	postman->stayed_ms = uv_now(postman->timer.loop);
	count_backlog(postman);
	read_part(postman);
}

/* What was stored later is not there to be mailed. */
static void
look_at_gap(const struct postman *postman, int64_t seen)
{
	char text[CLOCK_TEXT_SIZE];

	if (seen <= clock_now() - POST_GONE)
		log_error("journaling \"%s\": its daemon was away for too "
			  "long: nothing is mailed that was stored from %s "
			  "until now", postman_title(postman),
			  clock_print(seen + POST_GONE, text));
}

static void
on_last(void *ctx, const struct store_result *result, const struct error *err)
{
	struct postman *postman = ctx;

	if (!is_wanted(postman))
		return;
	if (err != NULL) {
		pause_for(postman, PAUSE_MS);
		return;
	}
	if (store_rows(result) > 0)
		look_at_gap(postman, store_get_int(result, 0, 0));
	postman->asked++;
	post_open(store_of(postman), postman->archive->runtime->domain,
		  postman_title(postman), on_opened, postman);
}

static void
open_post(struct postman *postman)
{
	postman->asked++;
	post_find(store_of(postman), postman->archive->runtime->domain,
		  postman_title(postman), on_last, postman);
}

static void
on_timer(uv_timer_t *timer)
{
	struct postman *postman = timer->data;

	if (postman->id == 0)
		open_post(postman);
	else
		read_part(postman);
}

/* Once each time that it becomes so. */
static void
look_at_age(struct postman *postman)
{
	const struct journaling_settings *own =
		journaling_settings(postman->journaling);
	int64_t secs = postman_backlog(postman).oldest_secs;
	/* A window's first message waits for its end as it should. */
	bool late = secs >= (int64_t)own->alarm + own->window;

	if (late && !postman->late)
		log_error("journaling \"%s\": mails wait for %" PRId64 " s",
			  postman_title(postman), secs);
	postman->late = late;
}

static void
on_counted(void *ctx, const struct store_result *result,
	   const struct error *err)
{
	struct postman *postman = ctx;

	if (!is_wanted(postman) || err != NULL)
		return;
	postman->waiting = (uint64_t)store_get_int(result, 0, 0);
	postman->oldest = serial_time(store_get_int(result, 0, 1));
	postman->aside = (uint64_t)store_get_int(result, 0, 2);
	look_at_age(postman);
}

static void
count_backlog(struct postman *postman)
{
	postman->asked++;
	post_count(store_of(postman), postman->id, on_counted, postman);
}

static void
on_count(uv_timer_t *count)
{
	struct postman *postman = count->data;

	if (postman->id == 0)
		return;
	count_backlog(postman);
	if (uv_now(count->loop) - postman->stayed_ms < STAY_MS)
		return;
	postman->stayed_ms = uv_now(count->loop);
	post_stay(store_of(postman), postman->id);
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
	postman->backoff.first_ms = BACKOFF_FIRST_MS;
	postman->backoff.last_ms = BACKOFF_LAST_MS;
	journaling_plan(journaling, &plan);
	postman->smtp = smtp_new(loop, &plan);
	uv_timer_init(loop, &postman->timer);
	uv_timer_init(loop, &postman->count);
	postman->timer.data = postman->count.data = postman;
	uv_timer_start(&postman->count, on_count, COUNT_MS, COUNT_MS);
	open_post(postman);
	return postman;
}

void
postman_free(struct postman **postman_p)
{
	struct postman *postman = *postman_p;

	*postman_p = NULL;
	smtp_free(&postman->smtp);
	journaling_free(&postman->journaling);
	journaling_free(&postman->next);
	uv_timer_stop(&postman->timer);
	uv_timer_stop(&postman->count);
	postman->freed = true;
	if (postman->asked == 0)
		destroy(postman);
}

const char *
postman_title(const struct postman *postman)
{
	return journaling_title(postman->journaling);
}

void
postman_reload(struct postman *postman, struct journaling *journaling)
{
	journaling_free(&postman->next);
	postman->next = journaling;
	/* They may be what the server did not like. */
	backoff_reset(&postman->backoff);
	if (uv_is_active((const uv_handle_t *)&postman->timer))
		pause_for(postman, 0);
}

struct postman_backlog
postman_backlog(const struct postman *postman)
{
	int64_t age = clock_now() - postman->oldest;

	return (struct postman_backlog){
		.waiting = postman->waiting, .aside = postman->aside,
		.oldest_secs = postman->waiting == 0 || age < 0 ? 0 :
			       age / CLOCK_SECOND,
	};
}

const char *
postman_alarm(const struct postman *postman)
{
	if (postman->late)
		return "mails of messages wait too long";
	return postman->aside > 0 ? "mails of messages were set aside" : NULL;
}

void
postman_status(const struct postman *postman, struct call *call)
{
	const struct postman_backlog backlog = postman_backlog(postman);
	const char *trouble = postman->trouble;

	status_add(call, "journaling", "\"%s\": %s%" PRIu64 " messages wait, "
		   "the oldest for %" PRId64 " s, %" PRIu64 " are set aside%s"
		   "%s", postman_title(postman),
		   backlog.waiting > POST_COUNTED ? "more than " : "",
		   backlog.waiting > POST_COUNTED ? POST_COUNTED :
		   backlog.waiting, backlog.oldest_secs, backlog.aside,
		   trouble != NULL ? "; the server: " : "",
		   trouble != NULL ? trouble : "");
}
