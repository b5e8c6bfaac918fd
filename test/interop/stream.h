/*
 * For the cases: one stream, by one call after the other.
 */
#ifndef TEST_INTEROP_STREAM_H
#define TEST_INTEROP_STREAM_H

#include "test/interop/client.h"

enum { HEARD_MAX = 64 };

struct stream {
	CLIENT *server;
	exchange_args next;     /* the next call, and how far both ends are */
	exchange_result result; /* of the latest one */
	u_int window;           /* of the server, as it said last */
	const stream_end *end;  /* it has ended; else NULL */
	message heard[HEARD_MAX];
	u_int count; /* of them */
};

/* Opens it, without a message; stream_close() follows. */
void stream_open(struct stream *s, CLIENT *server, open_args args);
void stream_open_bytes(struct stream *s, CLIENT *server, stream_method method);

/* Frees what it holds; the server is told nothing. */
void stream_close(struct stream *s);

/* One EXCHANGE: with a message, or without one (NULL), and with the last. */
void stream_exchange(struct stream *s, message *text, bool last);

/* Sends bytes_of(len) until they are taken. */
void stream_send(struct stream *s, u_int len);

/* Asks until that many answers have come; half-closes, and asks until the
 * end. */
void stream_hear(struct stream *s, u_int count);
void stream_finish(struct stream *s);

/* REVERSE_CANCEL, which has to be STATUS_OK. */
void stream_cancel(struct stream *s);

/* An EXCHANGE without a message, for what comes of it alone; and the code of
 * one that was answered. */
enum clnt_stat stream_call(struct stream *s);
status_code stream_refused(struct stream *s);

#endif
