#include "t/bench/plan.h"

#include <stdlib.h>
#include <unistd.h>

#include "t/bench/figure.h"

static void
set(struct plan *plan, int opt)
{
	if (opt == 'h')
		plan->host = optarg;
	else if (opt == 'p')
		plan->port = figure_read(optarg);
	else if (opt == 'r')
		plan->room = optarg;
	else if (opt == 'n')
		plan->people = figure_read(optarg);
	else if (opt == 's')
		plan->seconds = figure_read(optarg);
	else if (opt == 'w')
		plan->window = figure_read(optarg);
	else if (opt == 'm')
		plan->rate = figure_read(optarg);
	else if (opt == 'R')
		plan->router = (pid_t)figure_read(optarg);
	else if (opt == 'C')
		plan->component = (pid_t)figure_read(optarg);
	else
		exit(2);
}

struct plan
plan_read(int argc, char **argv)
{
	struct plan plan = { .host = "example.net", .port = 5222,
			     .room = "room@rooms.example.net", .people = 100,
			     .seconds = 5, .window = 64 };
	int opt;

	while ((opt = getopt(argc, argv, "h:p:r:n:s:w:m:R:C:")) != -1)
		set(&plan, opt);
	return plan;
}

struct cost
plan_cost(const struct plan *plan)
{
	return cost_now(plan->router, plan->component);
}
