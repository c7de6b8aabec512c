#include "shared/journal_level.h"

#include <inttypes.h>
#include <stddef.h>

#include "shared/log.h"

static struct metric *
gauge(struct journal_level *level, struct metrics *metrics, const char *name,
      const char *help)
{
	return metrics == NULL ? &level->unseen :
	       metric_gauge(metrics, name, "", help);
}

static void
init_metrics(struct journal_level *level, struct metrics *metrics)
{
	level->entries_metric = gauge(level, metrics, "annex_journal_entries",
		"Entries that wait to be taken.");
	level->bytes_metric = gauge(level, metrics, "annex_journal_bytes",
		"Bytes of the entries that wait.");
	level->limit_metric = gauge(level, metrics,
		"annex_journal_limit_bytes",
		"Bytes at which the journal is full, put aside or waiting.");
	level->aside_metric = gauge(level, metrics, "annex_journal_aside",
		"Entries that were put aside, as the database refused them.");
	level->aside_bytes_metric = gauge(level, metrics,
		"annex_journal_aside_bytes",
		"Bytes of the entries that were put aside.");
	level->high_metric = gauge(level, metrics, "annex_journal_high",
		"Whether the journal is half full.");
	level->failed_metric = metrics == NULL ? &level->unseen :
		metric_counter(metrics, "annex_journal_failed_total", "",
			       "Entries that could not be kept.");
}

void
journal_level_init(struct journal_level *level, uint64_t limit_bytes,
		   struct metrics *metrics)
{
	*level = (struct journal_level){ .limit_bytes = limit_bytes };
	init_metrics(level, metrics);
	metric_set(level->limit_metric, limit_bytes);
}

static uint64_t
kept_bytes(const struct journal_level *level)
{
	return level->bytes + level->aside_bytes;
}

bool
journal_level_has_room(const struct journal_level *level, uint64_t bytes)
{
	return bytes <= level->limit_bytes &&
	       kept_bytes(level) <= level->limit_bytes - bytes;
}

void
journal_level_turn_away(struct journal_level *level)
{
	if (level->turned_away++ == 0)
		log_error("journal: full with %" PRIu64 " bytes, from now on "
			  "new entries are turned away", kept_bytes(level));
	metric_add(level->failed_metric, 1);
}

void
journal_level_fail(struct journal_level *level)
{
	metric_add(level->failed_metric, 1);
}

/* The mark is half of the limit; what goes up and down around it is told
   once. */
static void
look_at_mark(struct journal_level *level)
{
	uint64_t mark = level->limit_bytes / 2;

	if (!level->high && kept_bytes(level) > mark) {
		level->high = true;
		log_warning("journal: half full, %" PRIu64 " entries wait "
			    "and %" PRIu64 " were put aside", level->entries,
			    level->aside);
	} else if (level->high && kept_bytes(level) < mark - mark / 4) {
		level->high = false;
		log_info("journal: no longer half full, %" PRIu64 " entries "
			 "wait", level->entries);
	}
	metric_set(level->high_metric, level->high);
}

static void
look_at_limit(struct journal_level *level)
{
	if (level->turned_away == 0 ||
	    kept_bytes(level) > level->limit_bytes - level->limit_bytes / 8)
		return;
	log_warning("journal: has room again, %" PRIu64 " entries were "
		    "turned away", level->turned_away);
	level->turned_away = 0;
}

static void
show(struct journal_level *level)
{
	metric_set(level->entries_metric, level->entries);
	metric_set(level->bytes_metric, level->bytes);
	metric_set(level->aside_metric, level->aside);
	metric_set(level->aside_bytes_metric, level->aside_bytes);
	look_at_mark(level);
	look_at_limit(level);
}

void
journal_level_add(struct journal_level *level, uint64_t entries,
		  uint64_t bytes)
{
	level->entries += entries;
	level->bytes += bytes;
	show(level);
}

static void
take_off(uint64_t *from, uint64_t n)
{
	*from -= n < *from ? n : *from;
}

/* The file may hold more than was counted: what the store did twice. */
void
journal_level_remove(struct journal_level *level, uint64_t entries,
		     uint64_t bytes)
{
	take_off(&level->entries, entries);
	take_off(&level->bytes, bytes);
	show(level);
}

void
journal_level_add_aside(struct journal_level *level, uint64_t entries,
			uint64_t bytes)
{
	level->aside += entries;
	level->aside_bytes += bytes;
	show(level);
}

void
journal_level_put_aside(struct journal_level *level, uint64_t bytes)
{
	take_off(&level->entries, 1);
	take_off(&level->bytes, bytes);
	journal_level_add_aside(level, 1, bytes);
}
