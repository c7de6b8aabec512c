#include "t/bench/latency.h"

#include <math.h>
#include <stddef.h>

#include "t/bench/figure.h"

/* Each step is 2 ^ (1 / LATENCY_STEPS) times the one before. */
void
latency_add(struct latency *latency, double secs)
{
	double step = secs * 1e6 > 1 ?
			      ceil(log2(secs * 1e6) * LATENCY_STEPS) : 0;
	unsigned last = LATENCY_OCTAVES * LATENCY_STEPS - 1;

	latency->steps[step < last ? (unsigned)step : last]++;
	latency->count++;
}

double
latency_share(const struct latency *latency, double share)
{
	double wanted = share * (double)latency->count, found = 0;
	unsigned step = 0;

	if (latency->count == 0)
		return 0;
	for (; step < LATENCY_OCTAVES * LATENCY_STEPS - 1; step++) {
		found += (double)latency->steps[step];
		if (found >= wanted && found > 0)
			break;
	}
	return exp2((double)step / LATENCY_STEPS) / 1e6;
}

void
latency_show(const struct latency *latency, const char *part)
{
	static const struct {
		const char *name;
		double share;
	} shares[] = {
		{ "p50_ms", 0.5 }, { "p95_ms", 0.95 }, { "p99_ms", 0.99 },
		{ "max_ms", 1 },
	};

	for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++)
		figure_show_part(part, shares[i].name,
				 latency_share(latency, shares[i].share) *
					 1e3);
}
