/*
 * pseudonym.h - what tells that an occupant is one whom others knew before, by
 * whatever nick, and nothing else about him (XEP-0421).
 *
 * It is made of the bare address with a key that the room has for that alone.
 * So it is the same at each visit, and another one in each room; whoever knows
 * an address cannot find the pseudonym, nor the other way round.
 */
#ifndef MUC_PSEUDONYM_H
#define MUC_PSEUDONYM_H

struct arena;
struct str;
struct xml;

/* As texts. */
#define PSEUDONYM_SIZE 33
#define PSEUDONYM_KEY_SIZE 65

/* A fresh key, which nobody can guess. */
void pseudonym_make_key(char key_r[PSEUDONYM_KEY_SIZE]);

void pseudonym_make(const char *key, const char *jid,
		    char pseudonym_r[PSEUDONYM_SIZE]);

/* Adds it to what a stanza holds, in which there is none: filter.h. */
void pseudonym_print(struct str *out, const char *pseudonym);
struct xml *pseudonym_add(struct arena *arena, struct xml *stanza,
			  const char *pseudonym);

#endif
