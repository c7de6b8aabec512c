#include "t/bench/usage.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* proc(5): utime and stime are the 14th and 15th field; the second may hold
   spaces and ends with the last ')'. */
static double
read_cpu(pid_t pid)
{
	char path[64], line[1024];
	unsigned long user = 0, system = 0;
	const char *rest;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (file == NULL)
		return 0;
	if (fgets(line, sizeof(line), file) != NULL &&
	    (rest = strrchr(line, ')')) != NULL)
		sscanf(rest + 1,
		       " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		       &user, &system);
	fclose(file);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double
read_rss(pid_t pid)
{
	char path[64], line[256];
	double rss_kb = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "VmRSS: %lf", &rss_kb) == 1)
			break;
	}
	fclose(file);
	return rss_kb;
}

struct usage
usage_of(pid_t pid)
{
	return (struct usage){ .cpu = read_cpu(pid),
			       .rss_kb = read_rss(pid) };
}

double
usage_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
