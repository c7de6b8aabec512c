/*
 * arrival.h - what is told when somebody has entered, to all who are inside
 * and to the newcomer (XEP-0045 section 7.2).
 */
#ifndef MUC_ARRIVAL_H
#define MUC_ARRIVAL_H

#include <stdbool.h>
#include <stddef.h>

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

/* What only the newcomer gets, after the presence of those who were there: the
   absent, and his own presence. */
void arrival_greet(const struct arrival *arrival);
/* What he gets then: history and subject.  to is NULL for all who are gathered
   (fanout.h).  Returns what that was, whose bytes are to be charged to
   each. */
struct history_sent arrival_settle(const struct arrival *arrival,
				   const struct session *to);
void arrival_charge(const struct arrival *arrival, size_t bytes);
/* Whether both get the same then. */
bool arrival_is_same(const struct arrival *a, const struct arrival *b);

#endif
