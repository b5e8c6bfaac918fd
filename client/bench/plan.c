#include "client/bench/plan.h"

#include "base/base.h"

#define SECOND_NS UINT64_C(1000000000)

/* Of a plan with a rate. */
static uint64_t
start_of(const struct plan *plan, uint64_t number)
{
	return plan->begin_ns + number / plan->rate * SECOND_NS +
	    number % plan->rate * SECOND_NS / plan->rate;
}

/* Of such a plan: calls that begin before that time. */
static uint64_t
count_before(const struct plan *plan, uint64_t time_ns)
{
	uint64_t number, passed;

	if (time_ns <= plan->begin_ns)
		return 0;
	passed = time_ns - plan->begin_ns;
	number = passed / SECOND_NS * plan->rate +
	    passed % SECOND_NS * plan->rate / SECOND_NS;
	/* Starts are rounded down. */
	while (start_of(plan, number) < time_ns)
		number++;
	return MIN_OF(number, plan->count);
}

uint64_t
plan_next(const struct plan *plan)
{
	uint64_t start = plan->begin_ns;

	if (plan->taken >= plan->count)
		return PLAN_FOREVER;
	if (plan->rate > 0)
		start = start_of(plan, plan->taken);
	return start < plan->end_ns ? start : PLAN_FOREVER;
}

bool
plan_is_over(const struct plan *plan, uint64_t now_ns)
{
	return now_ns >= plan->end_ns || plan_next(plan) == PLAN_FOREVER;
}

bool
plan_take(struct plan *plan, uint64_t now_ns, uint64_t *start_ns)
{
	uint64_t next = plan_next(plan);

	if (plan_is_over(plan, now_ns) || next > now_ns)
		return false;
	*start_ns = plan->rate > 0 ? next : now_ns;
	plan->taken++;
	return true;
}

uint64_t
plan_left(const struct plan *plan, uint64_t now_ns)
{
	if (plan->rate == 0)
		return 0;
	return count_before(plan, MIN_OF(now_ns, plan->end_ns)) - plan->taken;
}
