#include "rpcloop/wire/header.h"

#include <stdbool.h>

enum { CALL = 0 };

/* A cursor over the record; nothing is read beyond its end. */
struct reader {
	const uint8_t *at;
	size_t left;
};

static bool
get_u32(struct reader *r, uint32_t *value)
{
	if (r->left < 4)
		return false;
	*value = (uint32_t)r->at[0] << 24 | (uint32_t)r->at[1] << 16 |
	    (uint32_t)r->at[2] << 8 | r->at[3];
	r->at += 4;
	r->left -= 4;
	return true;
}

static bool
get_auth(struct reader *r, struct header_auth *auth)
{
	size_t padded;

	if (!get_u32(r, &auth->flavor) || !get_u32(r, &auth->len) ||
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

	if (!get_u32(&r, &h->xid) || !get_u32(&r, &direction) ||
	    direction != CALL)
		return HEADER_NOT_A_CALL;
	if (!get_u32(&r, &rpc_version))
		return HEADER_CUT;
	if (rpc_version != HEADER_RPC_VERSION)
		return HEADER_OTHER_VERSION;
	if (!get_u32(&r, &h->program) || !get_u32(&r, &h->version) ||
	    !get_u32(&r, &h->procedure))
		return HEADER_CUT;
	if (!get_auth(&r, &h->credential))
		return HEADER_BAD_CREDENTIAL;
	if (!get_auth(&r, &h->verifier))
		return HEADER_BAD_VERIFIER;
	h->size = len - r.left;
	return HEADER_OK;
}
