#include "base/map.h"

#include <errno.h>
#include <stdlib.h>

enum { FIRST_CHAINS = 16 };

int
map_init(struct map *map)
{
	*map = (struct map){ .mask = FIRST_CHAINS - 1 };
	map->chains = calloc(FIRST_CHAINS, sizeof(*map->chains));
	return map->chains != NULL ? 0 : -ENOMEM;
}

void
map_deinit(struct map *map)
{
	free(map->chains);
	*map = (struct map){ .chains = NULL };
}

static void
put(struct map_node **chains, size_t mask, struct map_node *node)
{
	struct map_node **chain = &chains[node->hash & mask];

	node->next = *chain;
	*chain = node;
}

/* Twice as many chains, if there is memory for them. */
static void
grow(struct map *map)
{
	size_t mask = map->mask * 2 + 1;
	struct map_node **chains = calloc(mask + 1, sizeof(*chains));
	struct map_node *node;

	if (chains == NULL)
		return;
	for (size_t i = 0; i <= map->mask; i++) {
		while ((node = map->chains[i]) != NULL) {
			map->chains[i] = node->next;
			put(chains, mask, node);
		}
	}
	free(map->chains);
	map->chains = chains;
	map->mask = mask;
}

void
map_add(struct map *map, struct map_node *node, uint64_t hash)
{
	if (map->count > map->mask)
		grow(map);
	node->hash = hash;
	put(map->chains, map->mask, node);
	map->count++;
}

void
map_remove(struct map *map, struct map_node *node)
{
	struct map_node **place = &map->chains[node->hash & map->mask];

	while (*place != node)
		place = &(*place)->next;
	*place = node->next;
	map->count--;
}

static struct map_node *
with_hash(struct map_node *node, uint64_t hash)
{
	while (node != NULL && node->hash != hash)
		node = node->next;
	return node;
}

struct map_node *
map_first(const struct map *map, uint64_t hash)
{
	return with_hash(map->chains[hash & map->mask], hash);
}

struct map_node *
map_next(const struct map_node *node)
{
	return with_hash(node->next, node->hash);
}
