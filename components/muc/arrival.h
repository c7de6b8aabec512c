/*
 * arrival.h - what is told when somebody has entered, to all who are inside
 * and to the newcomer (XEP-0045 section 7.2).
 */
#ifndef MUC_ARRIVAL_H
#define MUC_ARRIVAL_H

#include "components/muc/history.h"
#include "components/muc/presence.h"

struct session;

struct arrival {
	struct session *session;
	struct history_request history;
	unsigned self[NOTICE_CODES];	/* for the newcomer alone */
};

/* Of one who entered, or who asks to be told all again (17.3). */
void arrival_tell(const struct arrival *arrival);

/* What the newcomer gets after the presence of those who were there: from the
   absent to the subject. */
void arrival_settle(const struct arrival *arrival);

#endif
