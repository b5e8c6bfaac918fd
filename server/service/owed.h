/*
 * An answer that is owed to a call of a stream.  For the sources of this folder
 * only.
 */
#ifndef SERVER_SERVICE_OWED_H
#define SERVER_SERVICE_OWED_H

#include "rpcloop/serve/ticket.h"
#include "stream/server/terms.h"

struct errand;

/* Bytes of the header of a reply, RFC 5531, section 9. */
enum { OWED_HEADER_BYTES = 24 };

/* On the stack of its procedure, and on the heap once the call has to wait. */
struct owed_answer {
	struct stream_call call;
	struct serving *serving; /* of the worker that has the stream */
	SVCXPRT *xprt;           /* while its procedure runs */
	struct ticket *ticket;   /* NULL until then */
	struct errand *errand;   /* another worker's; NULL: our own call */
};

/* Bytes of replies in a datagram. */
struct owed_room {
	size_t call;  /* of the call that is answered */
	size_t reply; /* that the reply may have */
};

#endif
