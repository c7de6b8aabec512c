/*
 * note.h - events on their way into the journal.
 */
#ifndef ARCHIVE_NOTE_H
#define ARCHIVE_NOTE_H

struct archive;
struct archive_event;
struct hook_event;

void note_add_metrics(struct archive *archive);

/* Puts one in, without its mark, whose cause is a hook's event: the one of that
   number by it, from 0.  There is a journal.  What it does not take is counted,
   and the log says so. */
void note_put(struct archive *archive, const struct hook_event *cause,
	      const struct archive_event *event, unsigned number);

#endif
