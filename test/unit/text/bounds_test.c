/* No kernel reads or writes a byte outside its buffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test/lib/samples.h"
#include "text/choice.h"
#include "text/text.h"

#define MAX 4096

static const char *const names[] = { "portable", "avx2", "avx512" };

/* MAX bytes between two pages that must not be touched. */
static uint8_t *
between_guards(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (MAX + page - 1) / page * page;
	uint8_t *all = mmap(NULL, room + 2 * page, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(all != MAP_FAILED);
	assert_int_equal(mprotect(all + page, room, PROT_READ | PROT_WRITE), 0);
	return all + page + room - MAX;
}

/* Each text stands once at the end of its pages and once at their start. */
static void
try_one(uint8_t *in_room, uint8_t *out_room, const uint8_t *text, size_t len)
{
	uint8_t *ins[] = { in_room, in_room + MAX - len };
	uint8_t *outs[] = { out_room + MAX - len, out_room };

	for (int place = 0; place < 2; place++) {
		memcpy(ins[place], text, len);
		for (int by = TEXT_BY_GRAPHEME; by <= TEXT_BY_LINE; by++) {
			text_reverse(outs[place], ins[place], len,
			    (enum text_by)by, NULL);
		}
	}
}

static void
kernels_stay_within_their_buffers(void **state)
{
	uint8_t *in = between_guards(), *out = between_guards();
	int rounds = getenv("TEST_FULL") != NULL ? 300000 : 20000;
	struct samples samples;
	uint8_t text[MAX];
	size_t len;

	(void)state;
	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		if (text_kernel_use(names[k]) != 0)
			continue;
		samples_init(&samples, 11);
		for (int i = 0; i < rounds; i++) {
			len = samples_text(&samples, text,
			    samples_below(&samples, i % 16 == 0 ? MAX : 300));
			try_one(in, out, text, len);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_stay_within_their_buffers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
