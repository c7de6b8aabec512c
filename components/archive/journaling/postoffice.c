#include "components/archive/journaling/postoffice.h"

#include <inttypes.h>
#include <stdlib.h>

#include "components/archive/archive.h"
#include "components/archive/journaling/arrears.h"
#include "components/archive/journaling/journaling.h"
#include "components/archive/journaling/post.h"
#include "components/archive/journaling/postman.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/setting.h"
#include "shared/store.h"
#include "shared/str.h"

struct postoffice {
	struct archive *archive;
	struct postman **men;	/* in the order of the sections */
	size_t count;
	struct metric *counts[POSTMAN_COUNTS];
};

static struct arrears_count
count_of(const struct postman *man)
{
	return arrears_count(postman_arrears(man));
}

static double
count_waiting(void *ctx)
{
	const struct postoffice *office = ctx;
	uint64_t sum = 0;

	for (size_t i = 0; i < office->count; i++)
		sum += count_of(office->men[i]).waiting;
	return (double)sum;
}

static double
count_aside(void *ctx)
{
	const struct postoffice *office = ctx;
	uint64_t sum = 0;

	for (size_t i = 0; i < office->count; i++)
		sum += count_of(office->men[i]).aside;
	return (double)sum;
}

static double
find_oldest(void *ctx)
{
	const struct postoffice *office = ctx;
	int64_t oldest = 0;

	for (size_t i = 0; i < office->count; i++) {
		int64_t secs = count_of(office->men[i]).oldest_secs;

		if (secs > oldest)
			oldest = secs;
	}
	return (double)oldest;
}

static double
has_alarm(void *ctx)
{
	return postoffice_alarm(ctx) != NULL;
}

static void
add_counts(struct postoffice *office)
{
	static const char *const outcomes[POSTMAN_COUNTS] = {
		[POSTMAN_SENT] = "outcome=\"sent\"",
		[POSTMAN_REFUSED] = "outcome=\"refused\"",
		[POSTMAN_FAILED] = "outcome=\"failed\"",
		[POSTMAN_ASIDE] = "outcome=\"set_aside\"",
	};

	for (size_t i = 0; i < POSTMAN_COUNTS; i++)
		office->counts[i] = metric_counter(
			office->archive->runtime->metrics,
			"annex_archive_mails_total", outcomes[i],
			"Mails to archives of mail, by what became of them.");
}

static void
add_gauges(struct postoffice *office)
{
	struct metrics *metrics = office->archive->runtime->metrics;

	metric_gauge_fn(metrics, "annex_archive_mails_waiting", "",
			"Messages that are still to be mailed.",
			count_waiting, office);
	metric_gauge_fn(metrics, "annex_archive_mails_oldest_seconds", "",
			"Age of the oldest of these.", find_oldest, office);
	metric_gauge_fn(metrics, "annex_archive_mails_aside", "",
			"Messages whose mails were refused, and are not sent "
			"any more.", count_aside, office);
	metric_gauge_fn(metrics, "annex_archive_mails_alarm", "",
			"Whether they wait too long, or some were set aside.",
			has_alarm, office);
}

static struct postman *
take_man(struct postman **men, size_t count, const char *title)
{
	for (size_t i = 0; i < count; i++) {
		struct postman *man = men[i];

		if (man != NULL && str_same(postman_title(man), title)) {
			men[i] = NULL;
			return man;
		}
	}
	return NULL;
}

static struct postman *
employ(struct postoffice *office, struct postman *man,
       const struct setting_titled *titled)
{
	struct journaling *journaling = journaling_new(
		titled, office->archive->groups);

	if (man == NULL)
		return postman_new(office->archive, journaling,
				   office->counts);
	postman_reload(man, journaling);
	return man;
}

static void
dismiss(struct postman **men, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (men[i] != NULL)
			postman_free(&men[i]);
	free(men);
}

static void
close_others(struct postoffice *office, const struct setting_titled *titled)
{
	const char **titles = calloc(office->count + 1, sizeof(*titles));

	ensure(titles != NULL);
	for (size_t i = 0; i < office->count; i++)
		titles[i] = titled[i].title;
	post_close_others(office->archive->runtime->store,
			  office->archive->runtime->domain, titles);
	free(titles);
}

static void
on_gone(void *ctx, const struct store_result *result, const struct error *err)
{
	(void)ctx;
	for (size_t i = 0; err == NULL && i < store_rows(result); i++)
		log_warning("journaling \"%s\" of %s: its daemon is gone, "
			    "and %" PRId64 " messages wait; annexctl archive "
			    "journal forget removes them",
			    store_get_text(result, i, 0),
			    store_get_text(result, i, 2),
			    store_get_int(result, i, 1));
}

void
postoffice_reload(struct postoffice *office,
		  const struct setting_titled *titled)
{
	struct postman **men = office->men;
	size_t count = office->count;

	office->count = 0;
	while (titled[office->count].title != NULL)
		office->count++;
	office->men = calloc(office->count + 1, sizeof(struct postman *));
	ensure(office->men != NULL);
	close_others(office, titled);
	post_find_gone(office->archive->runtime->store,
		       office->archive->runtime->domain, on_gone, NULL);
	for (size_t i = 0; i < office->count; i++)
		office->men[i] = employ(office, take_man(men, count,
							 titled[i].title),
					&titled[i]);
	dismiss(men, count);
}

struct postoffice *
postoffice_new(struct archive *archive, const struct setting_titled *titled)
{
	struct postoffice *office = calloc(1, sizeof(*office));

	ensure(office != NULL);
	office->archive = archive;
	add_counts(office);
	add_gauges(office);
	postoffice_reload(office, titled);
	return office;
}

void
postoffice_stop(struct postoffice *office)
{
	dismiss(office->men, office->count);
	office->men = NULL;
	office->count = 0;
}

void
postoffice_free(struct postoffice **office)
{
	free(*office);
	*office = NULL;
}

const char *
postoffice_alarm(const struct postoffice *office)
{
	for (size_t i = 0; i < office->count; i++) {
		const char *alarm = arrears_alarm(
			postman_arrears(office->men[i]));

		if (alarm != NULL)
			return alarm;
	}
	return NULL;
}

void
postoffice_status(const struct postoffice *office, struct call *call)
{
	for (size_t i = 0; i < office->count; i++)
		postman_status(office->men[i], call);
}
