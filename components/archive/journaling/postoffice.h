/*
 * postoffice.h - the mailing of messages to archives of mail, by the sections
 * journaling of the configuration.
 */
#ifndef ARCHIVE_POSTOFFICE_H
#define ARCHIVE_POSTOFFICE_H

struct archive;
struct call;
struct postoffice;
struct setting_titled;

/* The sections have been checked. */
struct postoffice *postoffice_new(struct archive *archive,
				  const struct setting_titled *titled);
void postoffice_reload(struct postoffice *office,
		       const struct setting_titled *titled);
/* Before the store is closed.  Nothing more is sent. */
void postoffice_stop(struct postoffice *office);
/* Once it was stopped, and nobody asks for metrics any more. */
void postoffice_free(struct postoffice **office);

/* What wants somebody's attention, or NULL. */
const char *postoffice_alarm(const struct postoffice *office);
/* Adds a line for each section to the status command. */
void postoffice_status(const struct postoffice *office, struct call *call);

#endif
