/*
 * A table of things that are found by a hash: embedded nodes in chains.
 *
 * The owner makes the hash, by base/hash where a peer could aim at one chain,
 * and compares what is found: a hash may belong to several.  The table grows
 * with what is in it; where there is no memory for that its chains get longer,
 * and nothing fails.
 *
 *	for (node = map_first(&map, hash); node != NULL; node = map_next(node))
 *		if (container_of(node, struct thing, node)->name is the name)
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_node {
	struct map_node *next;
	uint64_t hash;
};

struct map {
	struct map_node **chains;
	size_t mask;  /* chains, less 1 */
	size_t count; /* nodes */
};

/* An empty table.  Returns 0 or -ENOMEM. */
int map_init(struct map *map);

/* Frees the table, not what is in it.  May be called twice. */
void map_deinit(struct map *map);

/* The node is borrowed until map_remove(). */
void map_add(struct map *map, struct map_node *node, uint64_t hash);

/* The node must be in the table. */
void map_remove(struct map *map, struct map_node *node);

/* The nodes of a hash, in no order; NULL when there is none, or no more. */
struct map_node *map_first(const struct map *map, uint64_t hash);
struct map_node *map_next(const struct map_node *node);

#endif
