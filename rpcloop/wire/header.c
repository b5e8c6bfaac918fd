#include "rpcloop/wire/header.h"

#include "rpcloop/wire/word.h"

#include <stdbool.h>

enum { CALL = 0 };

/* A cursor over the record; nothing is read beyond its end. */
struct reader {
	const uint8_t *at;
	size_t left;
};

static bool
take_word(struct reader *r, uint32_t *value)
{
	if (r->left < WORD_SIZE)
		return false;
	*value = word_get(r->at);
	r->at += WORD_SIZE;
	r->left -= WORD_SIZE;
	return true;
}

static bool
take_auth(struct reader *r, struct header_auth *auth)
{
	size_t padded;

	if (!take_word(r, &auth->flavor) || !take_word(r, &auth->len) ||
	    auth->len > HEADER_AUTH_MAX)
		return false;
	padded = (auth->len + 3) & ~(size_t)3;
	if (padded > r->left)
		return false;
	auth->body = r->at;
	r->at += padded;
	r->left -= padded;
	return true;
}

enum header_result
header_parse(struct call_header *h, const uint8_t *record, size_t len)
{
	struct reader r = { record, len };
	uint32_t direction, rpc_version;

	if (!take_word(&r, &h->xid) || !take_word(&r, &direction) ||
	    direction != CALL)
		return HEADER_NOT_A_CALL;
	if (!take_word(&r, &rpc_version))
		return HEADER_CUT;
	if (rpc_version != HEADER_RPC_VERSION)
		return HEADER_OTHER_VERSION;
	if (!take_word(&r, &h->program) || !take_word(&r, &h->version) ||
	    !take_word(&r, &h->procedure))
		return HEADER_CUT;
	if (!take_auth(&r, &h->credential))
		return HEADER_BAD_CREDENTIAL;
	if (!take_auth(&r, &h->verifier))
		return HEADER_BAD_VERIFIER;
	h->size = len - r.left;
	return HEADER_OK;
}
