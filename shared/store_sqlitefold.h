/*
 * store_sqlitefold.h - SQLite's lower(), for all letters: its own knows those
 * of ASCII alone, PostgreSQL's those of its locale.
 */
#ifndef SHARED_STORE_SQLITEFOLD_H
#define SHARED_STORE_SQLITEFOLD_H

struct sqlite3;

/* Returns SQLite's code. */
int store_sqlitefold_add(struct sqlite3 *db);

#endif
