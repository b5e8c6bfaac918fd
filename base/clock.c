#include "base/clock.h"

#include <stdbool.h>
#include <time.h>

uint64_t
clock_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static bool
is_leap(unsigned int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned int
days_of_year(unsigned int year)
{
	return is_leap(year) ? 366 : 365;
}

static unsigned int
days_of_month(unsigned int year, unsigned int month)
{
	static const unsigned char days[] = {
		31,
		28,
		31,
		30,
		31,
		30,
		31,
		31,
		30,
		31,
		30,
		31,
	};

	return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

void
clock_date(struct clock_date *out, uint64_t seconds)
{
	uint64_t day = seconds / 86400;
	unsigned int rest = (unsigned int)(seconds % 86400);

	*out = (struct clock_date){
		.year = 1970,
		.month = 1,
		.hour = rest / 3600,
		.minute = rest / 60 % 60,
		.second = rest % 60,
	};
	while (day >= days_of_year(out->year))
		day -= days_of_year(out->year++);
	while (day >= days_of_month(out->year, out->month))
		day -= days_of_month(out->year, out->month++);
	out->day = (unsigned int)day + 1;
}
