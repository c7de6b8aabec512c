/*
 * role.h - who may do what with the archive by XMPP.  Who may open the control
 * socket may do all.
 */
#ifndef ARCHIVE_ROLE_H
#define ARCHIVE_ROLE_H

#include <stdbool.h>

struct jid;

/* ctx is the archive: whether he may read everybody's messages.  An
   administrator is no auditor unless he is named as one. */
bool role_is_auditor(void *ctx, const struct jid *who);

#endif
