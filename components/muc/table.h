/*
 * table.h - uthash with tables that begin small, since most rooms are small
 * and each has three.
 */
#ifndef MUC_TABLE_H
#define MUC_TABLE_H

#define HASH_INITIAL_NUM_BUCKETS 4U
#define HASH_INITIAL_NUM_BUCKETS_LOG2 2U

#include <uthash.h>

#endif
