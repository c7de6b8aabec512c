/*
 * handlers.h - what can be done in rooms, one file each.
 */
#ifndef MUC_HANDLERS_H
#define MUC_HANDLERS_H

#include "shared/component.h"

/* enter.c: sections 7.1, 7.2, 10.1; and where all presence comes first. */
handler_fn muc_on_presence;
handler_fn muc_on_presence_to_room;

/* leave.c: 7.14 and 11.1. */
handler_fn muc_on_error;

/* talk.c: 7.4; private.c: 7.5; subject.c: 8.1. */
handler_fn muc_on_groupchat;
handler_fn muc_on_groupchat_to_occupant;
handler_fn muc_on_private;
handler_fn muc_on_subject;

/* invite.c: 7.8; voice.c: 7.13, 8.6; what else comes to a room: 17.2. */
handler_fn muc_on_invite;
handler_fn muc_on_form;
handler_fn muc_on_message_to_room;

/* list.c, change.c: 8 and 9. */
handler_fn muc_on_list;
handler_fn muc_on_change;

/* owner.c: 10. */
handler_fn muc_on_owner_get;
handler_fn muc_on_owner_set;

/* register.c: 7.10, 9.9. */
handler_fn muc_on_register_get;
handler_fn muc_on_register_set;

/* info.c: 6.3 to 6.6. */
handler_fn muc_on_rooms;
handler_fn muc_on_room_info;
handler_fn muc_on_room_items;

/* lookback.c: XEP-0313. */
handler_fn muc_on_archive_form;
handler_fn muc_on_archive_query;
handler_fn muc_on_archive_ends;

/* moderate.c: XEP-0425. */
handler_fn muc_on_moderate;

/* relay.c: 17.4. */
handler_fn muc_on_iq_to_occupant;
handler_fn muc_on_ping_to_room;

#endif
