/*
 * A raw client that measures how fast a server takes a stream.
 *
 *	segments PORT BYTES FLIGHTS
 *
 * Opens an EACH stream, unit BYTE, at the loopback, and pushes lines of 60
 * bytes, 500 in a segment, half of what one may have, until BYTES have come
 * back: with FLIGHTS segments in flight.  Nothing is decoded but the numbers of
 * the answers.  Prints bytes a second.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	LINES = 500,
	LINE_BYTES = 60,
	LINE_WORDS = 1 + LINE_BYTES / 4,
	ROOM = 4 * 1024 * 1024,
	/* Words of a call's record before its arguments, and of a reply's
	 * before its result. */
	CALL_HEAD = 1 + 10,
	REPLY_HEAD = 1 + 6,
	METHOD_EACH = 3,
	UNIT_BYTE = 2,
	CREDIT = 1024 * 1024,
};

#define LAST_FRAGMENT 0x80000000u

/* A record that is being made, in words. */
static uint32_t words[16 + 8 + LINES * LINE_WORDS + 8];
static size_t count;

static int fd;
static uint32_t xid;
static unsigned char input[ROOM];
static size_t held;
static uint64_t sent, answered; /* lines */

static void
put(uint32_t word)
{
	words[count++] = htonl(word);
}

static void
begin(uint32_t procedure)
{
	count = 1;
	put(++xid);
	put(0);
	put(2);
	put(0x20726576);
	put(1);
	put(procedure);
	for (int i = 0; i < 4; i++)
		put(0);
}

/* A segment of that many lines, which are the next. */
static void
put_segment(uint32_t lines)
{
	put((uint32_t)(sent >> 32));
	put((uint32_t)sent);
	put(lines);
	for (uint32_t i = 0; i < lines; i++) {
		put(LINE_BYTES);
		memset(words + count, 'a' + (int)(i % 26), LINE_BYTES);
		count += LINE_BYTES / 4;
	}
	put(0);
	put((uint32_t)(answered >> 32));
	put((uint32_t)answered);
	put(CREDIT);
	sent += lines;
}

static void
write_record(void)
{
	const char *at = (const char *)words;
	size_t left = count * sizeof(words[0]);
	ssize_t n;

	words[0] = htonl(LAST_FRAGMENT | (uint32_t)(left - sizeof(words[0])));
	for (; left > 0; at += n, left -= (size_t)n)
		if ((n = write(fd, at, left)) < 0)
			err(1, "write");
}

static uint32_t
word_at(size_t index)
{
	uint32_t word;

	memcpy(&word, input + index * sizeof(word), sizeof(word));
	return ntohl(word);
}

/* Bytes of the next record, with its header; 0: it is not there yet. */
static size_t
record_len(void)
{
	size_t len;

	if (held < sizeof(uint32_t))
		return 0;
	len = sizeof(uint32_t) + (word_at(0) & ~LAST_FRAGMENT);
	return len <= held ? len : 0;
}

static size_t
wait_for_record(void)
{
	size_t len;
	ssize_t n;

	while ((len = record_len()) == 0) {
		n = read(fd, input + held, sizeof(input) - held);
		if (n <= 0)
			err(1, "read");
		held += (size_t)n;
	}
	return len;
}

static void
drop_record(size_t len)
{
	held -= len;
	memmove(input, input + len, held);
}

/* What an answer says: which lines it has. */
static void
take_answer(size_t at)
{
	uint64_t first = (uint64_t)word_at(at) << 32 | word_at(at + 1);

	if (word_at(REPLY_HEAD) != 0)
		errx(1, "refused with %u", word_at(REPLY_HEAD));
	if (first != answered)
		errx(1, "answer %llu out of order", (unsigned long long)first);
	answered += word_at(at + 2);
}

static void
open_stream(uint32_t name[4])
{
	size_t len;

	begin(3);
	put(0);
	put(0);
	for (int i = 0; i < 4; i++)
		put((uint32_t)getpid() + (uint32_t)i);
	put(METHOD_EACH);
	put(UNIT_BYTE);
	put(0);
	put(0);
	put_segment(0);
	put(0);
	write_record();
	len = wait_for_record();
	take_answer(REPLY_HEAD + 1 + 4 + 1);
	memcpy(name, input + (size_t)(REPLY_HEAD + 1) * 4, 16);
	drop_record(len);
}

static void
push(const uint32_t name[4], bool ahead)
{
	begin(4);
	memcpy(words + count, name, 16);
	count += 4;
	put_segment(LINES);
	put(10000);
	put(ahead);
	write_record();
}

static double
seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	uint32_t name[4];
	uint64_t lines, flights;
	double began;
	size_t len;
	int one = 1;

	if (argc != 4)
		errx(2, "usage: segments PORT BYTES FLIGHTS");
	to.sin_port = htons((uint16_t)atoi(argv[1]));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	lines = strtoull(argv[2], NULL, 10) / (LINE_BYTES + 1);
	flights = strtoull(argv[3], NULL, 10);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		err(1, "port %s", argv[1]);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	open_stream(name);
	began = seconds_now();
	for (uint64_t i = 0; i < flights; i++)
		push(name, i > 0);
	while (answered < lines) {
		len = wait_for_record();
		take_answer(REPLY_HEAD + 1);
		drop_record(len);
		while (sent - answered + LINES <= flights * LINES)
			push(name, true);
	}
	printf("%.0f\n",
	    (double)answered * (LINE_BYTES + 1) / (seconds_now() - began));
	return 0;
}
