/* Text that arrives in pieces: see text/pieces.h. */
#include "text/pieces.h"

#include "text/choice.h"
#include "text/utf8.h"

/*
 * Moves bytes from the piece to the rest until the sequence is complete.
 * Returns its length then; 0 when it is ill-formed; more than rest->length
 * when the piece is used up.
 */
static unsigned int
complete(struct text_rest *rest, const uint8_t **in, size_t *len)
{
	unsigned int length;

	do {
		if (*len == 0)
			return sizeof(rest->bytes) + 1;
		rest->bytes[rest->length++] = *(*in)++;
		--*len;
		length = utf8_promise(rest->bytes, rest->length);
	} while (length > rest->length);
	return length;
}

static int
ill_formed(uint64_t *bad_at, uint64_t at)
{
	if (bad_at != NULL)
		*bad_at = at;
	return TEXT_ILL_FORMED;
}

void
text_check_init(struct text_check *check)
{
	*check = (struct text_check){ 0 };
}

int
text_check_piece(
    struct text_check *check, const uint8_t *in, size_t len, uint64_t *bad_at)
{
	unsigned int length;
	size_t valid;

	if (check->rest.length > 0) {
		length = complete(&check->rest, &in, &len);
		if (length == 0)
			return ill_formed(bad_at, check->at);
		if (length > check->rest.length)
			return 0;
		check->at += length;
		check->rest.length = 0;
	}
	valid = text_kernel()->valid(in, len);
	check->at += valid;
	if (valid == len)
		return 0;
	in += valid;
	len -= valid;
	length = complete(&check->rest, &in, &len);
	return length == 0 ? ill_formed(bad_at, check->at) : 0;
}

int
text_check_end(const struct text_check *check, uint64_t *bad_at)
{
	return check->rest.length > 0 ? ill_formed(bad_at, check->at) : 0;
}
