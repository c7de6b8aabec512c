/*
 * visit.h - whether somebody had voice when he left a moderated room, so that
 * he has it when he comes again, or has none (XEP-0045 section 5.1).
 *
 * It is kept in memory as long as the room, of those who left last.
 */
#ifndef MUC_VISIT_H
#define MUC_VISIT_H

#include "components/muc/role.h"

struct occupant;
struct room;

#define VISITS_MAX 1000

/* Somebody leaves who was not made to.  Moderators have voice. */
void visit_note(const struct occupant *who);
/* The account is kicked, or has another affiliation: all is as usual again. */
void visit_forget(struct room *room, const char *jid);
void visits_clear(struct room *room);

/* The role with which the account, a bare address, enters. */
enum role visit_role(const struct room *room, const char *jid,
		     enum affiliation affiliation);

#endif
