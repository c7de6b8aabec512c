#include "t/bench/pace.h"

void
pace_begin(struct pace *pace, double now, unsigned rate, unsigned seconds)
{
	*pace = (struct pace){
		.start = now, .step = 1.0 / rate,
		.count = (unsigned long long)rate * seconds,
	};
}

bool
pace_next(struct pace *pace, double now, double *due_r)
{
	double due = pace->start + (double)pace->done * pace->step;

	if (pace_is_over(pace) || due > now)
		return false;
	pace->done++;
	*due_r = due;
	return true;
}

bool
pace_is_over(const struct pace *pace)
{
	return pace->done == pace->count;
}
