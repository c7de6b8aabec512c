/*
 * lookback.h - somebody looks back at what was said in a room (XEP-0313
 * section 6.1.2).
 *
 * Results go by the link, one after the other, and the answer behind them.
 */
#ifndef MUC_LOOKBACK_H
#define MUC_LOOKBACK_H

struct arena;
struct lookback;
struct muc;
struct room;
struct xml;

/* Adds what disco tells of the room's archive, where it has one. */
void lookback_add_features(const struct room *room, struct arena *arena,
			   struct xml *query);

/* Those who wait for the journal wait no more: it is going to be closed. */
void lookback_stop(struct muc *muc);

#endif
