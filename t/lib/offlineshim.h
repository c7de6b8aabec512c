/*
 * offlineshim.h - the shim of offlinebed's host: what it tells and asks
 * annex-offline.
 *
 * Each lets the database answer, and returns what was sent, as
 * offlinebed_receive() does.
 */
#ifndef T_LIB_OFFLINESHIM_H
#define T_LIB_OFFLINESHIM_H

#include <stddef.h>

struct offlinebed;

/* Asks for a message to be stored, whose text and id of the request are its
   id.  jid is its user, sender a full address. */
const char *offlineshim_store(struct offlinebed *bed, const char *jid,
			      const char *id, const char *sender);
/* The request alone. */
const char *offlineshim_store_text(struct offlinebed *bed, const char *jid,
				   const char *id, const char *sender);
/* ids are a line each. */
const char *offlineshim_withdraw(struct offlinebed *bed, const char *jid,
				 const char *ids);

/* A session, its full address, comes or goes.  presence is what it says in its
   presence. */
const char *offlineshim_online(struct offlinebed *bed, const char *session,
			       const char *presence);
const char *offlineshim_offline(struct offlinebed *bed, const char *session);

/* A session asks its account, by an IQ of that type with that payload. */
const char *offlineshim_delegate(struct offlinebed *bed, const char *session,
				 const char *type, const char *payload);
/* The same with that in <offline/> (XEP-0013). */
const char *offlineshim_ask(struct offlinebed *bed, const char *session,
			    const char *type, const char *content);

/* The id of the first request in what was sent. */
const char *offlineshim_id(struct offlinebed *bed, const char *sent);
/* Answers that request. */
const char *offlineshim_done(struct offlinebed *bed, const char *sent);
const char *offlineshim_fail(struct offlinebed *bed, const char *sent,
			     const char *condition);

/* How often the text is in what was sent. */
size_t offlineshim_times(const char *sent, const char *text);

#endif
