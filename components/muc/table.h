/*
 * table.h - uthash with tables that begin small, since most rooms are small
 * and each has three, and with a hash that is quick with addresses: every
 * message is looked up by four.
 */
#ifndef MUC_TABLE_H
#define MUC_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Eight bytes at a time; each step carries every bit to those above it, by the
   golden ratio, and these back down. */
static inline uint64_t
table_mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static inline unsigned
table_hash(const char *key, size_t len)
{
	uint64_t hash = len, word;

	for (; len >= sizeof(word); key += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, key, sizeof(word));
		hash = table_mix(hash, word);
	}
	word = 0;
	memcpy(&word, key, len);
	return (unsigned)table_mix(hash, word);
}

#define HASH_FUNCTION(key, len, hash) ((hash) = table_hash((key), (len)))
#define HASH_INITIAL_NUM_BUCKETS 4U
#define HASH_INITIAL_NUM_BUCKETS_LOG2 2U

#include <uthash.h>

#endif
