#include "base/block.h"

#include "base/base.h"
#include "base/clock.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

/* The thread sanitizer does not see that mremap(2) gives an address back. */
enum { MAPS = !BASE_IS_WATCHED && !BASE_THREADS_ARE_WATCHED };

enum {
	/* Mappings are multiples of this, so that they fit each other. */
	STEP_BYTES = 64 * 1024,
	/* Kept blocks that are looked at for one that fits. */
	LOOKS = BLOCKS_KEPT_BYTES / BLOCK_LARGE,
};

/* The start of each mapping; the block comes after it. */
struct block_head {
	_Alignas(64) TAILQ_ENTRY(block_head) entry; /* of those that are kept */
	uint64_t since_ms;                          /* it is kept */
	size_t mapped;
};

/* Where this thread keeps what it frees; NULL: nowhere. */
static _Thread_local struct blocks *keeper;

static struct block_head *
head_of(void *block)
{
	return (struct block_head *)block - 1;
}

static size_t
size_of(const struct block_head *head)
{
	return head->mapped - sizeof(*head);
}

/* Bytes of a mapping for a block of this size; 0 when there can be none: no
 * object is larger than PTRDIFF_MAX (C11 6.5.6p9). */
static size_t
mapping_for(size_t size)
{
	size_t more = sizeof(struct block_head) + STEP_BYTES - 1;

	return size > PTRDIFF_MAX - more
	    ? 0
	    : (size + more) / STEP_BYTES * STEP_BYTES;
}

static struct block_head *
map(size_t mapped)
{
	struct block_head *head;

	if (mapped == 0)
		return NULL;
	head = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (head == MAP_FAILED)
		return NULL;
	head->mapped = mapped;
	return head;
}

static void
forget(struct blocks *blocks, struct block_head *head)
{
	TAILQ_REMOVE(&blocks->kept, head, entry);
	blocks->bytes -= head->mapped;
}

/* The one among the last that were freed that is larger by the least, or not at
 * all, and not larger than most. */
static struct block_head *
best_kept(const struct blocks *blocks, size_t mapped, size_t most)
{
	struct block_head *head, *best = NULL;
	unsigned int looks = 0;

	TAILQ_FOREACH(head, &blocks->kept, entry) {
		if (looks++ == LOOKS)
			break;
		if (head->mapped == mapped)
			return head;
		if (head->mapped > mapped && head->mapped <= most &&
		    (best == NULL || head->mapped < best->mapped))
			best = head;
	}
	return best;
}

static struct block_head *
take(size_t mapped, size_t most)
{
	struct block_head *head = NULL;

	if (keeper != NULL)
		head = best_kept(keeper, mapped, most);
	if (head != NULL)
		forget(keeper, head);
	return head;
}

void *
block_map(size_t *size, size_t most)
{
	size_t mapped = mapping_for(*size);
	struct block_head *head;

	if (!MAPS)
		return malloc(*size);
	head = take(mapped, mapping_for(most));
	if (head == NULL)
		head = map(mapped);
	if (head == NULL)
		return NULL;
	*size = size_of(head);
	return head + 1;
}

/* From one kind of memory to the other. */
static void *
copy(void *block, size_t size, size_t *wanted, size_t most)
{
	void *moved = block_new(wanted, most);

	if (moved == NULL)
		return NULL;
	if (size > 0)
		memcpy(moved, block, MIN_OF(size, *wanted));
	block_free(block, size);
	return moved;
}

void *
block_move(void *block, size_t size, size_t *wanted, size_t most)
{
	size_t mapped = mapping_for(*wanted);
	struct block_head *head;

	if (!MAPS)
		return realloc(block, *wanted);
	if (size < BLOCK_LARGE || *wanted < BLOCK_LARGE)
		return copy(block, size, wanted, most);
	head = head_of(block);
	if (mapped == 0)
		return NULL;
	if (mapped != head->mapped) {
		head = mremap(head, head->mapped, mapped, MREMAP_MAYMOVE);
		if (head == MAP_FAILED)
			return NULL;
		head->mapped = mapped;
	}
	*wanted = size_of(head);
	return head + 1;
}

static void
keep(struct block_head *head)
{
	size_t before = keeper->bytes;

	head->since_ms = clock_now_ms();
	TAILQ_INSERT_HEAD(&keeper->kept, head, entry);
	keeper->bytes += head->mapped;
	if (before <= BLOCKS_KEPT_BYTES && keeper->bytes > BLOCKS_KEPT_BYTES)
		keeper->excess(keeper);
}

void
block_unmap(void *block)
{
	struct block_head *head;

	if (!MAPS)
		return free(block);
	if (block == NULL)
		return;
	head = head_of(block);
	if (keeper != NULL)
		keep(head);
	else
		munmap(head, head->mapped);
}

void
blocks_init(struct blocks *blocks, void (*excess)(struct blocks *blocks))
{
	*blocks = (struct blocks){ .excess = excess };
	TAILQ_INIT(&blocks->kept);
	keeper = blocks;
}

void
blocks_deinit(struct blocks *blocks)
{
	struct block_head *head;

	if (keeper != blocks)
		return;
	keeper = NULL;
	while ((head = TAILQ_FIRST(&blocks->kept)) != NULL) {
		forget(blocks, head);
		munmap(head, head->mapped);
	}
}

/* Unmaps it, or the end of it if it is more than so much. */
static size_t
give_back(struct blocks *blocks, struct block_head *head, size_t most)
{
	size_t mapped = head->mapped;

	if (mapped <= most) {
		forget(blocks, head);
		munmap(head, mapped);
		return mapped;
	}
	most = most / STEP_BYTES * STEP_BYTES;
	munmap((char *)head + mapped - most, most);
	head->mapped -= most;
	blocks->bytes -= most;
	return most;
}

/* Whether nobody has needed it for long enough. */
static bool
is_over(
    const struct blocks *blocks, const struct block_head *head, uint64_t now)
{
	bool excess = blocks->bytes > BLOCKS_KEPT_BYTES;

	return head->since_ms + (excess ? BLOCKS_EXCESS_MS : BLOCKS_KEPT_MS) <=
	    now;
}

size_t
blocks_give_back(struct blocks *blocks, uint64_t now_ms, size_t most)
{
	struct block_head *head;
	size_t given = 0;

	while (most - given >= STEP_BYTES) {
		head = TAILQ_LAST(&blocks->kept, blocks_kept);
		if (head == NULL || !is_over(blocks, head, now_ms))
			break;
		given += give_back(blocks, head, most - given);
	}
	return given;
}
