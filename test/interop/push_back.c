#include "test/interop/cases.h"
#include "test/interop/stream.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	SIZE = 16384,
	WAIT_MS = 200,
	CREDIT = 262144,
	MESSAGE_COST = SIZE + 4,
};

static u_int
window_of(CLIENT *server)
{
	call_context context;
	greet_result result;
	u_int window;

	memset(&context, 0, sizeof(context));
	memset(&result, 0, sizeof(result));
	demand(reverse_greet_1(&context, &result, server) == RPC_SUCCESS);
	demand(result.code == STATUS_OK);
	window = result.greet_result_u.hello.window;
	xdr_free((xdrproc_t)xdr_greet_result, (char *)&result);
	return window;
}

static long
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Sends without taking an answer until the server takes no more. */
static u_int
fill(struct stream *s)
{
	u_int sent = 0;

	s->next.piece.window = 0;
	s->next.wait_ms = WAIT_MS;
	for (; s->window > 0; sent++)
		stream_send(s, SIZE);
	return sent;
}

/* A call that sends on all the same waits, and nothing of it is taken. */
static void
is_held_back(struct stream *s)
{
	message text = bytes_of(SIZE);
	u_quad_t sent = s->next.piece.first;
	long began = now_ms();

	stream_exchange(s, &text, false);
	demand(now_ms() - began >= WAIT_MS);
	demand(s->next.piece.first == sent && s->window == 0);
	free(text.message_val);
}

void
push_back(void)
{
	CLIENT *server = connect_to_reverse();
	u_int window = window_of(server), sent;
	struct stream s;

	stream_open_bytes(&s, server, METHOD_EACH);
	sent = fill(&s);
	/* A window of messages, and one of answers; the last of either may go
	 * beyond it. */
	demand((sent - 2) * MESSAGE_COST < 2 * window);
	is_held_back(&s);

	/* The answers are taken, and so is more. */
	s.next.piece.window = CREDIT;
	stream_hear(&s, sent);
	demand(s.window > 0);
	stream_send(&s, SIZE);
	stream_finish(&s);
	demand(s.end->why.code == STATUS_OK);
	demand(s.count == sent + 1);
	for (u_int i = 0; i < s.count; i++)
		demand(is_reversed(&s.heard[i], SIZE));
	stream_close(&s);
	clnt_destroy(server);
}
