/*
 * ejabberd_record.h - a stored message as ejabberd keeps it in Mnesia: a record
 * offline_msg of its mod_offline.hrl, or archive_msg of its mod_mam.hrl, with
 * xmlel and jid as those of its libraries.
 */
#ifndef SHARED_EJABBERD_RECORD_H
#define SHARED_EJABBERD_RECORD_H

struct arena;
struct error;
struct spool_record;
struct term;

/* Sets all but the place.  Returns 0, or -1 with err when it is no such
   record; user and host are set as far as they are known. */
int ejabberd_record_read(struct arena *arena, const struct term *term,
			 struct spool_record *record, struct error *err);

#endif
