#include "test/lib/fake.h"

#include "base/base.h"
#include "rpcloop/net/address.h"
#include "rpcloop/wire/record.h"
#include "rpcloop/wire/word.h"

#include <rpc/rpc.h>
#include <rpc/rpcb_prot.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { MESSAGE_MAX = 1024 };

/* An accepted reply without a result, and how many words that has. */
static int
accepted(uint32_t *words, enum accept_stat stat)
{
	words[0] = REPLY;
	words[1] = MSG_ACCEPTED;
	words[2] = words[3] = 0;
	words[4] = stat;
	return 5;
}

int
fake_serves(struct fake *fake, const struct call_header *call, uint32_t *words)
{
	(void)fake;
	if (call->program != FAKE_PROGRAM || call->version != 1)
		return accepted(words, PROG_UNAVAIL);
	return accepted(words, call->procedure == 0 ? SUCCESS : PROC_UNAVAIL);
}

int
fake_hangs(struct fake *fake, const struct call_header *call, uint32_t *words)
{
	(void)fake;
	(void)call;
	(void)words;
	return FAKE_SILENT;
}

int
fake_is_another(
    struct fake *fake, const struct call_header *call, uint32_t *words)
{
	(void)fake;
	(void)call;
	return accepted(words, PROG_UNAVAIL);
}

static int
mismatch(const struct fake *fake, uint32_t *words)
{
	int n = accepted(words, PROG_MISMATCH);
	uint32_t low = 2, high = 4;

	while ((fake->versions & 1u << low) == 0 && low < 4)
		low++;
	while ((fake->versions & 1u << high) == 0 && high > 2)
		high--;
	words[n] = low;
	words[n + 1] = high;
	return n + 2;
}

/* The words of a string (RFC 4506, section 4.11). */
static int
put_string(uint32_t *words, const char *text)
{
	size_t len = strlen(text);
	uint8_t padded[MESSAGE_MAX] = { 0 };
	int n = 1;

	memcpy(padded, text, len);
	words[0] = (uint32_t)len;
	for (size_t at = 0; at < len; at += WORD_SIZE)
		words[n++] = word_get(padded + at);
	return n;
}

int
fake_is_rpcbind(
    struct fake *fake, const struct call_header *call, uint32_t *words)
{
	int n;

	if (call->program != RPCBPROG || call->procedure != RPCBPROC_GETADDR)
		return accepted(words, PROG_UNAVAIL);
	if (fake->silent & 1u << call->version)
		return FAKE_SILENT;
	if ((fake->versions & 1u << call->version) == 0)
		return mismatch(fake, words);
	n = accepted(words, SUCCESS);
	if (call->version > 2)
		return n + put_string(words + n, fake->address);
	words[n] = fake->port;
	return n + 1;
}

int
fake_garbles(struct fake *fake, const struct call_header *call, uint32_t *words)
{
	int n = accepted(words, SUCCESS);

	(void)fake;
	(void)call;
	if (call->version > 2)
		words[n++] = UINT32_MAX;
	return n;
}

/* The third of the arguments, which for a portmapper is a protocol. */
static void
note_netid(struct fake *fake, const struct call_header *call,
    const uint8_t *message, size_t len)
{
	size_t at = call->size + 2 * WORD_SIZE, size;

	if (call->program != RPCBPROG)
		return;
	size = word_get(message + at);
	if (call->version < 3) {
		strcpy(fake->netid, size == IPPROTO_UDP ? "udp" : "tcp");
		return;
	}
	assert_true(size < sizeof(fake->netid) && at + size < len);
	memcpy(fake->netid, message + at + WORD_SIZE, size);
	fake->netid[size] = '\0';
}

/* Makes the reply to a message, after room for a header.  Returns its length,
 * FAKE_SILENT or FAKE_CLOSES. */
static int
reply_to(struct fake *fake, const uint8_t *message, size_t len, uint8_t *out)
{
	uint32_t words[FAKE_WORDS_MAX];
	struct call_header call;
	int n;

	assert_int_equal(header_parse(&call, message, len), HEADER_OK);
	if (fake->count < FAKE_CALLS_MAX)
		fake->calls[fake->count++] = call;
	note_netid(fake, &call, message, len);
	n = fake->answer(fake, &call, words);
	if (n < 0)
		return n;
	out += RECORD_HEADER_SIZE;
	word_put(out, call.xid);
	for (int i = 0; i < n; i++)
		word_put(out + (i + 1) * WORD_SIZE, words[i]);
	return (n + 1) * WORD_SIZE;
}

static void
end_peer(struct fake_peer *peer)
{
	if (peer->fake == NULL)
		return;
	loop_forget(&peer->item);
	close(peer->item.fd);
	peer->fake = NULL;
}

/* The calls of a client are short: each comes whole. */
static void
on_stream(struct loop_item *item, unsigned int reasons)
{
	struct fake_peer *peer = container_of(item, struct fake_peer, item);
	uint8_t in[MESSAGE_MAX], out[MESSAGE_MAX];
	ssize_t len = recv(item->fd, in, sizeof(in), 0);
	size_t at = 0, size;
	int n = 0;

	(void)reasons;
	while (n != FAKE_CLOSES && len > 0 && at < (size_t)len) {
		size = word_get(in + at) & ~RECORD_LAST_FRAGMENT;
		at += RECORD_HEADER_SIZE;
		assert_true(at + size <= (size_t)len);
		n = reply_to(peer->fake, in + at, size, out);
		at += size;
		if (n < 0)
			continue;
		record_put_header(out, (uint32_t)n);
		send(item->fd, out, (size_t)n + RECORD_HEADER_SIZE,
		    MSG_NOSIGNAL);
	}
	if (n == FAKE_CLOSES || len <= 0)
		end_peer(peer);
}

static void
on_datagram(struct loop_item *item, unsigned int reasons)
{
	struct fake *fake = container_of(item, struct fake, item);
	uint8_t in[MESSAGE_MAX], out[MESSAGE_MAX];
	struct endpoint from = { .len = sizeof(from.at) };
	ssize_t len =
	    recvfrom(item->fd, in, sizeof(in), 0, &from.at.any, &from.len);
	int n;

	(void)reasons;
	if (len <= 0)
		return;
	n = reply_to(fake, in, (size_t)len, out);
	if (n > 0)
		sendto(item->fd, out + RECORD_HEADER_SIZE, (size_t)n, 0,
		    &from.at.any, from.len);
}

static void
welcome(struct fake *fake, struct fake_peer *peer, int fd)
{
	if (fake->greeting != NULL)
		send(fd, fake->greeting, strlen(fake->greeting), MSG_NOSIGNAL);
	peer->fake = fake;
	loop_item_init(&peer->item, fake->item.loop, fd, on_stream, NULL);
	assert_int_equal(loop_watch(&peer->item, LOOP_READABLE), 0);
	if (fake->answer == NULL)
		end_peer(peer);
}

static void
on_connection(struct loop_item *item, unsigned int reasons)
{
	struct fake *fake = container_of(item, struct fake, item);
	int fd = accept4(item->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	size_t i = 0;

	(void)reasons;
	if (fd < 0)
		return;
	fake->accepted++;
	while (fake->peers[i].fake != NULL) {
		i++;
		assert_true(i < FAKE_PEERS_MAX);
	}
	welcome(fake, &fake->peers[i], fd);
}

static void
choose_address(struct fake *fake, int type, const char *host)
{
	struct address any;

	if (host[0] == '/') {
		assert_true(endpoint_from_path(&fake->at, host));
		return;
	}
	assert_int_equal(address_parse(&any, host, 0), 0);
	assert_true(
	    endpoint_from_address(&fake->at, type, &any.u.any, any.len));
}

void
fake_start(struct fake *fake, struct loop *loop, int type, const char *host)
{
	int fd;

	choose_address(fake, type, host);
	fd = socket(
	    fake->at.at.any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, &fake->at.at.any, fake->at.len), 0);
	if (host[0] != '/')
		assert_int_equal(
		    getsockname(fd, &fake->at.at.any, &fake->at.len), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, FAKE_PEERS_MAX), 0);
	loop_item_init(&fake->item, loop, fd,
	    type == SOCK_STREAM ? on_connection : on_datagram, NULL);
	assert_int_equal(loop_watch(&fake->item, LOOP_READABLE), 0);
}

void
fake_stop(struct fake *fake)
{
	if (fake->at.len == 0)
		return;
	for (size_t i = 0; i < FAKE_PEERS_MAX; i++)
		end_peer(&fake->peers[i]);
	loop_forget(&fake->item);
	close(fake->item.fd);
	if (fake->at.at.any.sa_family == AF_UNIX)
		unlink(fake->at.at.un.sun_path);
	fake->at.len = 0;
}
