#include "test/interop/cases.h"
#include "test/interop/client.h"

#include <stdlib.h>

static unsigned int answered;

static void
check(const reverse_result *result)
{
	demand(result->code == STATUS_OK);
	demand(is_reversed(&result->reverse_result_u.outcome.text, LARGE));
	answered++;
}

void
concurrent_large_unary(void)
{
	reverse_args args = { .unit = UNIT_BYTE, .text = bytes_of(LARGE) };
	unsigned int count = rounds(64, 1000);

	call_at_once(count, &args, check);
	demand(answered == count);
	free(args.text.message_val);
}
