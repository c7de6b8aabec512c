#include "t/bench/cost.h"

#include <unistd.h>

#include "t/bench/figure.h"
#include "t/bench/usage.h"

struct cost
cost_now(pid_t router, pid_t component)
{
	return (struct cost){
		.time = usage_now(),
		.router = router != 0 ? usage_of(router).cpu : 0,
		.component = component != 0 ? usage_of(component).cpu : 0,
		.own = usage_of(getpid()).cpu,
	};
}

void
cost_show(const struct cost *since, const struct cost *now, const char *part)
{
	figure_show_part(part, "seconds", now->time - since->time);
	figure_show_part(part, "router_cpu", now->router - since->router);
	figure_show_part(part, "component_cpu",
			 now->component - since->component);
	figure_show_part(part, "load_cpu", now->own - since->own);
}
