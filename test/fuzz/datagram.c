/*
 * For libFuzzer: any datagrams, from several hosts, to the real service over
 * real sockets of the loopback.
 *
 * A datagram that is a call has one reply, at once or when its stream ends, and
 * what is no call has none.  The reply is the right one (test/fuzz/judge.h), to
 * the host that called, and no longer than three times the call or 400 bytes,
 * unless it goes on with a stream.  The same datagram again is another call
 * only once the first is answered.  In the end nothing is left in the counters,
 * and no memory when the streams have been forgotten.
 *
 * An input is datagrams, each behind three bytes: who sends it, and whether it
 * is sent twice; and its length.  Calls are given numbers of the harness's own
 * for their xid.  "the stream of #" and one byte more become a token as in
 * test/fuzz/call.c.
 */
#include "test/fuzz/fuzz.h"

#include "base/base.h"
#include "test/fuzz/judge.h"
#include "test/fuzz/served.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum {
	HOSTS = 4,
	CALLS_MAX = 256,
	TOKENS_MAX = 64,
	DATAGRAM_MAX = 4096,
	SMALL_REPLY = 400,
	REPLY_RATIO = 3,
};

static const char placeholder[] = "the stream of #";
_Static_assert(sizeof(placeholder) == sizeof(token), "one byte is left");

static struct {
	struct served served;
	int hosts[HOSTS]; /* their sockets */
	struct datagram *socket;

	/* Of the present input. */
	struct sent_call calls[CALLS_MAX];
	unsigned int callers[CALLS_MAX]; /* which host */
	unsigned int call_count;
	token tokens[TOKENS_MAX];
	unsigned int token_count;
	uint8_t heard[DATAGRAM_SIZE_MAX];
} f;

/* A socket at 127.0.0.1, 127.0.0.2 and so on. */
static int
host_socket(unsigned int number)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number);
	MUST(fd >= 0);
	MUST(bind(fd, (struct sockaddr *)&own, sizeof(own)) == 0);
	MUST(connect(fd, &f.socket->address.u.any, f.socket->address.len) == 0);
	return fd;
}

static void
start(void)
{
	struct address any;

	if (f.served.started)
		return;
	served_start(&f.served);
	MUST(address_parse(&any, "127.0.0.1", 0) == 0);
	MUST(datagram_open(&f.socket, &f.served.engine.net, &any,
		 dispatcher_datagram) == 0);
	for (unsigned int i = 0; i < HOSTS; i++)
		f.hosts[i] = host_socket(i);
}

/* Whether a reply may be so long. */
static void
check_length(const struct sent_call *call, size_t len)
{
	bool goes_on = call->len >= 24 && call->words[5] == REVERSE_EXCHANGE;

	MUST(goes_on || len <= MAX_OF(call->len * REPLY_RATIO, SMALL_REPLY));
}

/* Checks the replies that have come to a host. */
static void
hear(unsigned int host)
{
	token opened;
	uint32_t xid;
	ssize_t n;

	while ((n = recv(f.hosts[host], f.heard, sizeof(f.heard),
		    MSG_DONTWAIT)) >= 0) {
		MUST(n >= 20);
		memcpy(&xid, f.heard, sizeof(xid));
		xid = ntohl(xid);
		MUST(xid < f.call_count && f.callers[xid] == host);
		check_length(&f.calls[xid], (size_t)n);
		if (reply_check(
			f.heard, (size_t)n, f.calls, f.call_count, opened) &&
		    f.token_count < TOKENS_MAX)
			memcpy(
			    f.tokens[f.token_count++], opened, sizeof(token));
	}
	MUST(errno == EAGAIN);
}

/* The datagram is in the queue of the service when send(2) returns. */
static void
send_and_hear(unsigned int host, const uint8_t *bytes, size_t len)
{
	MUST(send(f.hosts[host], bytes, len, 0) == (ssize_t)len);
	served_run(&f.served);
	for (unsigned int i = 0; i < HOSTS; i++)
		hear(i);
}

static void
put_tokens(uint8_t *bytes, size_t len)
{
	unsigned int number;

	for (size_t i = 4 * CALL_WORDS; i + sizeof(token) <= len; i++) {
		if (memcmp(bytes + i, placeholder, sizeof(placeholder) - 1))
			continue;
		number = bytes[i + sizeof(token) - 1] - '0';
		if (number < f.token_count)
			memcpy(bytes + i, f.tokens[number], sizeof(token));
	}
}

/* Notes what has to be answered, if anything; the xid becomes its number. */
static struct sent_call *
note_call(unsigned int host, uint8_t *bytes, size_t len)
{
	struct sent_call call = { .len = len };
	uint32_t word;

	word = htonl(f.call_count);
	memcpy(bytes, &word, MIN_OF(len, sizeof(word)));
	for (size_t i = 0; i < CALL_WORDS && 4 * (i + 1) <= len; i++) {
		memcpy(&word, bytes + 4 * i, sizeof(word));
		call.words[i] = ntohl(word);
	}
	if (len < 8 || call.words[1] != CALL)
		return NULL;
	call.good = reply_is_due(bytes, len);
	f.callers[f.call_count] = host;
	f.calls[f.call_count] = call;
	return &f.calls[f.call_count++];
}

static void
one_datagram(struct input *in)
{
	uint8_t bytes[DATAGRAM_MAX];
	uint8_t how = input_byte(in);
	size_t len = (size_t)input_byte(in) << 8;
	unsigned int host = how % HOSTS;
	struct sent_call *call;

	len |= input_byte(in);
	len = MIN_OF(MIN_OF(len, in->left), sizeof(bytes));
	memcpy(bytes, in->at, len);
	in->at += len;
	in->left -= len;
	put_tokens(bytes, len);
	call = note_call(host, bytes, len);
	send_and_hear(host, bytes, len);
	if ((how & HOSTS) == 0)
		return;
	/* An answered call is made again, one that waits is not. */
	if (call != NULL)
		call->answered = false;
	send_and_hear(host, bytes, len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	if (size < 3)
		return -1;
	start();
	f.call_count = f.token_count = 0;
	while (in.left > 0 && f.call_count < CALLS_MAX)
		one_datagram(&in);
	serving_end(&f.served.serving);
	served_run(&f.served);
	for (unsigned int i = 0; i < HOSTS; i++)
		hear(i);
	for (unsigned int i = 0; i < f.call_count; i++)
		MUST(f.calls[i].answered);
	MUST(f.socket->owed_by_call.count == 0);
	MUST(f.served.engine.net.peers.all.held[CHARGE_SOCKETS] == 0);
	served_forget(&f.served);
	MUST(f.served.engine.net.peers.all.held[CHARGE_BYTES] == 0);
	return 0;
}
