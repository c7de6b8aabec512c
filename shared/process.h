/*
 * process.h - what this process is and takes, as metrics.
 */
#ifndef SHARED_PROCESS_H
#define SHARED_PROCESS_H

struct metrics;

/* Those that every Prometheus client library has, by the usual names:
   process_resident_memory_bytes and so on; and the program's version as
   annex_COMPONENT_build_info. */
void process_add_metrics(struct metrics *metrics, const char *component);

#endif
