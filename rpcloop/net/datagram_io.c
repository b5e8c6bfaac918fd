#include "rpcloop/net/datagram_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BUFFER_SIZE = 64 * 1024,      /* more than a datagram can have */
	QUEUE_SIZE = 4 * 1024 * 1024, /* the kernel cuts it to its limit */
	CONTROL_SIZE = CMSG_SPACE(sizeof(struct in6_pktinfo)),
};

/* As struct cmsghdr has to be aligned. */
union control {
	char bytes[CONTROL_SIZE];
	struct cmsghdr align;
};

struct datagram_batch {
	struct mmsghdr messages[DATAGRAM_IO_BATCH];
	struct iovec pieces[DATAGRAM_IO_BATCH];
	union control controls[DATAGRAM_IO_BATCH];
	struct datagram_input inputs[DATAGRAM_IO_BATCH];
	uint8_t buffers[DATAGRAM_IO_BATCH][BUFFER_SIZE];
};

struct datagram_batch *
datagram_io_batch_new(void)
{
	return calloc(1, sizeof(struct datagram_batch));
}

static int
set_options(int fd, sa_family_t family)
{
	int on = 1, size = QUEUE_SIZE;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (family == AF_INET6)
		return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
			   sizeof(on)) < 0 ||
			setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on,
			    sizeof(on)) < 0
		    ? -errno
		    : 0;
	return setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0
	    ? -errno
	    : 0;
}

int
datagram_io_share(int fd)
{
	int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0
	    ? -errno
	    : 0;
}

static int
make_and_bind(const struct address *address, bool beside)
{
	sa_family_t family = address->u.any.sa_family;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r;

	if (fd < 0)
		return -errno;
	r = set_options(fd, family);
	if (r == 0 && beside)
		r = datagram_io_share(fd);
	if (r == 0 && bind(fd, &address->u.any, address->len) < 0)
		r = -errno;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

int
datagram_io_bind(const struct address *address)
{
	return make_and_bind(address, false);
}

int
datagram_io_bind_beside(const struct address *address)
{
	return make_and_bind(address, true);
}

static void
prepare(struct datagram_batch *batch, int i)
{
	struct datagram_input *input = &batch->inputs[i];

	batch->pieces[i] = (struct iovec){ batch->buffers[i], BUFFER_SIZE };
	batch->messages[i].msg_hdr = (struct msghdr){
		.msg_name = &input->origin.peer.u,
		.msg_namelen = sizeof(input->origin.peer.u),
		.msg_iov = &batch->pieces[i],
		.msg_iovlen = 1,
		.msg_control = &batch->controls[i],
		.msg_controllen = CONTROL_SIZE,
	};
}

/*
 * Where it was sent to.  Returns false for broadcast and multicast: to those
 * addresses the kernel gives another one to answer from, or none.
 */
static bool
read_called_v4(struct datagram_origin *origin, const struct cmsghdr *c)
{
	struct in_pktinfo info;

	memcpy(&info, CMSG_DATA(c), sizeof(info));
	origin->called.in = info.ipi_spec_dst;
	return info.ipi_spec_dst.s_addr == info.ipi_addr.s_addr;
}

static bool
read_called_v6(struct datagram_origin *origin, const struct cmsghdr *c)
{
	struct in6_pktinfo info;

	memcpy(&info, CMSG_DATA(c), sizeof(info));
	origin->called.in6 = info.ipi6_addr;
	if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
		origin->interface = info.ipi6_ifindex;
	return !IN6_IS_ADDR_MULTICAST(&info.ipi6_addr);
}

static bool
read_called(struct datagram_origin *origin, struct msghdr *m)
{
	struct cmsghdr *c;

	origin->interface = 0;
	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
			return read_called_v4(origin, c);
		if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO)
			return read_called_v6(origin, c);
	}
	return false;
}

int
datagram_io_receive(int fd, struct datagram_batch *batch)
{
	int count;

	for (int i = 0; i < DATAGRAM_IO_BATCH; i++)
		prepare(batch, i);
	count = recvmmsg(
	    fd, batch->messages, DATAGRAM_IO_BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < count; i++) {
		struct datagram_input *input = &batch->inputs[i];
		struct msghdr *m = &batch->messages[i].msg_hdr;

		input->bytes = batch->buffers[i];
		input->len = batch->messages[i].msg_len;
		input->origin.peer.len = m->msg_namelen;
		input->for_us = read_called(&input->origin, m) &&
		    (m->msg_flags & MSG_TRUNC) == 0;
	}
	return count;
}

struct datagram_input *
datagram_io_input(struct datagram_batch *batch, int i)
{
	return &batch->inputs[i];
}

/* The message of one reply, which leaves from where its call was sent to. */
static void
address_reply(
    struct msghdr *m, const struct datagram_origin *to, union control *control)
{
	struct in6_pktinfo v6 = { .ipi6_ifindex = to->interface };
	struct in_pktinfo v4 = { .ipi_ifindex = 0 };
	bool is_v6 = to->peer.u.any.sa_family == AF_INET6;
	size_t len = is_v6 ? sizeof(v6) : sizeof(v4);
	struct cmsghdr *c;

	v4.ipi_spec_dst = to->called.in;
	v6.ipi6_addr = to->called.in6;
	memset(control, 0, sizeof(*control));
	m->msg_name = (void *)(uintptr_t)&to->peer.u;
	m->msg_namelen = to->peer.len;
	m->msg_control = control;
	m->msg_controllen = CMSG_SPACE(len);
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = is_v6 ? IPPROTO_IPV6 : IPPROTO_IP;
	c->cmsg_type = is_v6 ? IPV6_PKTINFO : IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), is_v6 ? (void *)&v6 : (void *)&v4, len);
}

unsigned int
datagram_io_send(int fd, const struct datagram_reply *replies,
    unsigned int count, uint8_t *output)
{
	struct mmsghdr messages[DATAGRAM_REPLIES] = { 0 };
	struct iovec pieces[DATAGRAM_REPLIES];
	union control controls[DATAGRAM_REPLIES];
	unsigned int done = 0;
	int n;

	for (unsigned int i = 0; i < count; i++) {
		pieces[i].iov_base = output + replies[i].at;
		pieces[i].iov_len = replies[i].len;
		messages[i].msg_hdr.msg_iov = &pieces[i];
		messages[i].msg_hdr.msg_iovlen = 1;
		address_reply(
		    &messages[i].msg_hdr, &replies[i].to, &controls[i]);
	}
	while (done < count) {
		n = sendmmsg(fd, messages + done, count - done, MSG_DONTWAIT);
		if (n > 0)
			done += (unsigned int)n;
		else if (errno == EAGAIN || errno == ENOBUFS)
			break;
		else if (errno != EINTR)
			done++; /* nobody is there, or may be told */
	}
	return done;
}
