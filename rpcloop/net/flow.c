#include "rpcloop/net/flow.h"

#include "base/base.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LONG_BYTES = 64 * 1024, /* of output, from which on there is much */
	/* Of it, before others send, unless little more is left; and when none
	 * wait: the longest reply. */
	SEND_SIZE = 256 * 1024,
	SEND_ALONE = 1024 * 1024,
};

static ssize_t
plain_read(struct flow *f, void *bytes, size_t size)
{
	return read(f->item.fd, bytes, size);
}

static ssize_t
plain_write(struct flow *f, const void *bytes, size_t len)
{
	return send(f->item.fd, bytes, len, MSG_NOSIGNAL);
}

static int
plain_shut(struct flow *f)
{
	return shutdown(f->item.fd, SHUT_WR);
}

/* A socket as it is. */
static const struct flow_ops flow_plain = {
	.read = plain_read,
	.write = plain_write,
	.shut = plain_shut,
};

/* Work that has to wait for room or for input, and no error. */
static bool
has_to_wait(int error)
{
	return error == EAGAIN || error == EINTR;
}

int
flow_init(struct flow *f, size_t in_max)
{
	int on = 1;

	f->ops = &flow_plain;
	buffer_init(&f->in, in_max);
	buffer_init(&f->out, SIZE_MAX / 2);
	/* Output is written whole; waiting to join it helps nobody. */
	setsockopt(f->item.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return loop_watch(&f->item, LOOP_READABLE);
}

void
flow_deinit(struct flow *f)
{
	buffer_deinit(&f->in);
	buffer_deinit(&f->out);
	loop_forget(&f->item);
	close(f->item.fd);
}

void
flow_set_reading(struct flow *f, enum flow_reading next)
{
	f->reading = next;
	if (next == FLOW_READ_QUEUED)
		loop_put_off(&f->item);
}

static void
set_writing(struct flow *f, enum flow_writing next)
{
	f->writing = next;
	if (next == FLOW_WRITE_QUEUED)
		loop_send(&f->item);
}

static int
result_of(ssize_t n)
{
	if (n > 0)
		return FLOW_INPUT;
	if (n == 0)
		return FLOW_END;
	return has_to_wait(errno) ? FLOW_NOTHING : -errno;
}

int
flow_read(struct flow *f, uint8_t *scratch, size_t size, size_t most)
{
	ssize_t n;

	buffer_lend(&f->in, scratch, size);
	if (buffer_room(&f->in) < size / 4 && buffer_reserve(&f->in, size) != 0)
		return -ENOMEM;
	n = f->ops->read(
	    f, buffer_tail(&f->in), MIN_OF(buffer_room(&f->in), most));
	if (n > 0)
		buffer_commit(&f->in, (size_t)n);
	return result_of(n);
}

int
flow_settle_input(struct flow *f)
{
	return buffer_settle(&f->in);
}

bool
flow_has_input(const struct flow *f)
{
	uint8_t byte;

	return recv(f->item.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

int
flow_discard(struct flow *f, uint8_t *scratch, size_t size)
{
	return result_of(f->ops->read(f, scratch, size));
}

/* Writes at most `most` bytes, and waits to write the rest. */
static ssize_t
write_some(struct flow *f, size_t most)
{
	ssize_t n = 0;

	if (most > 0)
		n = f->ops->write(f, buffer_head(&f->out), most);
	if (n < 0 && !has_to_wait(errno))
		return -errno;
	if (n > 0)
		buffer_consume(&f->out, (size_t)n);
	set_writing(
	    f, buffer_len(&f->out) > 0 ? FLOW_WRITE_NOW : FLOW_WRITE_NONE);
	return MAX_OF(n, 0);
}

ssize_t
flow_flush(struct flow *f)
{
	size_t len = buffer_len(&f->out);

	if (len < LONG_BYTES)
		return write_some(f, len);
	set_writing(f, FLOW_WRITE_QUEUED);
	return 0;
}

ssize_t
flow_send(struct flow *f)
{
	size_t len = buffer_len(&f->out);
	size_t size = loop_is_alone(f->item.loop) ? SEND_ALONE : SEND_SIZE;
	size_t most = len < size + LONG_BYTES ? len : size;
	ssize_t n = write_some(f, most);

	if (n <= 0)
		return n;
	loop_spend(f->item.loop, (size_t)n);
	/* Else it is asked for more when the socket is writable. */
	if ((size_t)n == most && buffer_len(&f->out) >= LONG_BYTES)
		set_writing(f, FLOW_WRITE_QUEUED);
	return n;
}

void
flow_shut(struct flow *f)
{
	f->ops->shut(f);
}

void
flow_settle(struct flow *f, bool busy)
{
	unsigned int wanted = 0;

	/* What is left of the input is of no use once reading has ended. */
	if (f->reading == FLOW_READ_ENDED)
		buffer_deinit(&f->in);
	else
		buffer_trim(&f->in);
	if (!busy)
		buffer_trim(&f->out);
	if (f->reading == FLOW_READ_WANTED)
		wanted |= LOOP_READABLE;
	if (f->writing == FLOW_WRITE_NOW)
		wanted |= LOOP_WRITABLE;
	loop_want(&f->item, wanted);
}

bool
flow_peer_reads(struct flow *f)
{
	int before = f->unsent;

	if (ioctl(f->item.fd, SIOCOUTQ, &f->unsent) != 0)
		f->unsent = 0;
	return f->unsent < before;
}
