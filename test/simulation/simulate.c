/*
 * Runs random schedules of the stream protocol.
 *
 *   SCHEDULES  how many, else 30000
 *   SEED       of the first one, else the time; alone it repeats one schedule
 *
 * Each schedule has the seed that follows, and a failure names its own.
 */
#include "test/simulation/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t
number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL && text[0] != '\0' ? strtoull(text, NULL, 10)
					       : otherwise;
}

int
main(void)
{
	static struct world world;
	uint64_t seed = number_from("SEED", 0);
	uint64_t count = number_from("SCHEDULES", seed != 0 ? 1 : 30000);
	uint64_t steps = 0, spooled = 0;
	const char *wrong = NULL;

	if (seed == 0)
		seed = (uint64_t)time(NULL) * 1000000;
	printf("1..1\n# %" PRIu64 " schedules from SEED=%" PRIu64 "\n", count,
	    seed);
	fflush(stdout);
	for (uint64_t i = 0; i < count && wrong == NULL; i++) {
		wrong = world_run(&world, seed + i);
		steps += world.steps;
		spooled += world.disk.used;
	}
	printf("# %" PRIu64 " steps, %" PRIu64 " schedules with a spool\n",
	    steps, spooled);
	if (wrong == NULL)
		printf("ok 1 - random schedules keep the rules of streams\n");
	else
		printf("not ok 1 - %s: repeat with SEED=%" PRIu64 "\n", wrong,
		    world.seed);
	return wrong != NULL;
}
