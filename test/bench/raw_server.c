/*
 * The server of RAW (test/bench/raw.h).
 *
 *	raw_server blocking|epoll ADDRESS
 *
 * Blocking, it serves one connection after the other.
 */
#include "test/bench/measure.h"
#include "test/bench/raw.h"
#include "text/text.h"

#include <err.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static char in[ROOM], out[2 * ROOM], all[TEXT_MAX];
static size_t out_len, all_len;

static void
answer_reversed(const char *text, size_t len)
{
	raw_put(out + out_len, REVERSE, NULL, len);
	text_reverse((uint8_t *)out + out_len + HEAD, (const uint8_t *)text,
	    len, TEXT_BY_BYTE, NULL);
	out_len += HEAD + len;
}

static void
answer_lines(const char *text, size_t len)
{
	const char *lf;

	for (size_t start, end = len; end > 0; end = start) {
		lf = memrchr(text, '\n', end - 1);
		start = lf == NULL ? 0 : (size_t)(lf + 1 - text);
		out_len +=
		    raw_put(out + out_len, REVERSE, text + start, end - start);
	}
}

static void
answer(uint32_t kind, const char *text, size_t len)
{
	if (kind == REVERSE)
		answer_reversed(text, len);
	if (kind == SPELL)
		answer_lines(text, len);
	if (kind != COLLECT && kind != COLLECTED)
		return;
	if (len > sizeof(all) - all_len)
		errx(1, "too long a text to collect");
	memcpy(all + all_len, text, len);
	all_len += len;
	if (kind == COLLECTED) {
		answer_reversed(all, all_len);
		all_len = 0;
	}
}

/* Answers what has come, to the end of a message.  Whether there was any. */
static bool
serve_some(int fd)
{
	size_t held = 0, at, len;
	uint32_t head;
	ssize_t n;

	do {
		n = recv(fd, in + held, held < BATCH ? BATCH : TEXT_MAX, 0);
		if (n <= 0)
			return false;
		held += (size_t)n;
		for (at = 0; held - at >= HEAD; at += HEAD + len) {
			memcpy(&head, in + at, HEAD);
			len = ntohl(head) & 0x3fffffff;
			if (len > TEXT_MAX || len > held - at - HEAD)
				break;
			answer(ntohl(head) >> 30, in + at + HEAD, len);
		}
		if (out_len > 0)
			send_all(fd, out, out_len);
		out_len = 0;
		held -= at;
		memmove(in, in + at, held);
	} while (held > 0);
	return true;
}

static int
take_in(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		err(1, "accept");
	send_at_once(fd);
	return fd;
}

static void
serve_all(int listener)
{
	static struct epoll_event events[EVENTS];
	struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;

			if (fd == listener) {
				event.data.fd = take_in(listener);
				epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd,
				    &event);
			} else if (!serve_some(fd)) {
				close(fd);
			}
		}
	}
}

static void
serve_one(int listener)
{
	for (;;) {
		int fd = take_in(listener);

		while (serve_some(fd))
			continue;
		close(fd);
	}
}

int
main(int argc, char **argv)
{
	if (argc != 3)
		errx(2, "usage: raw_server blocking|epoll ADDRESS");
	use_all_descriptors();
	if (strcmp(argv[1], "epoll") == 0)
		serve_all(listen_on(argv[2]));
	serve_one(listen_on(argv[2]));
}
