/*
 * stanza.h - messages, presence and IQs (RFC 6120 section 8).
 */
#ifndef SHARED_STANZA_H
#define SHARED_STANZA_H

struct arena;
struct error;
struct jid;
struct xml;

enum stanza_kind {
	STANZA_MESSAGE,
	STANZA_PRESENCE,
	STANZA_IQ,
};

struct stanza {
	enum stanza_kind kind;
	struct xml *el;		/* in NS_CLIENT, whatever the stream's */
	const char *type;	/* "" when absent */
	const char *id;		/* NULL when absent */
	const struct jid *from;
	const struct jid *to;
};

/* Understands el, which it changes from NS_COMPONENT to NS_CLIENT in place,
   and what is in el as far as it has the same namespace.  Returns 0, or -1:
   ERROR_JID_MALFORMED for a bad address, ERROR_BAD_REQUEST for a kind, type
   or id that RFC 6120 forbids.  stanza_r then holds what was understood, for
   stanza_error(). */
int stanza_parse(struct arena *arena, struct xml *el,
		 struct stanza *stanza_r, struct error *err);

/* The same of one that a router has let pass, or that is kept of it: its
   addresses are as jid_routed() has them. */
int stanza_parse_routed(struct arena *arena, struct xml *el,
			struct stanza *stanza_r, struct error *err);

/* The name of its element. */
const char *stanza_kind_name(enum stanza_kind kind);

/* A stanza with its attributes; NULL or "" leaves one out.  kind is "message",
   "presence" or "iq". */
struct xml *stanza_new(struct arena *arena, const char *kind,
		       const char *from, const char *to, const char *type);

/* An empty result to an IQ, with addresses exchanged. */
struct xml *stanza_result(struct arena *arena, const struct stanza *iq);

/* The error that answers a stanza, its payload returned in it.  by names the
   entity that says so, or is NULL (never on an IQ).  NULL when no answer is
   allowed: errors and results get none, nor do stanzas without from
   (RFC 6120 section 8.3.1). */
struct xml *stanza_error(struct arena *arena, const struct stanza *stanza,
			 const struct error *err, const char *by);

/* Reads the <error/> of a stanza of type error; ERROR_UNDEFINED_CONDITION
   when there is none that could be understood. */
void stanza_read_error(struct arena *arena, const struct xml *el,
		       struct error *err_r);

#endif
