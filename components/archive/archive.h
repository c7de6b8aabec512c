/*
 * archive.h - the service: its settings, and what it consists of.
 */
#ifndef ARCHIVE_ARCHIVE_H
#define ARCHIVE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/component.h"
#include "shared/serial.h"

struct claim;
struct compliance;
struct court;
struct groups;
struct held_entry;
struct intake;
struct journal;
struct lapse;
struct legacy;
struct metric;
struct archive_outlet;
struct pledge;
struct postoffice;
struct preferences;
struct readers;
struct removals;
struct reminders;
struct retention;
struct retraction;

struct archive_settings {
	struct component_settings component;
	const char *journal;
	size_t journal_bytes;
	unsigned page_max;
	bool preferences;
	const char *default_preference;
	const char *const *auditors;
	const char *const *reviewers;
	const struct setting_titled *group;
	const struct setting_titled *rule;
	const struct setting_titled *policy;
	const struct setting_titled *events;
	const struct setting_titled *disclosure;
	const struct setting_titled *journaling;
	const struct setting_titled *compliance;
	const char *const *retention;
	unsigned retention_pause;
	unsigned held_for;
	unsigned held_max;
	const char *retract;
	bool rooms_elsewhere;
};

extern const struct setting archive_settings_table[];

/* What became of copies of messages. */
enum archive_count {
	ARCHIVE_COUNT_KEPT,	/* the journal has them */
	ARCHIVE_COUNT_PASSED,	/* not worth keeping, or not to be kept */
	ARCHIVE_COUNT_REFUSED,	/* not understood, or too large */
	ARCHIVE_COUNT_LOST,	/* before they came here */
	ARCHIVE_COUNTS,
};

struct archive {
	struct runtime *runtime;	/* NULL: it has left, with the journal
					   not closed */
	const struct archive_settings *settings;
	size_t journal_bytes;		/* the setting, at the start */
	struct journal *journal;	/* NULL: it is closed, or closing */
	bool closed;			/* it is closed */
	struct intake *intake;
	struct archive_outlet *outlet;
	struct postoffice *postoffice;
	struct compliance *compliance;
	struct pledge *pledge;	/* NULL: it has stopped */
	struct preferences *preferences;
	struct removals *removals;
	struct readers *readers;
	struct groups *groups;
	struct court *court;	/* NULL: nothing is judged any more */
	struct claim *claims;	/* of what is held */
	unsigned hellos;	/* of hosts, so far */
	struct held_entry *entries;	/* on their way into the database, or
					   out of it again */
	/* As it was some seconds ago: all, those for reviewers, and since when
	   the oldest is; 0: there is none. */
	uint64_t held, held_for_review;
	uint64_t held_since_then;	/* what came meanwhile, and is not in
					   that */
	int64_t held_since;
	struct lapse *lapse;
	struct retention *retention;
	struct reminders *disclosed;	/* conversations, to those in them */
	struct retraction *retraction;	/* NULL: it has stopped */
	struct legacy *legacy;	/* is being imported; or NULL */
	struct serial serial;		/* tells when each came; the outlet
					   makes of it what is stored */
	struct metric *counts[ARCHIVE_COUNTS];
	struct metric *cut;		/* kept, but not the whole of it */
	struct metric *refused;	/* not held, as there was no room */
	struct metric *noted, *missed;	/* events */
};

void archive_add_metrics(struct archive *archive);
void archive_add(struct archive *archive, enum archive_count what,
		 uint64_t n);

#endif
