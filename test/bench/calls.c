/*
 * A raw client that measures how many calls a server answers.
 *
 *	calls PORT DEPTH MILLISECONDS
 *
 * Calls REVERSE_TEXT for 16 bytes, unit BYTE, on one connection to the
 * loopback with DEPTH calls in flight: as many calls as were answered are sent
 * again in one write.  Every reply is checked.  Prints calls a second.
 */

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LAST_FRAGMENT 0x80000000u
#define DEPTH_MAX     1024

/* The words of a call's record and of its reply's; RFC 5531, section 9. */
enum {
	CALL_WORDS = 1 + 10 + 3 + 5,
	REPLY_WORDS = 1 + 6 + 1 + 5 + 1,
	XID = 1, /* where the xid is, in both */
};

static uint32_t call[CALL_WORDS] = {
	LAST_FRAGMENT | 4 * (CALL_WORDS - 1),
	0,
	0,
	2,
	0x20726576,
	1,
	2, /* xid, CALL, RPC 2, program, 1, TEXT */
	0,
	0,
	0,
	0, /* credential and verifier: AUTH_NONE */
	0,
	0,
	2, /* no context, UNIT_BYTE */
	16,
	0x30313233,
	0x34353637,
	0x38396162,
	0x63646566,
};

static uint32_t reply[REPLY_WORDS] = {
	LAST_FRAGMENT | 4 * (REPLY_WORDS - 1), 0, 1, 0, 0, 0,
	0, /* xid, REPLY, accepted, AUTH_NONE, SUCCESS */
	0, /* STATUS_OK */
	16, 0x66656463, 0x62613938, 0x37363534, 0x33323130, 0, /* no metadata */
};

struct client {
	int fd;
	uint32_t sent; /* calls, and the xid of the last */
	uint32_t answered;
	uint32_t calls[DEPTH_MAX][CALL_WORDS];
	uint32_t replies[DEPTH_MAX][REPLY_WORDS];
	size_t replies_len; /* bytes of them that have come */
};

static void
to_network_order(uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		words[i] = htonl(words[i]);
}

static int
connect_to(uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		err(1, "port %u", port);
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0)
		err(1, "TCP_NODELAY");
	return fd;
}

static void
send_calls(struct client *c, uint32_t count)
{
	const char *at = (const char *)c->calls;
	size_t left = count * sizeof(call);
	ssize_t n;

	for (uint32_t i = 0; i < count; i++)
		c->calls[i][XID] = htonl(++c->sent);
	while (left > 0) {
		n = write(c->fd, at, left);
		if (n < 0)
			err(1, "write");
		at += n;
		left -= (size_t)n;
	}
}

/* Waits for replies and checks those that are whole; returns how many. */
static uint32_t
receive_replies(struct client *c)
{
	char *bytes = (char *)c->replies;
	ssize_t n = read(
	    c->fd, bytes + c->replies_len, sizeof(c->replies) - c->replies_len);
	uint32_t whole;

	if (n < 0)
		err(1, "read");
	if (n == 0)
		errx(1, "the server closed the connection");
	c->replies_len += (size_t)n;
	whole = (uint32_t)(c->replies_len / sizeof(reply));
	for (uint32_t i = 0; i < whole; i++) {
		reply[XID] = htonl(++c->answered);
		if (memcmp(c->replies[i], reply, sizeof(reply)) != 0)
			errx(1, "a wrong reply to call %u", c->answered);
	}
	c->replies_len -= whole * sizeof(reply);
	memmove(bytes, c->replies[whole], c->replies_len);
	return whole;
}

static double
seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A number from the command line; it is at least 1. */
static uint32_t
number(const char *text, long max)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*end != '\0' || value < 1 || value > max)
		errx(2, "not between 1 and %ld: %s", max, text);
	return (uint32_t)value;
}

int
main(int argc, char **argv)
{
	static struct client client;
	uint32_t depth;
	double begun, end;

	if (argc != 4)
		errx(2, "usage: calls PORT DEPTH MILLISECONDS");
	client.fd = connect_to((uint16_t)number(argv[1], UINT16_MAX));
	depth = number(argv[2], DEPTH_MAX - 1);
	to_network_order(call, CALL_WORDS);
	to_network_order(reply, REPLY_WORDS);
	for (uint32_t i = 0; i < depth; i++)
		memcpy(client.calls[i], call, sizeof(call));
	begun = seconds_now();
	end = begun + number(argv[3], 1000000) / 1e3;
	send_calls(&client, depth);
	while (seconds_now() < end)
		send_calls(&client, receive_replies(&client));
	/* The textbook server would not survive replies that nobody reads. */
	while (client.answered < client.sent)
		receive_replies(&client);
	printf("%.0f\n", client.answered / (seconds_now() - begun));
	return 0;
}
