#include "shared/process.h"

#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "shared/metric.h"
#include "shared/str.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

/* Of /proc/self/stat, counted as in proc(5). */
enum stat_field {
	STAT_STARTTIME = 22,
	STAT_VSIZE = 23,
	STAT_RSS = 24,
};

/* One number of /proc/self/stat; NAN when it cannot be read. */
static double
read_stat(enum stat_field field)
{
	FILE *file = fopen("/proc/self/stat", "re");
	char line[1024];
	uint64_t value;
	char *at = NULL;

	if (file == NULL)
		return NAN;
	/* The second field is the program's name and may hold anything. */
	if (fgets(line, sizeof(line), file) != NULL)
		at = strrchr(line, ')');
	fclose(file);
	for (int i = 2; at != NULL && i < (int)field; i++)
		at = strchr(at + 1, ' ');
	if (at == NULL || sscanf(at, "%" SCNu64, &value) != 1)
		return NAN;
	return (double)value;
}

static double
resident_bytes(void *ctx)
{
	(void)ctx;
	return read_stat(STAT_RSS) * (double)sysconf(_SC_PAGESIZE);
}

static double
virtual_bytes(void *ctx)
{
	(void)ctx;
	return read_stat(STAT_VSIZE);
}

/* The kernel counts from its own start. */
static double
start_time(void *ctx)
{
	struct timespec real, boot;

	(void)ctx;
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (double)(real.tv_sec - boot.tv_sec) +
	       (double)(real.tv_nsec - boot.tv_nsec) / 1e9 +
	       read_stat(STAT_STARTTIME) / (double)sysconf(_SC_CLK_TCK);
}

static double
cpu_seconds(void *ctx)
{
	struct rusage usage;
	struct timeval sum;

	(void)ctx;
	if (getrusage(RUSAGE_SELF, &usage) < 0)
		return NAN;
	timeradd(&usage.ru_utime, &usage.ru_stime, &sum);
	return (double)sum.tv_sec + (double)sum.tv_usec / 1e6;
}

static double
open_descriptors(void *ctx)
{
	DIR *dir = opendir("/proc/self/fd");
	/* "." and "..", and the folder's own. */
	double count = -3;

	(void)ctx;
	if (dir == NULL)
		return NAN;
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static double
max_descriptors(void *ctx)
{
	struct rlimit limit;

	(void)ctx;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return NAN;
	return limit.rlim_cur == RLIM_INFINITY ? INFINITY :
	       (double)limit.rlim_cur;
}

static double
one(void *ctx)
{
	(void)ctx;
	return 1;
}

static void
add_build_info(struct metrics *metrics, const char *component)
{
	struct str name = { 0 };

	str_addf(&name, "annex_%s_build_info", component);
	metric_gauge_fn(metrics, name.data,
			"version=\"" PACKAGE_VERSION "\"",
			"The program's version; always 1.", one, NULL);
	str_fini(&name);
}

void
process_add_metrics(struct metrics *metrics, const char *component)
{
	static const struct {
		const char *name, *help;
		double (*fn)(void *ctx);
	} gauges[] = {
		{ "process_resident_memory_bytes",
		  "Resident memory size in bytes.", resident_bytes },
		{ "process_virtual_memory_bytes",
		  "Virtual memory size in bytes.", virtual_bytes },
		{ "process_start_time_seconds",
		  "When the process started, in seconds since 1970.",
		  start_time },
		{ "process_open_fds", "Open file descriptors.",
		  open_descriptors },
		{ "process_max_fds", "Most file descriptors allowed.",
		  max_descriptors },
	};

	add_build_info(metrics, component);
	for (size_t i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++)
		metric_gauge_fn(metrics, gauges[i].name, "", gauges[i].help,
				gauges[i].fn, NULL);
	metric_counter_fn(metrics, "process_cpu_seconds_total", "",
			  "Processor time spent in seconds.", cpu_seconds,
			  NULL);
}
