/*
 * plan.h - how a database goes about a statement of the archive.
 */
#ifndef T_LIB_PLAN_H
#define T_LIB_PLAN_H

struct database;

/* What PostgreSQL makes of prepared statements: a plan for their values, or one
   for all values. */
#define PLAN_MODES 2
void plan_mode(struct database *db, int mode);

/* The lines of the plan, which are the caller's.  PostgreSQL runs the statement
   for that, by values as EXECUTE has them; SQLite does neither. */
char *plan_find(struct database *db, const char *sql, const char *values);

/* Fails where a step of PostgreSQL's plan gives more rows than that. */
void plan_check_rows(const char *plan, long most);
/* Fails where a filter of it leaves out more rows than that. */
void plan_check_removed(const char *plan, long most);
/* Fails where it reads all of that table. */
void plan_check_scan(const char *plan, const char *table);
/* Fails where SQLite's begins with another step. */
void plan_check_first(const char *plan, const char *step);

#endif
