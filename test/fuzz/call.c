/*
 * For libFuzzer: any bytes on a connection of the real service: records, the
 * header and the credential of each call, rpcgen's dispatcher, the procedures
 * and the streams.  One engine serves all inputs.
 *
 * What comes back is one reply for each call, in whatever order, and nothing
 * else.  libtirpc takes it for a reply of RFC 5531.  Just those calls are done
 * that libtirpc and the generated code take all of, too; an error is the right
 * one for what was sent; a result decodes as that of its procedure, and nothing
 * is left over.  Calls that wait are answered when their streams end.  When the
 * connection has gone, however it went, nothing of it is left in the counters,
 * and no memory when the streams have been forgotten.
 *
 * The first byte says how the bytes are cut (0: into records), the second how
 * the connection ends and where it is from; then come the bytes as they are
 * sent, but for two things.  Calls are given numbers of the harness's own for
 * their xid.  For a token, "the stream of #" and a digit stand for that of the
 * OPEN of that number, from 0.
 */
#include "rpcloop/net/pump.h"
#include "test/fuzz/fuzz.h"

#include "base/base.h"
#include "test/fuzz/judge.h"
#include "test/fuzz/served.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	MAX = 4096,
	CALLS_MAX = MAX / 12, /* the shortest are that long */
	TOKENS_MAX = 64,
	PIECES = 16, /* at most, but for records */
};

static const char placeholder[] = "the stream of #";
_Static_assert(sizeof(placeholder) == sizeof(token), "one byte is left");

static struct {
	struct served served;

	/* Of the present input. */
	int fd;             /* the peer's end, or -1 */
	uint8_t bytes[MAX]; /* to be sent */
	size_t len;
	size_t ends[MAX / RECORD_HEADER_SIZE]; /* of records */
	size_t end_count;
	size_t marks[MAX / sizeof(token)]; /* of tokens to be put */
	size_t mark_count;
	uint8_t body[MAX]; /* of the record gone through last */
	struct sent_call calls[CALLS_MAX];
	unsigned int call_count;
	unsigned int answers;
	token tokens[TOKENS_MAX];
	unsigned int token_count;
	uint8_t heard[256 * 1024];
	size_t heard_len;
} f;

/* Takes a byte of a body: that of an xid is changed to the call's number. */
static void
note_byte(struct sent_call *call, uint8_t *byte)
{
	size_t word = call->len / 4;

	if (word == 0)
		*byte = (uint8_t)(f.call_count >> (24 - 8 * call->len));
	if (word < CALL_WORDS)
		call->words[word] = call->words[word] << 8 | *byte;
	f.body[call->len++] = *byte;
}

static uint32_t
word_at(const uint8_t *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return ntohl(word);
}

/* Where in the body of a call the token is, if it has one and has come. */
static size_t
token_at(const struct sent_call *call)
{
	size_t at = 4 * CALL_WORDS;
	uint32_t len;

	if (call->words[5] != REVERSE_EXCHANGE &&
	    call->words[5] != REVERSE_CANCEL)
		return SIZE_MAX;
	/* Behind credential and verifier. */
	for (int i = 0; i < 2; i++) {
		if (call->len < at + 8)
			return SIZE_MAX;
		len = word_at(f.body + at + 4);
		if (len > MAX_AUTH_BYTES)
			return SIZE_MAX;
		at += 8 + (len + 3) / 4 * 4;
	}
	return at;
}

/* Marks a token that is to be put into the fragment of len bytes at at. */
static void
mark_token(const struct sent_call *call, size_t at, size_t len)
{
	size_t token_from = token_at(call), from = call->len - len;

	if (token_from >= from && token_from <= call->len &&
	    call->len - token_from >= sizeof(token) &&
	    memcmp(f.body + token_from, placeholder, sizeof(placeholder) - 1) ==
		0)
		f.marks[f.mark_count++] = at + token_from - from;
}

/* Goes through one record; true when it is a call. */
static bool
note_record(struct sent_call *call, size_t *at)
{
	const struct record_limits *limits = &f.served.engine.net.limits.record;
	uint32_t fragments = 0, empty = 0, header, left;

	do {
		if (f.len - *at < RECORD_HEADER_SIZE)
			return false;
		header = word_at(f.bytes + *at);
		*at += RECORD_HEADER_SIZE;
		left = header & ~RECORD_LAST_FRAGMENT;
		fragments++;
		empty += left == 0;
		if (left > limits->bytes - call->len ||
		    fragments > limits->fragments ||
		    empty > limits->empty_fragments || left > f.len - *at)
			return false;
		for (uint32_t i = 0; i < left; i++)
			note_byte(call, &f.bytes[*at + i]);
		mark_token(call, *at, left);
		*at += left;
	} while ((header & RECORD_LAST_FRAGMENT) == 0);
	f.ends[f.end_count++] = *at;
	return call->len >= 8 && call->words[1] == CALL;
}

/* Finds the calls that will be answered, and numbers them. */
static void
note_calls(void)
{
	struct sent_call call;
	size_t at = 0;

	do {
		call = (struct sent_call){ .len = 0 };
		if (!note_record(&call, &at))
			break;
		call.good = reply_is_due(f.body, call.len);
		f.calls[f.call_count++] = call;
	} while (true);
}

/* Each reply is a record of one fragment. */
static void
hear_records(void)
{
	token opened;
	size_t at = 0;
	uint32_t header;

	while (f.heard_len - at >= RECORD_HEADER_SIZE) {
		header = word_at(f.heard + at);
		MUST((header & RECORD_LAST_FRAGMENT) != 0);
		header &= ~RECORD_LAST_FRAGMENT;
		MUST(header <= sizeof(f.heard) - RECORD_HEADER_SIZE);
		if (header > f.heard_len - at - RECORD_HEADER_SIZE)
			break;
		if (reply_check(f.heard + at + RECORD_HEADER_SIZE, header,
			f.calls, f.call_count, opened) &&
		    f.token_count < TOKENS_MAX)
			memcpy(
			    f.tokens[f.token_count++], opened, sizeof(token));
		f.answers++;
		at += RECORD_HEADER_SIZE + header;
	}
	f.heard_len -= at;
	memmove(f.heard, f.heard + at, f.heard_len);
}

/* Reads what there is; true at the end of the stream. */
static bool
hear(void)
{
	ssize_t n;

	while ((n = recv(f.fd, f.heard + f.heard_len,
		    sizeof(f.heard) - f.heard_len, MSG_DONTWAIT)) > 0) {
		f.heard_len += (size_t)n;
		hear_records();
	}
	MUST(n == 0 || errno == EAGAIN);
	return n == 0;
}

/* Puts the tokens that are known into what is sent from here on. */
static void
put_tokens(size_t sent)
{
	unsigned int number;

	for (size_t i = 0; i < f.mark_count; i++) {
		number = f.bytes[f.marks[i] + sizeof(token) - 1] - '0';
		if (f.marks[i] >= sent && number < f.token_count)
			memcpy(f.bytes + f.marks[i], f.tokens[number],
			    sizeof(token));
	}
}

/* Sends all, and hears what is answered meanwhile. */
static void
converse(size_t piece)
{
	size_t sent = 0, record = 0, end;
	unsigned int known = 0;
	ssize_t n;

	for (int i = 0; i < SERVED_ROUNDS && sent < f.len; i++) {
		while (record < f.end_count && f.ends[record] <= sent)
			record++;
		end = piece > 0 ? sent + MAX_OF(piece, f.len / PIECES)
		    : record < f.end_count ? f.ends[record]
					   : f.len;
		if (known != f.token_count)
			put_tokens(sent);
		known = f.token_count;
		n = send(f.fd, f.bytes + sent, MIN_OF(end, f.len) - sent,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		/* It reads no more after what is no call. */
		MUST(n > 0 || errno == EAGAIN || errno == EPIPE);
		sent += n > 0 ? (size_t)n : 0;
		served_run(&f.served);
		if (hear())
			break;
	}
}

/* Nothing more is sent: all is answered, then the service closes. */
static void
end_in_order(void)
{
	bool ended = false;

	shutdown(f.fd, SHUT_WR);
	for (int i = 0; i < SERVED_ROUNDS && !ended; i++) {
		served_run(&f.served);
		ended = hear();
		/* Calls that waited make room for others, which may wait. */
		serving_end(&f.served.serving);
	}
	MUST(ended);
	MUST(f.heard_len == 0);
	MUST(f.answers == f.call_count);
}

static void
connect_peer(uint8_t host)
{
	struct address from = { .len = sizeof(from.u.in) };
	struct connection *c;
	int fds[2];

	from.u.in.sin_family = AF_INET;
	from.u.in.sin_addr.s_addr =
	    htonl(host == 0 ? INADDR_LOOPBACK : 0xc0000200u + host);
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
		 fds) == 0);
	MUST(pump_start(&c, &f.served.engine.net, &fds[1], &from) == 0);
	f.fd = fds[0];
}

/* Nothing may be left of the connection, nor of its streams. */
static void
check_empty(void)
{
	const struct engine *e = &f.served.engine;

	for (int i = 0; i < SERVED_ROUNDS && engine_connections(e) > 0; i++) {
		serving_end(&f.served.serving);
		served_run(&f.served);
	}
	MUST(engine_connections(e) == 0);
	MUST(e->net.peers.all.held[CHARGE_SOCKETS] == 0);
	served_forget(&f.served);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t piece = input_byte(&in), end = input_byte(&in);

	if (in.left == 0 || in.left > MAX)
		return -1;
	served_start(&f.served);
	memcpy(f.bytes, in.at, in.left);
	f.len = in.left;
	f.end_count = f.mark_count = f.heard_len = 0;
	f.call_count = f.answers = f.token_count = 0;
	connect_peer(end / 2);
	note_calls();
	converse(piece);
	if (end % 2 == 0)
		end_in_order();
	close(f.fd);
	check_empty();
	return 0;
}
