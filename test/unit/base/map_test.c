/* base/map: everything that was put in is found, and nothing else. */
#include "base/map.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
/* Needs the headers above. */
#include <cmocka.h>

struct thing {
	struct map_node node;
	bool in;
};

static bool
is_found(const struct map *map, const struct thing *thing, uint64_t hash)
{
	const struct map_node *node = map_first(map, hash);

	while (node != NULL && node != &thing->node) {
		assert_int_equal(node->hash, hash);
		node = map_next(node);
	}
	return node != NULL;
}

/* Three things have each hash, and chains are shared by several hashes. */
static void
map_finds_what_is_in_it(void **state)
{
	static struct thing all[3000];
	struct map map;
	size_t count = 0;

	(void)state;
	srand(5);
	assert_int_equal(map_init(&map), 0);
	for (int i = 0; i < 20000; i++) {
		size_t at = (size_t)rand() % ARRAY_LEN(all);
		struct thing *thing = &all[at];

		if (thing->in)
			map_remove(&map, &thing->node);
		else
			map_add(&map, &thing->node, at / 3 * 8);
		count += thing->in ? (size_t)-1 : 1;
		thing->in = !thing->in;
		assert_int_equal(map.count, count);
	}
	for (size_t at = 0; at < ARRAY_LEN(all); at++)
		assert_int_equal(
		    is_found(&map, &all[at], at / 3 * 8), all[at].in);
	assert_null(map_first(&map, 1));
	map_deinit(&map);
	map_deinit(&map);
}

static void
map_grows_with_what_is_in_it(void **state)
{
	static struct thing all[1000];
	struct map map;

	(void)state;
	assert_int_equal(map_init(&map), 0);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		map_add(&map, &all[i].node, i);
	assert_true(map.mask + 1 >= ARRAY_LEN(all) / 2);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		assert_true(is_found(&map, &all[i], i));
	map_deinit(&map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map_finds_what_is_in_it),
		cmocka_unit_test(map_grows_with_what_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
