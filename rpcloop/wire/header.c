#include "rpcloop/wire/header.h"

#include "rpcloop/wire/word.h"

#include <stdbool.h>

enum {
	CALL = 0,
	/* RFC 5531, section 9: what comes before the credential. */
	FIXED_SIZE = 6 * WORD_SIZE,
};

/* A cursor over the record; nothing is read beyond its end. */
struct reader {
	const uint8_t *at;
	size_t left;
};

/* RFC 5531, section 8.2. */
static inline bool
take_auth(struct reader *r, struct header_auth *auth)
{
	size_t size;

	if (r->left < 2 * WORD_SIZE)
		return false;
	auth->flavor = word_get(r->at);
	auth->len = word_get(r->at + WORD_SIZE);
	auth->body = r->at + 2 * WORD_SIZE;
	if (auth->len > HEADER_AUTH_MAX)
		return false;
	size = 2 * WORD_SIZE + word_padded(auth->len);
	if (size > r->left)
		return false;
	r->at += size;
	r->left -= size;
	return true;
}

enum header_result
header_parse(struct call_header *h, const uint8_t *record, size_t len)
{
	struct reader r;

	if (len < 2 * WORD_SIZE || word_get(record + WORD_SIZE) != CALL)
		return HEADER_NOT_A_CALL;
	h->xid = word_get(record);
	if (len < 3 * WORD_SIZE)
		return HEADER_CUT;
	if (word_get(record + 2 * WORD_SIZE) != HEADER_RPC_VERSION)
		return HEADER_OTHER_VERSION;
	if (len < FIXED_SIZE)
		return HEADER_CUT;
	h->program = word_get(record + 3 * WORD_SIZE);
	h->version = word_get(record + 4 * WORD_SIZE);
	h->procedure = word_get(record + 5 * WORD_SIZE);
	r = (struct reader){ record + FIXED_SIZE, len - FIXED_SIZE };
	if (!take_auth(&r, &h->credential))
		return HEADER_BAD_CREDENTIAL;
	if (!take_auth(&r, &h->verifier))
		return HEADER_BAD_VERIFIER;
	h->size = len - r.left;
	return HEADER_OK;
}
