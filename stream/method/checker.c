#include "stream/method/checker.h"

void
checker_init(struct checker *checker)
{
	*checker = (struct checker){ 0 };
	text_check_init(&checker->check);
}

/* Turns an offset into a place, unless it lies in an earlier message. */
static void
locate(struct checker *checker, uint64_t number, uint64_t offset)
{
	if (offset < checker->size)
		return;
	checker->message = number;
	checker->byte = offset - checker->size;
}

int
checker_feed(
    struct checker *checker, uint64_t number, const void *bytes, size_t len)
{
	uint64_t bad_at;
	int r;

	r = text_check_piece(&checker->check, bytes, len, &bad_at);
	locate(checker, number, r == 0 ? checker->check.at : bad_at);
	checker->size += len;
	return r;
}

int
checker_finish(struct checker *checker)
{
	uint64_t bad_at;

	return text_check_end(&checker->check, &bad_at);
}
