#include "test/lib/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct peer
peer_connect(struct engine *e, unsigned int host)
{
	struct address from = { .len = sizeof(from.u.in) };
	struct peer p;
	int fds[2];

	from.u.in.sin_family = AF_INET;
	from.u.in.sin_addr.s_addr = htonl(0xc0000200u + host);
	assert_int_equal(
	    socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
	    0);
	assert_int_equal(connection_new(&p.c, e, &fds[1], &from), 0);
	assert_int_equal(fds[1], -1);
	p.fd = fds[0];
	return p;
}

void
peer_send(const struct peer *p, const void *bytes, size_t len)
{
	assert_int_equal(send(p->fd, bytes, len, MSG_NOSIGNAL), len);
}

void
peer_send_record(const struct peer *p, const void *body, size_t len)
{
	uint8_t header[RECORD_HEADER_SIZE];

	record_put_header(header, (uint32_t)len);
	peer_send(p, header, sizeof(header));
	peer_send(p, body, len);
}

void
peer_run_turn(struct engine *e)
{
	event_base_loop(e->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

void
peer_run(struct engine *e)
{
	event_base_loop(e->base, EVLOOP_NONBLOCK);
}

ptrdiff_t
peer_read(const struct peer *p, void *bytes, size_t size)
{
	return recv(p->fd, bytes, size, MSG_DONTWAIT);
}

size_t
peer_read_record(const struct peer *p, void *body, size_t size)
{
	uint8_t header[RECORD_HEADER_SIZE];
	size_t len;

	assert_int_equal(peer_read(p, header, sizeof(header)), sizeof(header));
	assert_int_equal(header[0], 0x80);
	len = (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
	assert_true(len <= size);
	assert_int_equal(peer_read(p, body, len), len);
	return len;
}
