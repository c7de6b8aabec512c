#include "shared/metric.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "shared/error.h"
#include "shared/str.h"

struct sample {
	struct metric metric;	/* what is handed out */
	char *labels;
	double (*fn)(void *ctx);	/* NULL: the metric's value */
	void *ctx;
	struct sample *next;
};

/* All samples of one name, which have to stand together in the output. */
struct family {
	char *name;
	char *help;
	const char *type;
	struct sample *samples;
	struct family *next;
};

struct metrics {
	struct family *families;
};

struct metrics *
metrics_new(void)
{
	struct metrics *metrics;

	ensure((metrics = calloc(1, sizeof(*metrics))) != NULL);
	return metrics;
}

static void
family_free(struct family *family)
{
	struct sample *sample, *next;

	LL_FOREACH_SAFE(family->samples, sample, next) {
		free(sample->labels);
		free(sample);
	}
	free(family->name);
	free(family->help);
	free(family);
}

void
metrics_free(struct metrics **metrics)
{
	struct family *family, *next;

	if (*metrics == NULL)
		return;
	LL_FOREACH_SAFE((*metrics)->families, family, next)
		family_free(family);
	free(*metrics);
	*metrics = NULL;
}

static struct family *
family_get(struct metrics *metrics, const char *name, const char *type,
	   const char *help)
{
	struct family *family;

	LL_FOREACH(metrics->families, family) {
		if (strcmp(family->name, name) != 0)
			continue;
		ensure(strcmp(family->type, type) == 0);
		return family;
	}

	ensure((family = calloc(1, sizeof(*family))) != NULL);
	family->name = str_dup(name);
	family->help = str_dup(help);
	family->type = type;
	LL_APPEND(metrics->families, family);
	return family;
}

/* The same name and labels twice are one metric: two lines alike would make
   the whole page invalid. */
static struct sample *
sample_get(struct family *family, const char *labels)
{
	struct sample *sample;

	LL_FOREACH(family->samples, sample)
		if (strcmp(sample->labels, labels) == 0)
			return sample;

	ensure((sample = calloc(1, sizeof(*sample))) != NULL);
	sample->labels = str_dup(labels);
	LL_APPEND(family->samples, sample);
	return sample;
}

struct metric *
metric_counter(struct metrics *metrics, const char *name, const char *labels,
	       const char *help)
{
	struct family *family = family_get(metrics, name, "counter", help);

	return &sample_get(family, labels)->metric;
}

struct metric *
metric_gauge(struct metrics *metrics, const char *name, const char *labels,
	     const char *help)
{
	struct family *family = family_get(metrics, name, "gauge", help);

	return &sample_get(family, labels)->metric;
}

void
metric_gauge_fn(struct metrics *metrics, const char *name, const char *labels,
		const char *help, double (*fn)(void *ctx), void *ctx)
{
	struct family *family = family_get(metrics, name, "gauge", help);
	struct sample *sample = sample_get(family, labels);

	sample->fn = fn;
	sample->ctx = ctx;
}

void
metric_counter_fn(struct metrics *metrics, const char *name,
		  const char *labels, const char *help,
		  double (*fn)(void *ctx), void *ctx)
{
	struct family *family = family_get(metrics, name, "counter", help);
	struct sample *sample = sample_get(family, labels);

	sample->fn = fn;
	sample->ctx = ctx;
}

static void
print_help(struct str *out, const char *help)
{
	for (; *help != '\0'; help++) {
		if (*help == '\\')
			str_addz(out, "\\\\");
		else if (*help == '\n')
			str_addz(out, "\\n");
		else
			str_addc(out, *help);
	}
}

static void
print_double(struct str *out, double value)
{
	if (isnan(value))
		str_addz(out, "NaN");
	else if (isinf(value))
		str_addz(out, value > 0 ? "+Inf" : "-Inf");
	else
		str_addf(out, "%.15g", value);
}

static void
print_sample(struct str *out, const struct family *family,
	     const struct sample *sample)
{
	str_addz(out, family->name);
	if (sample->labels[0] != '\0')
		str_addf(out, "{%s}", sample->labels);
	str_addc(out, ' ');
	if (sample->fn != NULL)
		print_double(out, sample->fn(sample->ctx));
	else
		str_addf(out, "%" PRIu64, sample->metric.value);
	str_addc(out, '\n');
}

void
metrics_print(const struct metrics *metrics, struct str *out)
{
	struct family *family;
	struct sample *sample;

	LL_FOREACH(metrics->families, family) {
		str_addf(out, "# HELP %s ", family->name);
		print_help(out, family->help);
		str_addf(out, "\n# TYPE %s %s\n", family->name, family->type);
		LL_FOREACH(family->samples, sample)
			print_sample(out, family, sample);
	}
}
