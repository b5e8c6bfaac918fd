/*
 * The header of a call message (RFC 5531, section 9): what stands before the
 * arguments.
 *
 * libtirpc's own decoder says only that something was wrong.  This one says
 * what, so that each fault gets the answer that RFC 5531 has for it.
 */
#ifndef RPCLOOP_WIRE_HEADER_H
#define RPCLOOP_WIRE_HEADER_H

#include <stddef.h>
#include <stdint.h>

enum {
	HEADER_RPC_VERSION = 2,
	HEADER_AUTH_MAX = 400, /* bytes in a credential or verifier */
};

enum header_result {
	HEADER_OK,
	HEADER_NOT_A_CALL,     /* no xid, or a reply: there is no answer */
	HEADER_OTHER_VERSION,  /* of RPC itself */
	HEADER_CUT,            /* ends before the credential */
	HEADER_BAD_CREDENTIAL, /* is cut off or too long */
	HEADER_BAD_VERIFIER,   /* is cut off or too long */
};

struct header_auth {
	uint32_t flavor;
	uint32_t len;
	const uint8_t *body; /* borrowed from the record */
};

struct call_header {
	uint32_t xid;
	uint32_t program;
	uint32_t version;
	uint32_t procedure;
	struct header_auth credential;
	struct header_auth verifier;
	size_t size; /* of the header: here the arguments begin */
};

/*
 * Reads the header at the front of a record.  After any result but
 * HEADER_NOT_A_CALL the xid is valid, after HEADER_OK everything is.
 */
enum header_result header_parse(
    struct call_header *h, const uint8_t *record, size_t len);

#endif
