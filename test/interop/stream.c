#include "test/interop/stream.h"

#include <stdlib.h>
#include <string.h>

enum {
	WAIT_MS = 5000,
	CREDIT = 262144, /* bytes of answers that are taken at once */
};

void
stream_open(struct stream *s, CLIENT *server, open_args args)
{
	open_result result;
	opened *started = &result.open_result_u.started;

	memset(s, 0, sizeof(*s));
	memset(&result, 0, sizeof(result));
	s->server = server;
	s->next.wait_ms = WAIT_MS;
	s->next.piece.window = CREDIT;
	demand(reverse_open_1(&args, &result, server) == RPC_SUCCESS);
	demand(result.code == STATUS_OK);
	memcpy(s->next.stream, started->stream, sizeof(s->next.stream));
	s->window = started->first_answer.piece.window;
	xdr_free((xdrproc_t)xdr_open_result, (char *)&result);
}

void
stream_open_bytes(struct stream *s, CLIENT *server, stream_method method)
{
	open_args args;

	memset(&args, 0, sizeof(args));
	args.method = method;
	args.unit = UNIT_BYTE;
	stream_open(s, server, args);
}

static void
forget_result(struct stream *s)
{
	xdr_free((xdrproc_t)xdr_exchange_result, (char *)&s->result);
	memset(&s->result, 0, sizeof(s->result));
}

void
stream_close(struct stream *s)
{
	forget_result(s);
	while (s->count > 0)
		free(s->heard[--s->count].message_val);
}

/* Keeps the answers beyond the result in which they came. */
static void
keep_answers(struct stream *s, segment *piece)
{
	for (u_int i = 0; i < piece->messages.messages_len; i++) {
		demand(s->count < HEARD_MAX);
		s->heard[s->count++] = piece->messages.messages_val[i];
	}
	/* They are freed with the stream, and not with the result. */
	s->next.piece.next += piece->messages.messages_len;
	piece->messages.messages_len = 0;
	free(piece->messages.messages_val);
	piece->messages.messages_val = NULL;
}

void
stream_exchange(struct stream *s, message *text, bool last)
{
	segment *piece = &s->next.piece;
	answer *heard = &s->result.exchange_result_u.answered;

	piece->messages.messages_val = text;
	piece->messages.messages_len = text != NULL;
	piece->last = last;
	forget_result(s);
	demand(
	    reverse_exchange_1(&s->next, &s->result, s->server) == RPC_SUCCESS);
	demand(s->result.code == STATUS_OK);
	demand(heard->piece.first == piece->next);
	keep_answers(s, &heard->piece);
	piece->first = heard->piece.next;
	s->window = heard->piece.window;
	s->end = heard->end;
}

void
stream_send(struct stream *s, u_int len)
{
	message text = bytes_of(len);
	u_quad_t number = s->next.piece.first;

	do
		stream_exchange(s, &text, false);
	while (s->next.piece.first == number && s->end == NULL);
	free(text.message_val);
}

void
stream_hear(struct stream *s, u_int count)
{
	while (s->count < count && s->end == NULL)
		stream_exchange(s, NULL, false);
	demand(s->count == count);
}

void
stream_finish(struct stream *s)
{
	while (s->end == NULL)
		stream_exchange(s, NULL, true);
}

void
stream_cancel(struct stream *s)
{
	cancel_args args;
	cancel_result result;

	memset(&result, 0, sizeof(result));
	memcpy(args.stream, s->next.stream, sizeof(args.stream));
	demand(reverse_cancel_1(&args, &result, s->server) == RPC_SUCCESS);
	demand(result.code == STATUS_OK);
}

enum clnt_stat
stream_call(struct stream *s)
{
	s->next.piece.messages.messages_len = 0;
	forget_result(s);
	return reverse_exchange_1(&s->next, &s->result, s->server);
}

status_code
stream_refused(struct stream *s)
{
	demand(stream_call(s) == RPC_SUCCESS);
	return s->result.code;
}
