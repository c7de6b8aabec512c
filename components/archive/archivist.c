#include "components/archive/archivist.h"

#include <inttypes.h>
#include <stdlib.h>

#include "components/archive/archive.h"
#include "components/archive/desk/desk.h"
#include "components/archive/desk/readers.h"
#include "components/archive/desk/reading.h"
#include "components/archive/desk/retraction.h"
#include "components/archive/intake/diary.h"
#include "components/archive/intake/disclosure.h"
#include "components/archive/intake/intake.h"
#include "components/archive/intake/reminder.h"
#include "components/archive/intake/removals.h"
#include "components/archive/journaling/journaling.h"
#include "components/archive/journaling/postoffice.h"
#include "components/archive/keep/compliance.h"
#include "components/archive/keep/note.h"
#include "components/archive/keep/pledge.h"
#include "components/archive/keep/preferences.h"
#include "components/archive/policy/court.h"
#include "components/archive/policy/held.h"
#include "components/archive/policy/policy.h"
#include "components/archive/retention/erasure.h"
#include "components/archive/retention/lapse.h"
#include "components/archive/retention/matter.h"
#include "components/archive/retention/retention.h"
#include "components/archive/retention/tenure.h"
#include "components/archive/rules/clause.h"
#include "shared/archive_event.h"
#include "shared/archive_outlet.h"
#include "shared/archive_row.h"
#include "shared/error.h"
#include "shared/groups.h"
#include "shared/hook.h"
#include "shared/journal.h"
#include "shared/section.h"
#include "shared/status.h"
#include "shared/str.h"

/* Of what waits for the journal's disk, in memory. */
#define QUEUE_BYTES ((size_t)64 << 20)
/* How long the journal's disk may take at the end, which is less than a
   component may. */
#define CLOSE_SECS 5
/* Of which it is remembered who was told what: some 20 MB. */
#define CONVERSATIONS 100000

/* Those that no policy names as well. */
static int
check_rules(const struct setting_titled *titled, const struct groups *groups,
	    struct error *err)
{
	struct error why = { 0 };
	struct clause *clause;

	for (; titled->title != NULL; titled++) {
		if (clause_new(titled, groups, &clause, &why) < 0)
			return error_set(err, ERROR_BAD_REQUEST,
					 "\"%.60s\": %s", titled->title,
					 why.text);
		clause_free(&clause);
	}
	return 0;
}

/* Those who name groups. */
static int
check_grouped(const struct archive_settings *own, struct groups *groups,
	      const char **which_r, struct error *err)
{
	const struct policy_terms terms = { own->rule, groups,
					    false };
	struct tenure *tenure;

	*which_r = "retention";
	if (tenure_new(own->retention, groups, &tenure, err) < 0)
		return -1;
	tenure_free(&tenure);
	*which_r = "compliance";
	if (compliance_check(own->compliance, groups, err) < 0)
		return -1;
	*which_r = "events";
	if (diary_check(own, groups, err) < 0)
		return -1;
	*which_r = "disclosure";
	if (disclosure_check(own, groups, err) < 0)
		return -1;
	*which_r = "journaling";
	if (journaling_check(own->journaling, groups, err) < 0)
		return -1;
	*which_r = "rule";
	if (check_rules(own->rule, groups, err) < 0)
		return -1;
	*which_r = "policy";
	return policy_check(own->policy, &terms, err);
}

int
archivist_check(const void *settings, const char **which_r, struct error *err)
{
	const struct archive_settings *own = settings;
	struct groups *groups;
	int ret;

	*which_r = "journal";
	if (own->journal[0] == '\0')
		return error_set(err, ERROR_BAD_REQUEST, "must name a file");
	*which_r = "auditors";
	if (section_check_addresses(own->auditors, false, err) < 0)
		return -1;
	*which_r = "reviewers";
	if (section_check_addresses(own->reviewers, false, err) < 0)
		return -1;
	*which_r = "group";
	if (groups_new(own->group, &groups, err) < 0)
		return -1;
	ret = check_grouped(own, groups, which_r, err);
	groups_unref(&groups);
	return ret;
}

static int
open_journal(struct archive *archive, const struct archive_settings *own,
	     struct error *err)
{
	struct runtime *runtime = archive->runtime;
	struct str schema = { 0 };
	struct journal_settings settings = {
		.path = own->journal, .limit_bytes = own->journal_bytes,
		.queue_bytes = QUEUE_BYTES,
	};
	int ret;

	str_addf(&schema, "%s/journal", runtime->schema);
	settings.schema = schema.data;
	ret = journal_new(runtime->loop, &settings, runtime->metrics,
			  &archive->journal, err);
	str_fini(&schema);
	return ret;
}

static void
prepare(void *ctx, archive_outlet_fn *fn, void *fn_ctx)
{
	const struct archive *archive = ctx;

	preferences_load(archive->preferences, fn, fn_ctx);
}

static void
change(void *ctx, struct archive_row *row)
{
	const struct archive *archive = ctx;
	unsigned ways = row->mark.ways;

	if (row->event == ARCHIVE_EVENT_REMOVAL)
		preferences_forget(archive->preferences, row->sender);
	/* It is in nobody's own archive. */
	if (row->event != 0)
		return;
	retraction_apply(archive->retraction, row);
	preferences_apply(archive->preferences, row);
	/* What is not stored takes nothing away. */
	if (row->mark.ways == 0 && row->buries != 0)
		row->mark.ways = ARCHIVE_UNSEEN(ways);
}

static struct archive_outlet *
new_outlet(struct archive *archive)
{
	struct runtime *runtime = archive->runtime;
	const struct archive_outlet_settings settings = {
		.writer = runtime->domain, .store = runtime->store,
		.journal = archive->journal, .prepare = prepare,
		.unready = "users' preferences cannot be read, see the log",
		.change = change, .ctx = archive,
	};

	return archive_outlet_new(runtime->loop, &settings, runtime->metrics);
}

static void
take_groups(struct archive *archive, const struct archive_settings *own)
{
	struct error err;

	groups_unref(&archive->groups);
	ensure(groups_new(own->group, &archive->groups, &err) == 0);
}

int
archivist_start(struct runtime *runtime, const void *settings, void **ctx_r,
		struct error *err)
{
	const struct archive_settings *own = settings;
	struct archive *archive = calloc(1, sizeof(*archive));

	ensure(archive != NULL);
	archive->runtime = runtime;
	archive->settings = own;
	archive->journal_bytes = own->journal_bytes;
	if (open_journal(archive, own, err) < 0) {
		free(archive);
		return -1;
	}
	serial_init(&archive->serial, 0, 0);
	archive_add_metrics(archive);
	note_add_metrics(archive);
	archive->disclosed = reminders_new(CONVERSATIONS);
	archive->intake = intake_new(archive);
	take_groups(archive, own);
	archive->compliance = compliance_new(own->compliance,
					     archive->groups);
	archive->preferences = preferences_new(archive);
	/* Before anything is stored. */
	archive->postoffice = postoffice_new(archive, own->journaling);
	archive->outlet = new_outlet(archive);
	archive->removals = removals_new(archive);
	archive->readers = readers_new(archive);
	archive->court = court_new(archive, own->policy);
	archive->lapse = lapse_new(archive);
	archive->retention = retention_new(archive);
	archive->retraction = retraction_new(archive);
	archive->pledge = pledge_new(archive);
	matter_resume(runtime->store);
	erasure_resume(runtime->store);
	*ctx_r = archive;
	return 0;
}

void
archivist_reload(void *ctx, const void *settings)
{
	const struct archive_settings *own = settings;
	struct archive *archive = ctx;

	archive->settings = own;
	take_groups(archive, own);
	/* Not once it is stopping. */
	if (archive->retention != NULL)
		postoffice_reload(archive->postoffice, own->journaling);
	compliance_free(&archive->compliance);
	archive->compliance = compliance_new(own->compliance,
					     archive->groups);
	pledge_renew(archive->pledge);
	if (archive->court != NULL)
		court_reload(archive->court, own->policy);
	if (archive->retention != NULL) {
		lapse_begin(archive->lapse);
		retention_begin(archive->retention);
	}
}

static void
on_closed(void *ctx)
{
	struct archive *archive = ctx;

	if (archive->runtime == NULL)
		return;
	archive->closed = true;
	intake_flush(archive->intake);
	component_stopped(archive->runtime);
}

/* What is on its way into the journal gets there, and is acknowledged; what
   the database does not have by then stays there. */
void
archivist_stop(void *ctx)
{
	struct archive *archive = ctx;

	reading_end_all(archive->readers, NULL);
	court_free(&archive->court);
	lapse_free(&archive->lapse);
	retention_free(&archive->retention);
	retraction_free(&archive->retraction);
	pledge_free(&archive->pledge);
	postoffice_stop(archive->postoffice);
	archive_outlet_stop(archive->outlet);
	journal_close(&archive->journal, CLOSE_SECS, on_closed, archive);
}

void
archivist_free(void *ctx)
{
	struct archive *archive = ctx;

	held_end(archive);
	/* The journal's disk hangs, and it may still have something to tell:
	   all that is left is the end of the process. */
	if (!archive->closed) {
		archive->runtime = NULL;
		return;
	}
	readers_free(&archive->readers);
	removals_free(&archive->removals);
	reminders_free(&archive->disclosed);
	intake_free(&archive->intake);
	archive_outlet_free(&archive->outlet);
	postoffice_free(&archive->postoffice);
	preferences_free(&archive->preferences);
	groups_unref(&archive->groups);
	compliance_free(&archive->compliance);
	free(archive);
}

/* With a new epoch seq begins anew.  After a hello by the same on the same link
   all may come again, and is known. */
void
archivist_on_host(void *ctx, const struct hook_host *host)
{
	struct archive *archive = ctx;

	if (!host->up || host->anew)
		intake_reset(archive->intake, host->domain, host->up);
	reading_end_all(archive->readers, host);
	if (host->up) {
		archive->hellos++;
		desk_open(archive, host);
	} else {
		court_leave(archive->court, host);
	}
}

/* NULL: all is well. */
static const char *
trouble_of(const struct archive *archive)
{
	if (!journal_is_open(archive->journal))
		return "the journal is not open, see the log";
	if (!journal_is_up(archive->journal))
		return "the journal's disk fails, see the log";
	if (intake_is_full(archive->intake))
		return "the router's module sent more than may wait, see the "
		       "log";
	if (intake_held(archive->intake) > 0)
		return "the journal takes no more, see the log";
	return NULL;
}

void
archivist_add_missing(void *ctx, struct str *out)
{
	const struct archive *archive = ctx;
	const char *trouble = archive->journal == NULL ? NULL :
			      trouble_of(archive);

	if (trouble != NULL)
		str_addf(out, "%s\n", trouble);
	if (archive->court != NULL)
		court_add_missing(archive->court, out);
}

static const char *
alarm_of(const struct archive *archive, const struct journal_count *count)
{
	const char *trouble = trouble_of(archive);

	if (trouble == NULL)
		trouble = archive_outlet_trouble(archive->outlet);
	if (trouble != NULL)
		return trouble;
	if (count->bytes + count->aside_bytes > archive->journal_bytes / 2)
		return "the journal is more than half full";
	if (count->aside > 0)
		return "messages were put aside";
	if (archive->settings->held_max > 0 &&
	    archive->held > archive->settings->held_max / 2)
		return "more than half as much is held as may be";
	trouble = postoffice_alarm(archive->postoffice);
	return trouble != NULL ? trouble : "none";
}

void
archivist_status(void *ctx, struct call *call)
{
	const struct archive *archive = ctx;
	struct journal_count count;
	int64_t oldest;

	if (archive->journal == NULL)
		return;
	oldest = archive_outlet_oldest_secs(archive->outlet);
	count = journal_count(archive->journal);
	status_add(call, "waiting", "%" PRIu64 " messages, %" PRIu64
		   " bytes of %zu", count.entries, count.bytes,
		   archive->journal_bytes);
	if (oldest >= 0)
		status_add(call, "oldest", "%" PRId64 " s", oldest);
	else
		status_add(call, "oldest", "not known yet");
	status_add(call, "put aside", "%" PRIu64 " messages, %" PRIu64
		   " bytes", count.aside, count.aside_bytes);
	desk_status(archive, call);
	if (archive->court != NULL)
		court_add_status(archive->court, call);
	lapse_status(archive, call);
	retention_status(archive->retention, call);
	postoffice_status(archive->postoffice, call);
	status_add(call, "alarm", "%s", alarm_of(archive, &count));
}
