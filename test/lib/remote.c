#include "test/lib/remote.h"

#include "rpcloop/net/pump.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct engine_limits
remote_limits(void)
{
	struct engine_limits limits = engine_default_limits;

	limits.turn_ns = LOOP_ANY_TIME;
	return limits;
}

struct remote
remote_connect(struct engine *e, unsigned int host)
{
	struct address from = { .len = sizeof(from.u.in) };
	struct remote p;
	int fds[2];

	from.u.in.sin_family = AF_INET;
	from.u.in.sin_addr.s_addr = htonl(0xc0000200u + host);
	assert_int_equal(
	    socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
	    0);
	assert_int_equal(pump_start(&p.c, &e->net, &fds[1], &from), 0);
	assert_int_equal(fds[1], -1);
	p.fd = fds[0];
	return p;
}

void
remote_send(const struct remote *p, const void *bytes, size_t len)
{
	assert_int_equal(send(p->fd, bytes, len, MSG_NOSIGNAL), len);
}

void
remote_send_record(const struct remote *p, const void *body, size_t len)
{
	uint8_t header[RECORD_HEADER_SIZE];

	record_put_header(header, (uint32_t)len);
	remote_send(p, header, sizeof(header));
	remote_send(p, body, len);
}

void
remote_run_turn(struct engine *e)
{
	assert_int_equal(loop_turn(&e->loop), 0);
}

void
remote_run(struct engine *e)
{
	struct pollfd ready = { .fd = loop_fd(&e->loop), .events = POLLIN };

	do
		remote_run_turn(e);
	while (poll(&ready, 1, 0) == 1);
}

ptrdiff_t
remote_read(const struct remote *p, void *bytes, size_t size)
{
	return recv(p->fd, bytes, size, MSG_DONTWAIT);
}

size_t
remote_read_record(const struct remote *p, void *body, size_t size)
{
	uint8_t header[RECORD_HEADER_SIZE];
	size_t len;

	assert_int_equal(
	    remote_read(p, header, sizeof(header)), sizeof(header));
	assert_int_equal(header[0], 0x80);
	len = (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
	assert_true(len <= size);
	assert_int_equal(remote_read(p, body, len), len);
	return len;
}
