#include "test/bench/rpc.h"
#include "test/bench/measure.h"

#include <arpa/inet.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LAST_FRAGMENT 0x80000000u

enum {
	WORD = 4,
	OUT_ROOM = 256 * 1024,
	IN_ROOM = 4 * 1024 * 1024,
	BATCH = 256 * 1024,
	/* What is longer is not copied. */
	SHORT = 8192,
	/* Of a reply's record before its result: its mark, xid, REPLY,
	 * accepted, AUTH_NONE, SUCCESS. */
	REPLY_WORDS = 1 + 6,
};

/* Of a call's record before its arguments: its mark, xid, CALL, RPC 2, program,
 * version, procedure, credential and verifier AUTH_NONE. */
static const uint32_t call[] = { 0, 0, 0, 2, 0x20726576, 1, 0, 0, 0, 0, 0 };

void
rpc_init(struct rpc *rpc, const char *address)
{
	memset(rpc, 0, sizeof(*rpc));
	rpc->fd = connect_to(address);
	rpc->out = malloc(OUT_ROOM);
	rpc->in = malloc(IN_ROOM);
	if (rpc->out == NULL || rpc->in == NULL)
		err(1, "malloc");
}

int
rpc_release(struct rpc *rpc)
{
	free(rpc->out);
	free(rpc->in);
	return rpc->fd;
}

void
rpc_deinit(struct rpc *rpc)
{
	close(rpc_release(rpc));
}

static void
add_part(struct rpc *rpc, const void *bytes, size_t len)
{
	if (len == 0)
		return;
	rpc->parts[rpc->count++] = (struct iovec){ (void *)bytes, len };
}

/* What was copied since the last part is one, too. */
static void
end_part(struct rpc *rpc)
{
	add_part(rpc, rpc->out + rpc->part_at, rpc->out_len - rpc->part_at);
	rpc->part_at = rpc->out_len;
}

void
rpc_put(struct rpc *rpc, uint32_t word)
{
	word = htonl(word);
	memcpy(rpc->out + rpc->out_len, &word, WORD);
	rpc->out_len += WORD;
	rpc->record += WORD;
}

void
rpc_put_long(struct rpc *rpc, uint64_t number)
{
	rpc_put(rpc, (uint32_t)(number >> 32));
	rpc_put(rpc, (uint32_t)number);
}

void
rpc_put_bytes(struct rpc *rpc, const void *bytes, size_t len)
{
	rpc->record += len;
	if (len > SHORT) {
		end_part(rpc);
		add_part(rpc, bytes, len);
		return;
	}
	memcpy(rpc->out + rpc->out_len, bytes, len);
	rpc->out_len += len;
}

void
rpc_begin(struct rpc *rpc, enum rpc_procedure procedure)
{
	if (rpc->count > RPC_PARTS - 4 || rpc->out_len > OUT_ROOM - 2 * SHORT)
		rpc_send(rpc);
	if (rpc->flying[++rpc->sent % RPC_FLYING])
		errx(1, "too many calls in flight");
	rpc->flying[rpc->sent % RPC_FLYING] = true;
	rpc->mark = rpc->out_len;
	rpc->record = 0;
	for (size_t i = 0; i < sizeof(call) / sizeof(call[0]); i++)
		rpc_put(rpc,
		    i == 1       ? rpc->sent
			: i == 6 ? (uint32_t)procedure
				 : call[i]);
}

void
rpc_end(struct rpc *rpc)
{
	uint32_t mark = htonl(LAST_FRAGMENT | (uint32_t)(rpc->record - WORD));

	memcpy(rpc->out + rpc->mark, &mark, WORD);
}

void
rpc_send(struct rpc *rpc)
{
	struct msghdr message = { .msg_iov = rpc->parts };
	size_t done;
	ssize_t n;

	end_part(rpc);
	message.msg_iovlen = (size_t)rpc->count;
	while (message.msg_iovlen > 0) {
		n = sendmsg(rpc->fd, &message, MSG_NOSIGNAL);
		if (n < 0)
			err(1, "sendmsg");
		for (done = (size_t)n;
		     message.msg_iovlen > 0 && done >= message.msg_iov->iov_len;
		     message.msg_iovlen--, message.msg_iov++)
			done -= message.msg_iov->iov_len;
		if (message.msg_iovlen == 0)
			break;
		message.msg_iov->iov_base =
		    (char *)message.msg_iov->iov_base + done;
		message.msg_iov->iov_len -= done;
	}
	rpc->out_len = rpc->part_at = 0;
	rpc->count = 0;
}

void
rpc_receive(struct rpc *rpc)
{
	ssize_t n;

	rpc->in_len -= rpc->in_at;
	memmove(rpc->in, rpc->in + rpc->in_at, rpc->in_len);
	rpc->in_at = 0;
	if (rpc->in_len > IN_ROOM - BATCH)
		errx(1, "too long a reply");
	n = recv(rpc->fd, rpc->in + rpc->in_len, BATCH, 0);
	if (n < 0)
		err(1, "recv");
	if (n == 0)
		errx(1, "the server closed the connection");
	rpc->in_len += (size_t)n;
}

uint32_t
rpc_word(const char *bytes, size_t index)
{
	uint32_t word;

	memcpy(&word, bytes + index * WORD, WORD);
	return ntohl(word);
}

uint64_t
rpc_long(const char *bytes, size_t index)
{
	return (uint64_t)rpc_word(bytes, index) << 32 |
	    rpc_word(bytes, index + 1);
}

/* Bytes of the next record with all its marks; 0: it has not come yet. */
static size_t
record_len(const char *at, size_t held)
{
	size_t len = 0;
	uint32_t mark;

	do {
		if (held - len < WORD)
			return 0;
		mark = rpc_word(at, len / WORD);
		len += WORD + (mark & ~LAST_FRAGMENT);
		if (len > held || len % WORD != 0)
			return 0;
	} while (!(mark & LAST_FRAGMENT));
	return len;
}

/* Joins the fragments of a record.  Returns what it has then, with one mark. */
static size_t
join(char *record)
{
	size_t from = 0, to = WORD, len;
	uint32_t mark;

	do {
		mark = rpc_word(record, from / WORD);
		len = mark & ~LAST_FRAGMENT;
		from += WORD;
		if (from != to)
			memmove(record + to, record + from, len);
		from += len;
		to += len;
	} while (!(mark & LAST_FRAGMENT));
	return to;
}

const char *
rpc_result(struct rpc *rpc, size_t *len)
{
	char *at = rpc->in + rpc->in_at;
	size_t whole = record_len(at, rpc->in_len - rpc->in_at);

	if (whole == 0)
		return NULL;
	*len = join(at) - REPLY_WORDS * WORD;
	rpc->last = rpc_word(at, 1);
	if (!rpc->flying[rpc->last % RPC_FLYING] || rpc_word(at, 2) != 1 ||
	    rpc_word(at, 3) != 0 || rpc_word(at, 6) != 0)
		errx(1, "no good reply to a call: %u", rpc->last);
	rpc->flying[rpc->last % RPC_FLYING] = false;
	rpc->answered++;
	rpc->in_at += whole;
	return at + REPLY_WORDS * WORD;
}
