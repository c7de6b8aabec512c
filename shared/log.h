/*
 * log.h - what happened, on stderr, in UTC.
 *
 * One line an event, as text or as JSON, each with its level; under systemd
 * text lines carry the "<n>" priority.  Control characters in values are
 * escaped, so no peer can forge a line.
 */
#ifndef SHARED_LOG_H
#define SHARED_LOG_H

#include <stdbool.h>

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR,
};

/* For the whole process; may be changed at any time. */
void log_configure(const char *program, enum log_level level, bool json);
bool log_enabled(enum log_level level);

#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)

/* The format is "area: what happened", as in commits. */
void log_write(enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
