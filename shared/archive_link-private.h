/*
 * archive_link-private.h - how messages are about each other, as parts of
 * statements.
 *
 * Between two people a message is named by the id that its sender gave to it,
 * or by its origin-id (XEP-0359); in a room by that of the room, but for edits
 * and fastenings, which name one of the same author's.  Only he who wrote it
 * edits or retracts it, or in a room a moderator, for whom the room speaks.
 */
#ifndef SHARED_ARCHIVE_LINK_PRIVATE_H
#define SHARED_ARCHIVE_LINK_PRIVATE_H

#include "shared/archive_cells.h"
#include "shared/ns.h"

#define ARCHIVE_LINK_TEXT(x) #x
#define ARCHIVE_LINK_NUMBER(x) ARCHIVE_LINK_TEXT(x)

/* How many messages of a sender are looked through. */
#define ARCHIVE_LINK_DEPTH 500
/* Of a message: how many about it are told, the first ones; and of an edit how
   many characters, of reactions bytes. */
#define ARCHIVE_LINK_MAX 50
#define ARCHIVE_LINK_CHARS 1000
#define ARCHIVE_LINK_BYTES 4096

/* The numbers are those of enum archive_relation: 1 a retraction, 2 an edit, 3
   a reaction, 4 a fastening. */
#define ARCHIVE_LINK_IS_OWN(relation) relation " IN (1, 2)"
#define ARCHIVE_LINK_IS_BY_ID(relation) relation " IN (2, 4)"

/* As xml_print() writes it. */
#define ARCHIVE_LINK_ORIGIN "<origin-id xmlns=''" NS_SID "'' id=''"

/* The uid of the last message from one to the other before p that p names.
   index says which to go by, origin(m) is the origin-id of m.  The limit is
   not known when it is planned, so that the order of the index is followed. */
#define ARCHIVE_LINK_LAST(index, origin, from, to) \
	"(SELECT x.uid FROM (SELECT o.serial, o.recipient, o.uid, o.id, " \
	"o.rest FROM archive_message AS o " index "WHERE o.sender = " from " " \
	"AND o.serial < p.serial ORDER BY o.serial DESC " \
	"LIMIT (SELECT " ARCHIVE_LINK_NUMBER(ARCHIVE_LINK_DEPTH) ")) AS x " \
	"WHERE x.recipient = " to " " \
	"AND (x.id = p.about OR " origin("x") " = p.about) " \
	"ORDER BY x.serial DESC LIMIT 1)"

/* The uid of the message that p is about; NULL: there is none. */
#define ARCHIVE_LINK_ORIGINAL(index, origin) \
	"CASE WHEN p.about IS NULL THEN NULL " \
	"WHEN p.type = 2 AND NOT " ARCHIVE_LINK_IS_BY_ID("p.relation") " " \
	"THEN (SELECT max(o.uid) FROM archive_message AS o " \
	"WHERE o.uid = p.about AND o.recipient + 0 = p.recipient " \
	"AND (p.relation <> 1 OR p.to_resource IS NULL " \
	"OR o.sender + 0 = p.sender)) " \
	"WHEN p.type = 2 OR " ARCHIVE_LINK_IS_OWN("p.relation") " THEN " \
	ARCHIVE_LINK_LAST(index, origin, "p.sender", "p.recipient") " " \
	"ELSE COALESCE(" \
	ARCHIVE_LINK_LAST(index, origin, "p.recipient", "p.sender") ", " \
	ARCHIVE_LINK_LAST(index, origin, "p.sender", "p.recipient") ") END"

/* Whether a message c that is about one of that id is about p. */
#define ARCHIVE_LINK_IS_ABOUT_TALK \
	"((c.sender + 0 = p.sender AND c.recipient + 0 = p.recipient) OR " \
	"(c.sender + 0 = p.recipient AND c.recipient + 0 = p.sender " \
	"AND NOT " ARCHIVE_LINK_IS_OWN("c.relation") "))"
#define ARCHIVE_LINK_IS_ABOUT_SAID \
	"c.recipient + 0 = p.recipient AND CASE " \
	"WHEN " ARCHIVE_LINK_IS_BY_ID("c.relation") " " \
	"THEN c.about <> p.uid AND c.sender + 0 = p.sender " \
	"WHEN c.about <> p.uid THEN false " \
	"ELSE c.relation <> 1 OR c.to_resource IS NULL " \
	"OR c.sender + 0 = p.sender END"

/* The columns of each message c about p, the first ones first; from their
   number on: relation, uid, serial, stamp, sender, resource, text. */
#define ARCHIVE_LINK_LIST(origin) \
	"SELECT c.relation, c.uid, c.serial, c.stamp, " \
	ARCHIVE_CELLS_JID("c.sender") " AS jid, " \
	"c.resource, CASE WHEN c.relation = 2 THEN " \
	"substr(c.body, 1, " ARCHIVE_LINK_NUMBER(ARCHIVE_LINK_CHARS) ") " \
	"WHEN c.relation = 3 AND length(c.rest) <= " \
	ARCHIVE_LINK_NUMBER(ARCHIVE_LINK_BYTES) " THEN c.rest END AS text " \
	"FROM archive_message AS c WHERE c.about IN (p.id, p.uid, " \
	origin("p") ") AND c.serial > p.serial AND CASE " \
	"WHEN (c.type = 2) <> (p.type = 2) THEN false " \
	"WHEN p.type <> 2 THEN " ARCHIVE_LINK_IS_ABOUT_TALK " " \
	"ELSE " ARCHIVE_LINK_IS_ABOUT_SAID " END " \
	"ORDER BY c.serial LIMIT " ARCHIVE_LINK_NUMBER(ARCHIVE_LINK_MAX)

#endif
