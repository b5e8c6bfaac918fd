/*
 * The load client for all that serve reverse.x, by the command line of
 * test/bench/measure.h.  Every answer is compared.
 */
#include "test/bench/measure.h"
#include "test/bench/rpc.h"
#include "test/bench/streams.h"
#include "text/text.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { UNIT_BYTE = 2 };

/* A text with its length and its padding, and the result that is wanted. */
static char asked[TEXT_MAX + 8], wanted[TEXT_MAX + 64];
static size_t asked_len, wanted_len;

static void
prepare(const struct load *load)
{
	size_t padded = (load->bytes + 3) / 4 * 4;
	uint32_t len = __builtin_bswap32((uint32_t)load->bytes);

	memcpy(asked, &len, 4);
	load_fill_lines(asked + 4, load->bytes, load->bytes);
	asked_len = 4 + padded;
	/* STATUS_OK, the text, no metadata. */
	memcpy(wanted + 4, &len, 4);
	text_reverse((uint8_t *)wanted + 8, (const uint8_t *)asked + 4,
	    load->bytes, TEXT_BY_BYTE, NULL);
	wanted_len = 4 + 4 + padded + 4;
}

static void
send_calls(struct rpc *rpc, uint64_t count)
{
	for (; count > 0; count--) {
		rpc_begin(rpc, RPC_TEXT);
		rpc_put(rpc, 0); /* no deadline */
		rpc_put(rpc, 0); /* no metadata */
		rpc_put(rpc, UNIT_BYTE);
		rpc_put_bytes(rpc, asked, asked_len);
		rpc_end(rpc);
	}
	rpc_send(rpc);
}

/* Returns how many results have come, and were right. */
static uint64_t
take_results(struct rpc *rpc)
{
	const char *result;
	uint64_t count = 0;
	size_t len;

	rpc_receive(rpc);
	while ((result = rpc_result(rpc, &len)) != NULL) {
		if (len != wanted_len || memcmp(result, wanted, len) != 0)
			errx(1, "a wrong result of call %u", rpc->last);
		count++;
	}
	return count;
}

static bool
is_owed(const struct rpc *rpc)
{
	return rpc->answered < rpc->sent;
}

/* As many calls as were answered are sent again.  To the end each is read: the
 * textbook server would not survive replies that nobody reads. */
static void
turn(struct rpc *rpc, struct meter *meter)
{
	uint64_t done = take_results(rpc);

	if (done > 0)
		meter_count(meter, done);
	if (done > 0 && !meter_is_over(meter))
		send_calls(rpc, done);
}

static void
run_all(struct rpc *all, size_t count, struct meter *meter)
{
	struct epoll_event events[PLACES], event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC), ready;
	size_t owed = count;

	for (size_t i = 0; i < count; i++) {
		event.data.ptr = &all[i];
		epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &event);
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
run_texts(const struct load *load, struct meter *meter)
{
	static struct rpc all[PLACES];

	for (size_t i = 0; i < load->connections; i++)
		rpc_init(&all[i], load->address);
	meter_start(meter, load);
	for (size_t i = 0; i < load->connections; i++)
		send_calls(&all[i], load->depth);
	if (load->connections > 1)
		run_all(all, load->connections, meter);
	while (is_owed(&all[0]))
		turn(&all[0], meter);
	meter_tell(meter);
	for (size_t i = 0; i < load->connections; i++)
		rpc_deinit(&all[i]);
}

/* Each connection makes a call; one buffer is enough for all. */
static void
idle(const struct load *load)
{
	struct rpc rpc;

	for (size_t i = 0; i < load->connections; i++) {
		rpc_init(&rpc, load->address);
		send_calls(&rpc, 1);
		while (is_owed(&rpc))
			take_results(&rpc);
		rpc_release(&rpc);
	}
	stay_idle();
}

int
main(int argc, char **argv)
{
	struct load load = load_from(argc, argv);
	struct meter meter = { 0 };

	prepare(&load);
	switch (load.work) {
	case WORK_TEXT:
		run_texts(&load, &meter);
		break;
	case WORK_IDLE:
		idle(&load);
		break;
	default:
		streams_run(&load, &meter);
	}
	return 0;
}
