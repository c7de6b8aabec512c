/*
 * lapse.h - what is held and nobody has decided about: it is counted, and goes
 * by the setting held_for, after the audit log says so.
 */
#ifndef ARCHIVE_LAPSE_H
#define ARCHIVE_LAPSE_H

struct archive;
struct call;
struct lapse;

struct lapse *lapse_new(struct archive *archive);
/* By the settings, which may be others now. */
void lapse_begin(struct lapse *lapse);
/* Before the store is closed. */
void lapse_free(struct lapse **lapse);

/* A line of the status command. */
void lapse_status(const struct archive *archive, struct call *call);

#endif
