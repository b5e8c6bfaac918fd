/*
 * The load client of RAW (test/bench/raw.h), by the command line of
 * test/bench/measure.h.
 */
#include "test/bench/raw.h"
#include "test/bench/measure.h"
#include "text/text.h"

#include <err.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * A load: an ask, and what comes for it: `answers` times the same. Both are
 * there as often as there is room, to be sent and compared in blocks.
 */
static char asks[2 * ROOM], wanted[2 * ROOM], in[2 * TEXT_MAX];
static size_t ask_len, asks_len, want_len, answers = 1, messages = 1;

struct place {
	int fd;
	uint64_t due, sent, got; /* bytes */
};

static void
repeat(char *bytes, size_t len, size_t room)
{
	for (size_t done = len; done < room; done += len)
		memcpy(bytes + done, bytes, len);
}

static void
prepare(const struct load *load)
{
	bool is_long = load->work == WORK_COLLECT || load->work == WORK_SPELL;
	char *const text = in, *const turned = in + TEXT_MAX;
	size_t sum;

	messages = is_long ? load_messages(load) : 1;
	answers = load->work == WORK_SPELL ? messages : 1;
	sum = messages * load->bytes;
	load_fill_lines(text, sum, load->bytes);
	text_reverse(
	    (uint8_t *)turned, (const uint8_t *)text, sum, TEXT_BY_BYTE, NULL);
	for (size_t i = 1; load->work == WORK_COLLECT && i < messages; i++)
		ask_len += raw_put(asks + ask_len, COLLECT, text, load->bytes);
	if (load->work == WORK_COLLECT)
		ask_len +=
		    raw_put(asks + ask_len, COLLECTED, text, load->bytes);
	else
		ask_len =
		    raw_put(asks, answers > 1 ? SPELL : REVERSE, text, sum);
	want_len = raw_put(
	    wanted, REVERSE, answers > 1 ? text : turned, sum / answers);
	asks_len = sizeof(asks) / ask_len * ask_len;
	repeat(asks, ask_len, asks_len);
	repeat(wanted, want_len, sizeof(wanted) - want_len);
}

/* Sends what is due, as far as it goes; waits until more goes or comes. */
static void
push(struct place *p)
{
	struct pollfd wait = { .fd = p->fd, .events = POLLIN | POLLOUT };
	size_t at, len;
	ssize_t n;

	while (p->sent < p->due) {
		at = p->sent % asks_len;
		len = asks_len - at;
		if (len > p->due - p->sent)
			len = p->due - p->sent;
		n = send(p->fd, asks + at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			p->sent += (size_t)n;
		else if (poll(&wait, 1, -1) == 1 && wait.revents & POLLIN)
			return;
	}
}

/* Takes what has come.  Returns how many asks that completes. */
static uint64_t
pull(struct place *p)
{
	uint64_t before = p->got / (want_len * answers);
	ssize_t n = recv(p->fd, in, BATCH, 0);

	if (n <= 0)
		err(1, "recv");
	if (memcmp(in, wanted + p->got % want_len, (size_t)n) != 0)
		errx(1, "a wrong answer");
	p->got += (size_t)n;
	return p->got / (want_len * answers) - before;
}

static void
send_more(struct place *p, uint64_t count)
{
	p->due += count * ask_len;
	push(p);
}

/* Until all that was asked is answered. */
static void
turn(struct place *p, struct meter *meter)
{
	uint64_t done = pull(p);

	if (done > 0)
		meter_count(meter, done * messages);
	send_more(p, meter_is_over(meter) ? 0 : done);
}

static bool
is_owed(const struct place *p)
{
	return p->got / (want_len * answers) < p->due / ask_len;
}

static void
run_one(struct place *p, struct meter *meter)
{
	while (is_owed(p))
		turn(p, meter);
}

static void
run_all(struct place *places, size_t count, struct meter *meter)
{
	struct epoll_event events[PLACES], event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC), ready;
	size_t owed = count;

	for (size_t i = 0; i < count; i++) {
		event.data.ptr = &places[i];
		epoll_ctl(epoll, EPOLL_CTL_ADD, places[i].fd, &event);
	}
	while (owed > 0) {
		ready = epoll_wait(epoll, events, PLACES, -1);
		for (int i = 0; i < ready; i++) {
			turn(events[i].data.ptr, meter);
			owed -= !is_owed(events[i].data.ptr);
		}
	}
	close(epoll);
}

static void
run(const struct load *load)
{
	static struct place places[PLACES];
	struct meter meter = { 0 };

	for (size_t i = 0; i < load->connections; i++)
		places[i].fd = connect_to(load->address);
	meter_start(&meter, load);
	for (size_t i = 0; i < load->connections; i++)
		send_more(&places[i], messages > 1 ? 1 : load->depth);
	if (load->connections == 1)
		run_one(places, &meter);
	else
		run_all(places, load->connections, &meter);
	meter_tell(&meter);
}

/* Connections that have made a call, and no further one. */
static void
idle(const struct load *load)
{
	for (size_t i = 0; i < load->connections; i++) {
		struct place place = { .fd = connect_to(load->address) };

		send_more(&place, 1);
		while (is_owed(&place))
			pull(&place);
	}
	stay_idle();
}

int
main(int argc, char **argv)
{
	struct load load = load_from(argc, argv);

	prepare(&load);
	if (load.work == WORK_IDLE)
		idle(&load);
	else
		run(&load);
	return 0;
}
